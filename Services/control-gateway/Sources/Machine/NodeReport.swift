import ControlModel
import Keys
import TailcfgWire

/// What of a map request is news.
enum NodeReport {
    /// The fields in which the request differs from the row; `nil` when there are none.
    ///
    /// A stream request is read-only to servers for endpoints and hostinfo, but the Rust client reports there too: what it
    /// says is taken, what it leaves out is not cleared.
    static func status(of request: MapRequest, comparedWith node: Node) -> NodeStatus? {
        guard !request.isReadOnly else { return nil }
        var status = NodeStatus()
        if !request.discoKey.isZero, request.discoKey != node.discoKey { status.discoKey = request.discoKey }
        if request.version != node.capabilityVersion { status.capabilityVersion = request.version }
        if let hostinfo = request.hostinfo { add(hostinfo, to: &status, node, isStream: request.isStream) }
        if !request.isStream || !request.endpoints.isEmpty, request.endpoints != node.endpoints {
            status.endpoints = request.endpoints
        }
        return status == NodeStatus() ? nil : status
    }

    private static func add(_ sent: Hostinfo, to status: inout NodeStatus, _ node: Node, isStream: Bool) {
        var hostinfo = sent
        // The Rust client leaves out in map requests what it said when it registered.
        if hostinfo.hostname.isEmpty { hostinfo.hostname = node.hostinfo.hostname }
        if hostinfo.netInfo == nil { hostinfo.netInfo = node.hostinfo.netInfo }
        if hostinfo != node.hostinfo { status.hostinfo = hostinfo }
        if let home = hostinfo.netInfo?.preferredDERP, home > 0, home != node.homeDERP { status.homeDERP = home }
    }
}
