import ServiceLifecycle

extension ProcessContext {
    /// The bus outside of this process.
    func bus() throws(CommandFailure) -> OpenBus {
        throw CommandFailure("NATS is not supported yet")
    }
}
