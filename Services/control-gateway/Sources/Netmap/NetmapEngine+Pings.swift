import ControlModel
import IPAddresses
import NIOCore

extension NetmapEngine {
    /// Sends a client a message that is about no state; `false` when it has no stream here.
    func send(_ message: ByteBuffer, to node: NodeID) async -> Bool {
        guard let stream = await onLoop({ $0.netmap.viewers[node]?.stream }) else { return false }
        send(message, toStream: stream)
        return true
    }

    /// Whether a client has a stream here.
    func holdsStream(of node: NodeID) async -> Bool {
        await onLoop { $0.netmap.viewers[node] != nil }
    }

    /// Routers with a map stream here.
    func heldRouters() async -> [HeldRouter] {
        await onLoop { $0.netmap.heldRouters() }
    }
}

extension Netmap {
    /// Routers of subnets with a map stream here, and whether others have their routes, too.
    func heldRouters() -> [HeldRouter] {
        var counts: [IPPrefix: Int] = [:]
        var routers: [(node: Node, routes: [IPPrefix])] = []
        for node in replica.nodes.values where node.isOnline && !node.hostinfo.routableIPs.isEmpty {
            let routes = node.servedRoutes.filter { $0.length > 0 }
            guard !routes.isEmpty else { continue }
            routers.append((node, routes))
            for route in routes { counts[route, default: 0] += 1 }
        }
        return routers.compactMap { node, routes in
            guard let stream = viewers[node.id]?.stream else { return nil }
            return HeldRouter(
                node: node.id,
                stream: stream,
                isShared: routes.contains { counts[$0, default: 0] > 1 },
                isUnhealthy: node.isUnhealthy
            )
        }
    }
}
