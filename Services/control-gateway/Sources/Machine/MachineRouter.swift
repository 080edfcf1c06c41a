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
    let pings: PingAnswers
    let answers: ClientAnswerHandler
    let ssh: SSHActionHandler
    let sshEvents: SSHEventHandler
    let tokens: IDTokenHandler
    let features: FeatureHandler
    let audit: AuditLogHandler
    let attributes: AttributeHandler
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
            exchange.respond(await Self.named(request) { await register.handle(request) })
        case ("POST", "/machine/map"):
            await map.handle(request, exchange)
        case ("POST", "/machine/update-health"):
            exchange.respond(MachineResponse(status: 204, contentType: "text/plain", body: ByteBuffer()))
        case ("POST", "/machine/feature/query"):
            exchange.respond(await features.handle(request))
        case (_, PingDesk.path):
            // Clients ask with HEAD or POST, whatever is easiest for them.
            let status = await pings.take(query: request.query, source: request.source)
            exchange.respond(MachineResponse(status: status, contentType: "text/plain", body: ByteBuffer()))
        case (_, let path) where path.hasPrefix(ClientDesk.path):
            exchange.respond(await answers.handle(request))
        case ("POST", "/machine/id-token"):
            exchange.respond(await tokens.handle(request))
        case ("POST", "/machine/audit-log"):
            exchange.respond(await Self.named(request) { await audit.handle(request) })
        case ("PATCH", "/machine/set-device-attr"):
            exchange.respond(await Self.named(request) { await attributes.handle(request) })
        case ("GET", "/machine/whoami"):
            exchange.respond(.text(200, request.machineKey.text))
        case (_, let path) where path.hasPrefix(SSHActionHandler.prefix):
            exchange.respond(await ssh.handle(request))
        case ("POST", SSHEventHandler.path):
            exchange.respond(await sshEvents.handle(request))
        case (_, "/machine/register"), (_, "/machine/map"):
            exchange.respond(.text(405, "use POST"))
        case (_, "/machine/set-device-attr"):
            exchange.respond(.text(405, "use PATCH"))
        default:
            let isKnown = Self.unsupportedPaths.contains { request.path.hasPrefix($0) }
            exchange.respond(
                isKnown ? .text(501, "this server does not support \(request.path)") : .text(404, "no such path")
            )
        }
    }

    /// Does what the audit log shall know the machine for.
    private static func named<Answer: Sendable>(_ request: MachineRequest, _ body: () async -> Answer) async -> Answer {
        let origin = RequestOrigin(actor: "machine \(request.machineKey.short)", source: request.source)
        return await RequestOrigin.$current.withValue(origin) { await body() }
    }

    /// Paths of features that clients know and this server does not have; clients stop asking at a 501.
    private static let unsupportedPaths = ["/machine/set-dns", "/machine/tka/", "/machine/webclient/"]
}
