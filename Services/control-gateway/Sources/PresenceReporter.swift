import Bus
import ControlModel
import Logging
import ServiceKit
import Synchronization

/// Tells the registry which nodes hold a map stream here.
///
/// A level, not edges: what was not reported yet is gathered, and after a failure or a restart of the registry everything is
/// reported again. Reports repeat as a lease.
final class PresenceReporter: Sendable {
    /// A report at least this often keeps the gateway's lease.
    static let leaseInterval = Duration.seconds(10)
    /// Longest wait for the registry's word when the gateway leaves: a stop must not hang on it.
    static let leavingTimeout = Duration.seconds(2)
    /// After a failed report.
    static let retryInterval = Duration.seconds(1)

    private struct State {
        /// Streams by node: a node may open a stream before its older one has closed.
        var streams: [NodeID: Int] = [:]
        /// Nodes whose state differs from what was reported.
        var unreported: Set<NodeID> = []
        var mustReportAll = true
        /// Number of the last report.
        var sequence: Int64 = 0
    }

    private let state = Mutex(State())
    private let signal: AsyncStream<Void>
    private let trigger: AsyncStream<Void>.Continuation
    private let bus: any Bus
    private let tailnet: TailnetID
    private let gateway: String
    private let logger: Logger

    init(bus: any Bus, tailnet: TailnetID, gateway: String, logger: Logger) {
        (signal, trigger) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.bus = bus
        self.tailnet = tailnet
        self.gateway = gateway
        self.logger = logger
    }

    func streamOpened(_ node: NodeID) {
        let isFirst = state.withLock { state in
            state.streams[node, default: 0] += 1
            guard state.streams[node] == 1 else { return false }
            state.unreported.insert(node)
            return true
        }
        if isFirst { trigger.yield() }
    }

    func streamClosed(_ node: NodeID) {
        let isLast = state.withLock { state in
            guard let count = state.streams[node] else { return false }
            state.streams[node] = count > 1 ? count - 1 : nil
            guard count == 1 else { return false }
            state.unreported.insert(node)
            return true
        }
        if isLast { trigger.yield() }
    }

    /// Whether the node holds a map stream here.
    func holds(_ node: NodeID) -> Bool {
        state.withLock { $0.streams[node] != nil }
    }

    /// Reports until cancelled.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await self.renewLease() }
            trigger.yield()
            for await _ in signal where await !report() {
                guard (try? await Task.sleep(for: Self.retryInterval)) != nil else { break }
                trigger.yield()
            }
            group.cancelAll()
        }
    }

    /// Reports that all nodes have left, so that they do not stay online until the lease ends.
    func reportLeaving() async {
        state.withLock { state in
            state.streams = [:]
            state.mustReportAll = true
        }
        _ = await report(within: Self.leavingTimeout)
    }

    private func renewLease() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.leaseInterval)
            trigger.yield()
        }
    }

    private func report(within timeout: Duration = BusLimits.requestTimeout) async -> Bool {
        let report = takeReport()
        do {
            let answer = try await bus.request(report, tailnet: tailnet, timeout: timeout)
            if answer.wantsComplete { state.withLock { $0.mustReportAll = true } }
            return !answer.wantsComplete
        } catch .cancelled {
            // The gateway stops: what this report would have said goes with the last one.
            state.withLock { $0.mustReportAll = true }
            return false
        } catch {
            state.withLock { $0.mustReportAll = true }
            logger.debug("presence report failed", metadata: [LogKey.error: "\(error)"])
            return false
        }
    }

    private func takeReport() -> ReportPresence {
        state.withLock { state in
            let isComplete = state.mustReportAll
            let connected = isComplete ? Set(state.streams.keys) : state.unreported.filter { state.streams[$0] != nil }
            let disconnected = isComplete ? [] : state.unreported.filter { state.streams[$0] == nil }
            state.unreported = []
            state.mustReportAll = false
            state.sequence += 1
            return ReportPresence(
                gateway: gateway,
                sequence: state.sequence,
                connected: connected.sorted(),
                disconnected: disconnected.sorted(),
                isComplete: isComplete
            )
        }
    }
}
