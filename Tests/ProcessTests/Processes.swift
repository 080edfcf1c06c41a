import Testing

/// Scenarios on real processes, one after another: each has a bus, a database and several processes of its own.
@Suite("Processes", .serialized)
enum Processes {}
