/// What one process runs: everything, or one of the five services.
enum ProcessKind: String, CaseIterable, Hashable, Sendable {
    case serve
    case gateway
    case registry
    case policy
    case derp
    case dns

    /// Whether it reaches the other parts over a bus outside of it.
    var needsBus: Bool { self != .serve }

    var needsDatabase: Bool { [.serve, .registry, .policy].contains(self) }

    /// Whether clients connect to it.
    var hasClients: Bool { [.serve, .gateway, .derp].contains(self) }
}
