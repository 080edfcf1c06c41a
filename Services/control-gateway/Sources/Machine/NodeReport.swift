import ControlModel
import Keys
import TailcfgWire

/// What of a map request is news.
enum NodeReport {
    /// The fields in which the request differs from the node; `nil` when there are none.
    ///
    /// A stream request is read-only to servers for endpoints and hostinfo, but the Rust client reports there too: what it
    /// says is taken, what it leaves out is not cleared.
    /// - Parameter isWritten: Whether the registry has the node like this already; if not, all that was sent counts as news.
    static func status(of request: MapRequest, comparedWith node: Node, isWritten: Bool = true) -> NodeStatus? {
        guard !request.isReadOnly else { return nil }
        func news<Value: Equatable>(_ sent: Value, _ known: Value) -> Value? {
            isWritten && sent == known ? nil : sent
        }
        var status = NodeStatus()
        if !request.discoKey.isZero { status.discoKey = news(request.discoKey, node.discoKey) }
        status.capabilityVersion = news(request.version, node.capabilityVersion)
        if let sent = request.hostinfo {
            let hostinfo = completed(sent, from: node)
            status.hostinfo = news(hostinfo, node.hostinfo)
            if let home = hostinfo.netInfo?.preferredDERP, home > 0 { status.homeDERP = news(home, node.homeDERP) }
        }
        if !request.isStream || !request.endpoints.isEmpty {
            status.endpoints = news(request.endpoints, node.endpoints)
        }
        return status == NodeStatus() ? nil : status
    }

    /// The Rust client leaves out in map requests what it said when it registered.
    private static func completed(_ sent: Hostinfo, from node: Node) -> Hostinfo {
        var hostinfo = sent
        if hostinfo.hostname.isEmpty { hostinfo.hostname = node.hostinfo.hostname }
        if hostinfo.netInfo == nil { hostinfo.netInfo = node.hostinfo.netInfo }
        return hostinfo
    }
}
