import Bus
import ControlModel
import HTTPTypes
import Hummingbird
import Logging
import ServiceKit

/// Where clients answer pings, over Noise and without; an answer for another gateway is passed on.
struct PingAnswers: Sendable {
    let desk: PingDesk
    let bus: any Bus
    let tailnet: TailnetID
    let logger: Logger
    /// Answers that nobody here waits for: others are asked a few times only.
    private let strays = AttemptLimiter(burst: 20, interval: .seconds(1))

    init(desk: PingDesk, bus: any Bus, tailnet: TailnetID, logger: Logger) {
        self.desk = desk
        self.bus = bus
        self.tailnet = tailnet
        self.logger = logger
    }

    func register(on router: Router<SurfaceContext>) {
        router.on(RouterPath(stringLiteral: PingDesk.path), method: .head) { request, context in
            let status = await take(query: request.uri.query ?? "", source: context.connection.source)
            return Response(status: .init(code: status))
        }
        router.get(RouterPath(stringLiteral: PingDesk.path)) { _, _ in Response(status: .methodNotAllowed) }
    }

    /// Takes an answer; the status for it.
    func take(query: String, source: String?) async -> Int {
        guard let token = PingDesk.token(inQuery: query) else { return 400 }
        if desk.answered(token) { return 200 }
        if let source, strays.take(source) != nil {
            ControlGatewayMetrics.limited("ping")
            return 429
        }
        do {
            try await bus.publish(PingAnswered(token: token), tailnet: tailnet)
        } catch {
            logger.debug("an answer was not passed on", metadata: [LogKey.error: "\(error)"])
        }
        return 404
    }

    /// Takes what came to other gateways; until cancelled.
    func follow() async throws {
        for await event in try await bus.events(PingAnswered.self, tailnet: tailnet) {
            _ = desk.answered(event.token)
        }
    }
}
