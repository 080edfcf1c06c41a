/// The policy in force, as its author wrote it.
///
/// Owner: policy. Readers: control-gateway, policy (other instances), registry (pools of addresses). Loss: it is repeated every 30 s.
///
/// Gateways compile it against their copy of users and nodes, so that a node that joins needs no message of its own.
public struct PolicyPublished: BusEvent, Hashable {
    public static let subject = "policy.published"

    /// Grows with each policy that is put in force; 0 while there never was one.
    public var revision: Int
    /// HuJSON; `nil`: no policy, everybody may reach everything.
    public var text: String?

    public init(revision: Int, text: String?) {
        self.revision = revision
        self.text = text
    }
}

/// Asks for the policy in force.
///
/// Owner: policy. Askers: control-gateway, registry.
public struct FetchPolicy: BusRequest, Hashable {
    public static let subject = "policy.fetch"

    public init() {}

    public typealias Response = PolicyPublished
}
