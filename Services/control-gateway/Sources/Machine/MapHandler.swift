import Bus
import ControlModel
import Keys
import Logging
import NIOCore
import ServiceKit
import TailcfgWire

/// `POST /machine/map`: map streams, single maps, and reports of what changed at the client.
struct MapHandler: Sendable {
    let bus: any Bus
    let tailnet: TailnetID
    let engine: NetmapEngine
    let presence: PresenceReporter
    /// `nil`: clients are not asked what they run on.
    let posture: PostureQueue?
    let callers: MachineCallers
    let reports = ReportLedger()
    /// Streams of one node: a full map makes a client come back at once when its stream ends, so that two machines with the same
    /// keys, each of which ends the other's, would come a hundred times a second.
    private let openings: AttemptLimiter
    /// How often the same is said of a node in the log.
    private let notices = AttemptLimiter(burst: 1, interval: .seconds(60))
    let logger: Logger

    init(
        bus: any Bus,
        tailnet: TailnetID,
        engine: NetmapEngine,
        presence: PresenceReporter,
        posture: PostureQueue?,
        openings: AttemptLimiter = AttemptLimiter(burst: 20, interval: .seconds(3)),
        logger: Logger
    ) {
        self.openings = openings
        self.bus = bus
        self.tailnet = tailnet
        self.engine = engine
        self.presence = presence
        self.posture = posture
        callers = MachineCallers(bus: bus, tailnet: tailnet, engine: engine)
        self.logger = logger
    }

    func handle(_ request: MachineRequest, _ exchange: MachineExchange) async {
        let wire: MapRequest
        do {
            wire = try MapRequest.decode(request.body)
        } catch {
            ControlGatewayMetrics.requestsRefused("undecodable")
            return exchange.respond(.text(400, "map request: \(error)"))
        }
        if let fault = RegisterHandler.fault(of: wire.version) { return exchange.respond(.text(400, fault)) }
        guard let node = await callers.node(wire.nodeKey, of: request) else {
            return exchange.respond(MachineCallers.refusal)
        }
        if wire.kind == .stream, let delay = openings.take("\(node.id)") {
            return exchange.respond(refuse(node, for: delay))
        }
        let unwritten = reports.expected(node)
        let status = NodeReport.status(of: wire, comparedWith: unwritten ?? node, isWritten: unwritten == nil)
        guard await report(status, of: node) else {
            return exchange.respond(.text(503, "the report cannot be taken right now, try again"))
        }
        switch wire.kind {
        case .stream: await stream(wire, node, exchange)
        case .statusReport: exchange.respond(.empty)
        case .singleResponse: await single(wire, node, exchange)
        }
    }

    /// Before its report is taken: whoever of the two spoke last would be believed.
    private func refuse(_ node: Node, for delay: Duration) -> MachineResponse {
        ControlGatewayMetrics.limited("map_stream")
        if notices.take("\(node.id)") == nil {
            logger.notice(
                "a node opens one map stream after another: do two machines have the same state?",
                metadata: [LogKey.node: "\(node.id)"]
            )
        }
        return .tooMany(retryAfter: delay.retrySeconds, "too many map streams, try again later")
    }

    private func report(_ status: NodeStatus?, of node: Node) async -> Bool {
        guard let status else { return true }
        let number = reports.add(status, of: node, now: .now)
        do {
            _ = try await bus.request(ReportNodeStatus(node: node.id, status: status), tailnet: tailnet)
            reports.took(number, of: node.id, now: .now)
            return true
        } catch {
            logger.warning(
                "status report failed",
                metadata: [LogKey.node: "\(node.id)", LogKey.error: "\(error)"]
            )
            return false
        }
    }

    private func stream(_ wire: MapRequest, _ node: Node, _ exchange: MachineExchange) async {
        let opening = NetmapEngine.Opening(
            node: node.id,
            isCompressed: wire.wantsZstd,
            wantsKeepAlive: wire.keepAlive,
            discoKey: wire.discoKey,
            hostinfo: wire.hostinfo
        )
        guard let opened = await engine.open(opening) else {
            return exchange.respond(MachineCallers.refusal)
        }
        guard await exchange.start(opened, presence) else {
            return engine.streamClosed(node: node.id, id: opened.stream)
        }
        posture?.add(node.id)
    }

    private func single(_ wire: MapRequest, _ node: Node, _ exchange: MachineExchange) async {
        let payload = await engine.singleMap(
            for: node.id,
            isCompressed: wire.wantsZstd,
            withPeers: !wire.omitPeers
        )
        guard let payload else { return exchange.respond(MachineCallers.refusal) }
        var body = ByteBuffer()
        for piece in payload.framed(allocator: ByteBufferAllocator()) { body.writeImmutableBuffer(piece) }
        exchange.respond(.json(body))
    }
}
