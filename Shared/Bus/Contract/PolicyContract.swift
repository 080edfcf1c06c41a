public import ControlModel

/// The policy in force.
///
/// Owner: policy. Reader: control-gateway. Loss: the next ``FetchPolicy``, which gateways send at their start.
public struct PolicyPublished: BusEvent, Hashable {
    public static let subject = "policy.compiled"

    public var policy: CompiledPolicy

    public init(policy: CompiledPolicy) {
        self.policy = policy
    }
}

/// Asks for the policy in force.
///
/// Owner: policy. Asker: control-gateway.
public struct FetchPolicy: BusRequest, Hashable {
    public static let subject = "policy.compiled.fetch"

    public init() {}

    public typealias Response = PolicyPublished
}
