/// Why the adapter cannot do something; callers of the bus see it as the cause of a `BusError`.
public enum NATSBusError: Error {
    /// The configuration cannot work: a file that is missing or wrong, no server, a malformed address.
    case invalidConfiguration(reason: String)
    /// There is no connection to a server now; it is being made.
    case disconnected
    /// The server takes messages more slowly than they are sent.
    case outboxFull
    /// The bus was closed.
    case closed
    /// The library says no; its words are for the log.
    case library(call: String, reason: String)
}
