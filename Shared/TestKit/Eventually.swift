/// Waits until `read` gives a value that satisfies `condition`, and returns it.
///
/// For states that another task brings about. Polls; throws ``NeverHappened`` with the last value read.
///
/// - Parameter pause: between two looks; longer where a look is costly.
@discardableResult
public func eventually<Value: Sendable>(
    _ what: String = "the condition",
    within limit: Duration = .seconds(60),
    every pause: Duration = .milliseconds(2),
    read: () async throws -> Value,
    until condition: (Value) throws -> Bool
) async throws -> Value {
    let deadline = ContinuousClock.now.advanced(by: limit)
    while true {
        let value = try await read()
        if try condition(value) { return value }
        guard ContinuousClock.now < deadline else { throw NeverHappened(what: what, within: limit, last: "\(value)") }
        try await Task.sleep(for: pause)
    }
}

/// Waits until `condition` holds.
public func eventually(
    _ what: String = "the condition",
    within limit: Duration = .seconds(60),
    every pause: Duration = .milliseconds(2),
    condition: () async throws -> Bool
) async throws {
    try await eventually(what, within: limit, every: pause, read: condition, until: { $0 })
}

/// What was waited for did not come to be.
public struct NeverHappened: Error, CustomStringConvertible {
    public let what: String
    public let within: Duration
    /// The last value read, as text.
    public let last: String

    public var description: String { "\(what) did not happen within \(within); last value: \(last)" }
}
