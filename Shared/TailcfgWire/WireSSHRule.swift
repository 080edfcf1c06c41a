public import IPAddresses

/// One rule of an SSH policy, evaluated by the node that is logged in to; the first that fits decides.
///
/// - Source: `tailcfg.SSHRule`.
public struct WireSSHRule: Hashable, Sendable {
    /// Addresses of those who may come.
    public var principals: [IPAddress]
    /// Requested name to local name; `=` keeps the name, empty refuses it.
    public var users: [UserMapping]
    public var acceptEnv: [String]
    public var action: Action
    /// Where sessions are recorded.
    public var recorders: [IPEndpoint]
    /// What a session hears that cannot be recorded any more; `nil`: it goes on.
    public var recordingFailure: RecordingFailure?

    public init(
        principals: [IPAddress],
        users: [UserMapping],
        acceptEnv: [String] = [],
        action: Action,
        recorders: [IPEndpoint] = [],
        recordingFailure: RecordingFailure? = nil
    ) {
        self.principals = principals
        self.users = users
        self.acceptEnv = acceptEnv
        self.action = action
        self.recorders = recorders
        self.recordingFailure = recordingFailure
    }

    public struct UserMapping: Hashable, Sendable {
        public var requested: String
        public var local: String

        public init(requested: String, local: String) {
            self.requested = requested
            self.local = local
        }
    }

    public enum Action: Hashable, Sendable {
        /// Log in, with forwarding of agents and ports.
        case accept
        /// Ask at this URL first.
        case delegate(url: String)
    }

    public struct RecordingFailure: Hashable, Sendable {
        public var rejection: String
        public var termination: String
        /// Where the client tells of it; empty: nowhere.
        public var notifyURL: String

        public init(rejection: String, termination: String, notifyURL: String = "") {
            self.rejection = rejection
            self.termination = termination
            self.notifyURL = notifyURL
        }
    }
}

extension JSONWriter {
    /// Writes the SSH policy; without rules nobody may log in.
    public mutating func sshPolicyField(_ rules: [WireSSHRule]) {
        key("SSHPolicy")
        beginObject()
        key("rules")
        beginArray()
        for rule in rules { writeSSHRule(rule) }
        endArray()
        endObject()
    }

    private mutating func writeSSHRule(_ rule: WireSSHRule) {
        beginObject()
        key("principals")
        beginArray()
        for principal in rule.principals {
            beginObject()
            key("nodeIP")
            address(principal)
            endObject()
        }
        endArray()
        key("sshUsers")
        beginObject()
        for user in rule.users {
            key(text: user.requested)
            string(user.local)
        }
        endObject()
        if !rule.acceptEnv.isEmpty {
            key("acceptEnv")
            strings(rule.acceptEnv)
        }
        key("action")
        beginObject()
        writeAction(of: rule)
        endObject()
        endObject()
    }

    /// The members of an action, inside its object.
    mutating func writeAction(of rule: WireSSHRule) {
        switch rule.action {
        case .accept:
            key("accept")
            bool(true)
            key("allowAgentForwarding")
            bool(true)
            key("allowLocalPortForwarding")
            bool(true)
            key("allowRemotePortForwarding")
            bool(true)
        case .delegate(let url):
            key("holdAndDelegate")
            string(url)
        }
        if !rule.recorders.isEmpty {
            key("recorders")
            endpoints(rule.recorders)
        }
        if let failure = rule.recordingFailure, !rule.recorders.isEmpty {
            key("onRecordingFailure")
            beginObject()
            key("RejectSessionWithMessage")
            string(failure.rejection)
            key("TerminateSessionWithMessage")
            string(failure.termination)
            if !failure.notifyURL.isEmpty {
                key("NotifyURL")
                string(failure.notifyURL)
            }
            endObject()
        }
    }
}
