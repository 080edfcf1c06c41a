/// A fact that its owner publishes.
///
/// Additive: fields may be added, never change meaning.
public protocol BusEvent: Sendable, Codable {
    /// Subject below the tailnet, e.g. `registry.changes`.
    static var subject: String { get }
}

/// A question to the owner of something.
public protocol BusRequest: Sendable, Codable {
    associatedtype Response: Sendable & Codable
    /// Subject below the tailnet, e.g. `registry.node.register`.
    static var subject: String { get }
}

/// An answer that says nothing but "done".
public struct Done: Sendable, Codable, Hashable {
    public init() {}
}
