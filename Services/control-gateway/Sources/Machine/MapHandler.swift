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
    let callers: MachineCallers
    let reports = ReportLedger()
    let logger: Logger

    init(
        bus: any Bus,
        tailnet: TailnetID,
        engine: NetmapEngine,
        presence: PresenceReporter,
        logger: Logger
    ) {
        self.bus = bus
        self.tailnet = tailnet
        self.engine = engine
        self.presence = presence
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

    private func report(_ status: NodeStatus?, of node: Node) async -> Bool {
        guard let status else { return true }
        reports.add(status, of: node, now: .now)
        do {
            _ = try await bus.request(ReportNodeStatus(node: node.id, status: status), tailnet: tailnet)
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
        if await !exchange.start(opened, presence) {
            engine.streamClosed(node: node.id, id: opened.stream)
        }
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
