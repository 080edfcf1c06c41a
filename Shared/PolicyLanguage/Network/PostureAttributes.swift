import ControlModel

/// What device posture conditions can look at; what a client did not say is absent.
///
/// - Source: Tailscale's documentation of device posture.
struct PostureAttributes {
    private(set) var all: [String: PostureValue] = [:]

    init(_ hostinfo: Hostinfo) {
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

extension PolicyDocument {
    /// The attributes of nodes that some posture asks for.
    public var askedAttributes: Set<String> {
        var names: Set<String> = []
        for conditions in postures.values { names.formUnion(conditions.map(\.attribute)) }
        return names
    }
}
