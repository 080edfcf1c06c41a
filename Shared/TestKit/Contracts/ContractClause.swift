/// One promise of a port, checked on an adapter.
///
/// A test target runs every clause of a contract on its adapter: `@Test(arguments: BusContract.clauses)`.
public struct ContractClause<Subject>: Sendable, CustomStringConvertible {
    /// A sentence.
    public let description: String
    /// Throws ``ContractViolation``, or an error of the adapter, when the promise is broken.
    public let check: @Sendable (Subject) async throws -> Void

    init(_ description: String, check: @escaping @Sendable (Subject) async throws -> Void) {
        self.description = description
        self.check = check
    }
}

/// An adapter breaks a promise of its port.
public struct ContractViolation: Error, CustomStringConvertible {
    public let description: String
}

func require(_ condition: Bool, _ complaint: @autoclosure () -> String, line: UInt = #line) throws {
    guard condition else { throw ContractViolation(description: "line \(line): \(complaint())") }
}

func require<Value: Equatable>(_ value: Value, is expected: Value, _ what: String = "", line: UInt = #line) throws {
    try require(value == expected, "\(what) expected \(expected), got \(value)", line: line)
}

func requireSome<Value>(_ value: Value?, _ what: String, line: UInt = #line) throws -> Value {
    guard let value else { throw ContractViolation(description: "line \(line): \(what) is missing") }
    return value
}
