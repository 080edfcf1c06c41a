import Testing

/// Behaviour of the whole system, seen by clients and administrators.
///
/// One after the other: each scenario has a system of its own, and its waits have bounds.
@Suite("Scenarios", .serialized, .inEveryShape, .namingShapes)
enum Scenarios {}
