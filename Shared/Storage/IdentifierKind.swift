/// A sequence of ids in a tailnet.
public enum IdentifierKind: String, Hashable, Sendable, CaseIterable {
    case user
    case node
    case authKey
    case apiKey
}
