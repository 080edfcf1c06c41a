import ServiceLifecycle
import Storage

/// The database of a process, and what keeps it.
struct OpenDatabase: Sendable {
    let registry: any RegistryStore
    /// Opens what is away at first, and closes it; `nil`: it is open already and needs no farewell.
    var service: (any Service)?
    /// Whether it was opened and its schema is as this program needs it.
    var isOpen: @Sendable () -> Bool = { true }

    /// What a service waits for that cannot begin without the database.
    var need: Need { Need(isThere: isOpen) }
}
