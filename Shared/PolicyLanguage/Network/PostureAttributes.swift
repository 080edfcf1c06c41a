import ControlModel

/// What device posture conditions can look at; what a client did not say is absent.
///
/// - Source: Tailscale's documentation of device posture.
struct PostureAttributes {
    private(set) var all: [String: PostureValue] = [:]

    /// Namespaces keep apart what a client says of itself and what others know of it.
    init(_ node: Node) {
        self.init(node.hostinfo)
        for attribute in node.attributes where attribute.name.hasPrefix(DeviceAttribute.namespace) {
            all[attribute.name] = PostureValue(attribute.value)
        }
    }

    private init(_ hostinfo: Hostinfo) {
        if !hostinfo.os.isEmpty { all["node:os"] = .string(hostinfo.os.lowercased()) }
        if !hostinfo.osVersion.isEmpty { all["node:osVersion"] = .string(hostinfo.osVersion) }
        let version = hostinfo.clientVersion.prefix { $0 != "-" }
        if !version.isEmpty {
            all["node:tsVersion"] = .string(String(version))
            // Odd minor numbers are unstable releases.
            let minor = version.split(separator: ".").dropFirst().first.flatMap { Int($0) }
            if let minor { all["node:tsReleaseTrack"] = .string(minor.isMultiple(of: 2) ? "stable" : "unstable") }
        }
        all["node:tsAutoUpdate"] = .bool(hostinfo.allowsUpdate)
        if let isEncrypted = hostinfo.stateEncrypted { all["node:tsStateEncrypted"] = .bool(isEncrypted) }
    }
}

extension PostureValue {
    fileprivate init(_ value: DeviceAttribute.Value) {
        switch value {
        case .string(let value): self = .string(value)
        case .number(let value): self = .number(value)
        case .bool(let value): self = .bool(value)
        }
    }
}

extension PolicyDocument {
    /// The attributes of nodes that some posture asks for.
    public var askedAttributes: Set<String> {
        var names: Set<String> = []
        for conditions in postures.values { names.formUnion(conditions.map(\.attribute)) }
        return names
    }
}
