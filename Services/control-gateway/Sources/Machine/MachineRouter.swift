import Bus
import ControlModel
import Keys
import Logging
import NIOCore
import ServiceKit
import TailcfgWire

/// Sends each request inside a Noise connection to its handler.
struct MachineRouter: Sendable {
    let register: RegisterHandler
    let map: MapHandler
    let ssh: SSHActionHandler
    let sshEvents: SSHEventHandler
    let logger: Logger

    func handle(_ request: MachineRequest, _ exchange: MachineExchange) async {
        logger.debug(
            "machine request",
            metadata: [
                LogKey.method: "\(request.method)", LogKey.path: "\(request.path)",
                LogKey.key: "\(request.machineKey.short)",
            ]
        )
        switch (request.method, request.path) {
        case ("POST", "/machine/register"):
            exchange.respond(await register.handle(request))
        case ("POST", "/machine/map"):
            await map.handle(request, exchange)
        case ("POST", "/machine/update-health"):
            exchange.respond(MachineResponse(status: 204, contentType: "text/plain", body: ByteBuffer()))
        case ("POST", "/machine/feature/query"):
            exchange.respond(Self.featureQuery(request))
        case (_, let path) where path.hasPrefix(SSHActionHandler.prefix):
            exchange.respond(await ssh.handle(request))
        case ("POST", SSHEventHandler.path):
            exchange.respond(await sshEvents.handle(request))
        case (_, "/machine/register"), (_, "/machine/map"):
            exchange.respond(.text(405, "use POST"))
        default:
            let isKnown = Self.unsupportedPaths.contains { request.path.hasPrefix($0) }
            exchange.respond(
                isKnown ? .text(501, "this server does not support \(request.path)") : .text(404, "no such path")
            )
        }
    }

    /// Paths of features that clients know and this server does not have; clients stop asking at a 501.
    private static let unsupportedPaths = [
        "/machine/audit-log", "/machine/id-token", "/machine/set-device-attr", "/machine/set-dns",
        "/machine/tka/", "/machine/webclient/", "/machine/whoami",
    ]

    /// Tells `tailscale serve` and `funnel` in words that the feature is not there.
    private static func featureQuery(_ request: MachineRequest) -> MachineResponse {
        guard let query = try? QueryFeatureRequest.decode(request.body) else {
            return .text(400, "the request body is not a feature query")
        }
        return .json(featureAnswer("This server does not offer \(query.feature)."))
    }

    private static func featureAnswer(_ text: String) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("Complete")
        writer.bool(false)
        writer.key("Text")
        writer.text(text)
        writer.endObject()
        return writer.take()
    }
}
