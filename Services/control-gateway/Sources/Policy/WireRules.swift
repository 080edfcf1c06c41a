import ControlModel
import IPAddresses
import PolicyLanguage
import TailcfgWire

extension WireFilterRule {
    /// What a rule allows; its sources are written apart.
    init(targetsOf rule: PacketFilterRule) {
        self.init(
            sources: [],
            destinations: rule.destinations.map {
                Destination(ip: $0.ip, firstPort: $0.ports.first, lastPort: $0.ports.last)
            },
            protocols: rule.protocols,
            capabilities: rule.capabilities.map {
                CapabilityGrant(destinations: $0.destinations, capabilities: CapabilityMap($0.capabilities))
            }
        )
    }
}

extension CapabilityMap {
    /// - Parameter others: go before capabilities of the same names.
    init(_ capabilities: [PacketFilterRule.Capability], and others: [String: [RawJSON]] = [:]) {
        var values: [String: [RawJSON]] = [:]
        for capability in capabilities {
            values[capability.name, default: []] += (capability.values ?? []).map {
                RawJSON(unchecked: $0.description)
            }
        }
        self.init(values.merging(others) { _, other in other })
    }
}

extension WireSSHRule {
    /// Recorders listen where tsrecorder does: port 80 of their tailnet addresses.
    static let recorderPort: UInt16 = 80
    /// Clients ask whatever server they are connected to.
    static let anyServer = "https://unused"

    init(_ rule: SSHPolicyRule) {
        let (action, recorders, mustRecord): (Action, [IPAddress], Bool) =
            switch rule.action {
            case .accept(let recorders, let mustRecord): (.accept, recorders, mustRecord)
            case .check(_, let recorders, let mustRecord):
                (.delegate(url: SSHPolicyRule.holdAndDelegateURL(server: Self.anyServer)), recorders, mustRecord)
            }
        self.init(
            principals: rule.principals,
            users: rule.users.map { UserMapping(requested: $0.requested, local: $0.local) },
            acceptEnv: rule.acceptEnv,
            action: action,
            recorders: recorders.map { IPEndpoint(address: $0, port: Self.recorderPort) },
            recordingFailure: mustRecord
                ? RecordingFailure(
                    rejection: "the session cannot be recorded",
                    termination: "the session can no longer be recorded",
                    notifyURL: Self.anyServer + SSHEventHandler.path
                ) : nil
        )
    }
}
