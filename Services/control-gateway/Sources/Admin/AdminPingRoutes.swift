import Bus
import ControlModel
import Hummingbird
import IPAddresses
import ServiceKit
import TailcfgWire

/// Pings: of a client, and of a peer by a client; headscale has none.
struct AdminPingRoutes: Sendable {
    let registry: AdminRegistry
    let clients: ClientQuestions

    func register(on group: RouterGroup<SurfaceContext>) {
        group.post("node/{id}/ping") { request, context in try await ping(request, context) }
    }

    private func ping(_ request: Request, _ context: SurfaceContext) async throws -> Response {
        let id = try context.adminIdentifier("id", of: NodeID.self)
        let body = try await AdminRequestBody.decode(PingBody.self, from: request)
        let patience = try AdminPatience.duration(body.timeout)
        let kind = try Self.kind(body.type)
        guard body.type == nil || body.to != nil else { throw AdminProblem.badField("body.to", "is missing") }
        let node = try await registry.ask(GetNode(node: id))
        do {
            guard let target = body.to else {
                return try AdminResponse.json(HereBody(try await clients.ping(node, within: patience)))
            }
            let address = try await address(of: target, for: node)
            let bytes = try await clients.ask(.ping(kind, address), of: node, within: patience)
            return try AdminResponse.json(PeerBody(try PingResponse.decode(bytes), address))
        } catch ClientSilence.silent where body.to != nil {
            throw AdminProblem(
                .gatewayTimeout,
                "node \(node.givenName) told no result within \(patience.components.seconds) s: it gives up without a word where "
                    + "a peer does not answer; whether it answers itself is seen without \"to\""
            )
        } catch let silence as ClientSilence {
            throw AdminProblem(silence, of: node, within: patience)
        } catch let fault as TailcfgDecodingError {
            throw AdminProblem(.badGateway, "the client's answer cannot be read: \(fault)")
        }
    }

    private static func kind(_ text: String?) throws(AdminProblem) -> PeerPing {
        guard let text else { return .disco }
        guard let kind = PeerPing.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
            let names = PeerPing.allCases.map { $0.rawValue.lowercased() }.joined(separator: ", ")
            throw .badField("body.type", "expected one of \(names)")
        }
        return kind
    }

    /// The address that a caller names by itself, or by a node's name or id.
    private func address(of target: String, for node: Node) async throws(AdminProblem) -> IPAddress {
        if let address = IPAddress(target) { return address }
        let nodes = try await registry.ask(ListNodes())
        let label = target.prefix { $0 != "." }.lowercased()
        let peer = nodes.first { $0.givenName == label } ?? NodeID(target).flatMap { id in nodes.first { $0.id == id } }
        guard let peer else { throw AdminProblem(.notFound, "there is no node \"\(target)\"") }
        // A family that both have.
        let families = Set(node.addresses.map(\.address.bitLength))
        let shared = peer.addresses.first { families.contains($0.address.bitLength) }
        guard let address = (shared ?? peer.addresses.first)?.address else {
            throw AdminProblem(.conflict, "node \(peer.givenName) has no address")
        }
        return address
    }

    private struct PingBody: Decodable {
        /// Whom the client pings: an address, or a node's name or id; without, the client itself is asked.
        var to: String?
        /// How: `disco`, `tsmp`, `icmp` or `peerapi`.
        var type: String?
        /// In seconds.
        var timeout: Double?
    }

    private struct HereBody: Encodable {
        var latencySeconds: Double

        init(_ latency: Duration) { latencySeconds = latency / .seconds(1) }
    }

    /// What a client tells of a ping; members without a value are left out.
    private struct PeerBody: Encodable {
        var type: String
        var address: String
        var nodeAddress: String?
        var nodeName: String?
        var error: String?
        var latencySeconds: Double?
        var endpoint: String?
        var peerRelay: String?
        var derpRegion: Int?
        var derpRegionCode: String?
        var isLocal: Bool

        init(_ answer: PingResponse, _ asked: IPAddress) {
            func text(_ text: String) -> String? { text.isEmpty ? nil : PageText.clean(text) }
            type = PageText.clean(answer.type)
            address = asked.description
            nodeAddress = text(answer.nodeAddress)
            nodeName = text(answer.nodeName)
            error = text(answer.error)
            latencySeconds = answer.latencySeconds > 0 ? answer.latencySeconds : nil
            endpoint = text(answer.endpoint)
            peerRelay = text(answer.peerRelay)
            derpRegion = answer.derpRegion == 0 ? nil : answer.derpRegion
            derpRegionCode = text(answer.derpRegionCode)
            isLocal = answer.isLocal
        }
    }
}
