import Bus
import ControlModel
import CoreMetrics
import Foundation
import Keys
import NIOCore
import PolicyLanguage
import ServiceKit
import Synchronization
import TailcfgWire

/// Runs the network maps of one tailnet: takes changes in, gathers them, and sends the batches to the open streams.
///
/// All state lives on one event loop. Map streams live on theirs: they read the class log and are woken once a batch and
/// event loop, not once a stream.
final class NetmapEngine: Sendable {
    struct State {
        var netmap: Netmap
        /// Which streams of other gateways are newer than those here.
        var order: StreamOrder
        var tick = TickPolicy()
        var flush: Scheduled<Void>?
        var expiryTimer: RepeatedTask?
        /// Who waits for the next flush.
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// How often expired keys are looked for.
    private static let expiryInterval = TimeAmount.seconds(1)

    let loop: any EventLoop
    let state: NIOLoopBoundBox<State>
    let loops = Mutex<[ObjectIdentifier: LoopStreams]>([:])
    let streamCounter = Atomic<UInt64>(0)
    let metrics = MapMetrics()
    let announcer: StreamAnnouncer
    let now: @Sendable () -> Date

    /// - Parameter gateway: the name of this one.
    init(
        loop: any EventLoop,
        formats: NodeFormats,
        gateway: String,
        announcer: StreamAnnouncer,
        now: @escaping @Sendable () -> Date
    ) {
        self.loop = loop
        self.announcer = announcer
        self.now = now
        let state = State(netmap: Netmap(formats: formats), order: StreamOrder(gateway: gateway))
        self.state = NIOLoopBoundBox.makeBoxSendingValue(state, eventLoop: loop)
    }

    /// Starts looking for expired keys; until ``stop()``.
    func start() {
        loop.execute {
            self.state.value.expiryTimer = self.loop.scheduleRepeatedTask(
                initialDelay: Self.expiryInterval,
                delay: Self.expiryInterval
            ) { _ in
                if self.state.value.netmap.takeExpired(now: self.now()) { self.scheduleFlush(&self.state.value) }
            }
        }
    }

    func stop() {
        loop.execute {
            self.state.value.expiryTimer?.cancel()
            self.state.value.expiryTimer = nil
            self.state.value.flush?.cancel()
            self.state.value.flush = nil
            self.resumeWaiting()
        }
    }

    // What changes the maps

    func apply(_ changes: [RegistryChange]) async -> TailnetReplica.Receipt {
        await update { $0.replica.apply(changes) }
    }

    /// Takes a row that came in an answer of the registry, and before it its user where the copy lacks him.
    func apply(ahead node: Node, askingOn bus: any Bus, tailnet: TailnetID) async {
        if let user = node.user, await onLoop({ $0.netmap.replica.users[user] == nil }),
            let users = try? await bus.request(ListUsers(), tailnet: tailnet)
        {
            _ = await update { $0.replica.apply(ahead: users) }
        }
        _ = await update { $0.replica.apply(ahead: node) }
    }

    func apply(snapshotUsers users: [User], nodes: [Node]) async {
        _ = await update { $0.replica.apply(snapshotUsers: users, nodes: nodes) }
    }

    func finishSnapshot(version: Version, users: Set<UserID>, nodes: Set<NodeID>) async {
        _ = await update { $0.replica.finishSnapshot(version: version, users: users, nodes: nodes) }
    }

    /// Takes the relays that there are now.
    func set(relays map: DERPMap) {
        loop.execute {
            // A relay that goes and comes back is seen to do so, however soon: some clients connect again only then.
            if self.state.value.netmap.pendingSections.contains(.derpMap) { self.flush() }
        }
        set(.derpMap) { netmap in
            let before = netmap.replica.relays
            netmap.replica.relays.set(map)
            return netmap.replica.relays != before
        }
    }

    func set(dns: DNSSettings) {
        set(.dns) { netmap in
            guard netmap.replica.dns != dns else { return false }
            if netmap.replica.dns.baseDomain != dns.baseDomain { netmap.pending.formUnion(netmap.replica.nodes.keys) }
            netmap.replica.dns = dns
            return true
        }
    }

    /// Compiles a policy beside the loop, and puts it in force with the next flush.
    ///
    /// - Parameter document: `nil` for no policy.
    func set(policy document: PolicyDocument?) async {
        let network = await onLoop { $0.netmap.policyNetwork(for: document) }
        let started = NIODeadline.now()
        let compiled = CompiledPolicy(document, for: network)
        metrics.compile.recordNanoseconds((NIODeadline.now() - started).nanoseconds)
        await onLoop { state in
            state.netmap.set(policy: compiled)
            self.scheduleFlush(&state)
        }
    }

    // What map requests ask

    /// Waits until the policy engine knows a node as the replica has it: at once, but for nodes that just joined or changed.
    func untilCurrent(_ id: NodeID) async {
        await withCheckedContinuation { continuation in
            loop.execute {
                self.scheduleFlush(&self.state.value)
                if self.state.value.flush == nil || self.state.value.netmap.isCurrent(id) {
                    continuation.resume()
                } else {
                    self.state.value.waiting.append(continuation)
                }
            }
        }
    }

    private func resumeWaiting() {
        let waiting = state.value.waiting
        state.value.waiting = []
        for continuation in waiting { continuation.resume() }
    }

    func replicaVersion() async -> Version {
        await onLoop { $0.netmap.replica.version }
    }

    func node(withKey key: NodePublicKey) async -> Node? {
        await onLoop { $0.netmap.replica.node(withKey: key) }
    }

    /// A node of the copy, or of the registry where the copy lacks it.
    func node(_ id: NodeID, askingOn bus: any Bus, tailnet: TailnetID) async throws(BusError) -> Node? {
        if let node = await onLoop({ $0.netmap.replica.nodes[id] }) { return node }
        do {
            let node = try await bus.request(GetNode(node: id), tailnet: tailnet)
            await apply(ahead: node, askingOn: bus, tailnet: tailnet)
            return node
        } catch .refused(let failure) where failure.reason == .notFound {
            return nil
        }
    }

    /// The domain of the nodes' names; empty where there is none.
    func baseDomain() async -> String {
        await onLoop { $0.netmap.replica.dns.baseDomain }
    }

    /// The SSH rule that somebody from one node is let in by at another, as the last flush has it; `nil`: there is none.
    func sshRule(for check: SSHCheck) async -> SSHPolicyRule? {
        await onLoop { state in
            let (source, destination) = (check.source.rawValue, check.destination.rawValue)
            return state.netmap.engine.sshRule(from: source, to: destination, localUser: check.localUser)
        }
    }

    /// Those of the nodes that the copy has.
    func nodes(_ ids: [NodeID]) async -> [NodeID: Node] {
        await onLoop { state in
            let nodes = state.netmap.replica.nodes
            return Dictionary(uniqueKeysWithValues: ids.compactMap { id in nodes[id].map { (id, $0) } })
        }
    }

    // Ticks

    /// Runs `change` on the engine's loop and lets what it leaves pending go out.
    private func update(
        _ change: @escaping @Sendable (inout Netmap) -> TailnetReplica.Receipt
    ) async -> TailnetReplica.Receipt {
        await onLoop { state in
            let receipt = change(&state.netmap)
            state.netmap.take(receipt)
            self.scheduleFlush(&state)
            return receipt
        }
    }

    private func set(_ section: MapSection, _ change: @escaping @Sendable (inout Netmap) -> Bool) {
        loop.execute {
            guard change(&self.state.value.netmap) else { return }
            self.state.value.netmap.pendingSections.insert(section)
            self.scheduleFlush(&self.state.value)
        }
    }

    private func scheduleFlush(_ state: inout State) {
        guard state.flush == nil, state.netmap.hasPending else { return }
        state.flush = loop.scheduleTask(deadline: state.tick.deadline(now: .now())) { self.flush() }
    }

    private func flush() {
        let started = NIODeadline.now()
        state.value.flush?.cancel()
        state.value.flush = nil
        let flushed = state.value.netmap.flush(now: now())
        let ended = NIODeadline.now()
        state.value.tick.flushed(started: started, ended: ended)
        metrics.flush.recordNanoseconds((ended - started).nanoseconds)
        for (stream, farewell) in flushed.farewells { send(farewell, toStream: stream) }
        finish(flushed.endedStreams)
        resumeWaiting()
        if !flushed.isEmpty { allLoops.forEach { $0.wakeAll() } }
    }

    /// Runs `work` on the engine's loop.
    func onLoop<Result: Sendable>(_ work: @escaping @Sendable (inout State) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: work(&self.state.value)) }
        }
    }
}
