import ServiceLifecycle
import Storage

/// The database of a process, and what keeps it.
struct OpenDatabase: Sendable {
    let store: any RegistryStore & PresenceStore & PolicyStore & PendingLoginStore & SSHConfirmationStore
    /// Opens what is away at first, and closes it; `nil`: it is open already and needs no farewell.
    var service: (any Service)?
    /// Whether it was opened and its schema is as this program needs it.
    var isOpen: @Sendable () -> Bool = { true }

    /// Throws where the database does not answer, or was not opened yet.
    func check() async throws {
        guard isOpen() else { throw CommandFailure("the database was not opened yet") }
        try await store.ping()
    }

    /// What a service waits for that cannot begin without the database.
    var need: Need { Need(isThere: isOpen) }
}
