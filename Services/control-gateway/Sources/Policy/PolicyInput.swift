import ControlModel
import Foundation
import IPAddresses
import PolicyLanguage

extension PolicyNode {
    /// The part of a node that a policy looks at: changes of anything else never reach the policy engine.
    ///
    /// - Parameter hasPostures: whether the policy asks for attributes at all; without, a new version of the client is no news.
    init(_ node: Node, hasPostures: Bool) {
        let announced = node.hostinfo.routableIPs.map(\.masked).withoutRepetition
        self.init(
            id: node.id.rawValue,
            name: "",
            user: node.user?.rawValue,
            tags: node.tags,
            ipv4: node.ipv4,
            ipv6: node.ipv6,
            announcedRoutes: announced,
            approvedRoutes: node.approvedRoutes.map(\.masked),
            // Of nodes that route nothing nobody asks whether they can be used.
            isAvailable: announced.isEmpty || node.isOnline,
            precedence: announced.isEmpty ? 0 : node.routerPrecedence,
            attributes: hasPostures ? node.postureAttributes : [:]
        )
    }
}

extension Node {
    /// Who of several routers came first: `lastSeen` of a connected node is when it connected.
    ///
    /// A router that was away comes back after those that took over, so routes stay where they went; every gateway finds the
    /// same order in the same rows.
    fileprivate var routerPrecedence: Int64 {
        lastSeen.map { Int64(clamping: Int(($0.timeIntervalSince1970 * 1000).rounded())) } ?? 0
    }

    /// - Source: Tailscale's documentation of device posture.
    fileprivate var postureAttributes: [String: PostureValue] {
        var attributes: [String: PostureValue] = [:]
        if !hostinfo.os.isEmpty { attributes["node:os"] = .string(hostinfo.os.lowercased()) }
        if !hostinfo.osVersion.isEmpty { attributes["node:osVersion"] = .string(hostinfo.osVersion) }
        if let version = hostinfo.clientVersion.split(separator: "-").first {
            attributes["node:tsVersion"] = .string(String(version))
            let minor = version.split(separator: ".").dropFirst().first.flatMap { Int($0) }
            attributes["node:tsReleaseTrack"] = .string((minor ?? 0) % 2 == 0 ? "stable" : "unstable")
        }
        if let isEncrypted = hostinfo.stateEncrypted { attributes["node:tsStateEncrypted"] = .bool(isEncrypted) }
        return attributes
    }
}

extension [IPPrefix] {
    fileprivate var withoutRepetition: [IPPrefix] {
        var seen: Set<IPPrefix> = []
        return filter { seen.insert($0).inserted }
    }
}
