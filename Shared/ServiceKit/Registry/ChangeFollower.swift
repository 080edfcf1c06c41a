public import Bus
public import ControlModel
public import Logging

/// Keeps a copy in step with the registry.
///
/// A snapshot at start, then events, put in order by `ChangeSequence`; what is lost is asked for, and where that is too much, or the copy
/// does not fit to it, a snapshot comes again.
public struct ChangeFollower: Sendable {
    private enum Input: Sendable {
        case event(RegistryChanges)
        /// Something has been missing for long enough.
        case check
    }

    private let bus: any Bus
    private let tailnet: TailnetID
    private let logger: Logger
    private let backoff: Backoff
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - backoff: between questions to a registry that does not answer.
    ///   - clock: for waiting between them only.
    public init(
        bus: any Bus,
        tailnet: TailnetID,
        logger: Logger,
        backoff: Backoff = Retry.backoff,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.bus = bus
        self.tailnet = tailnet
        self.logger = logger
        self.backoff = backoff
        self.clock = clock
    }

    /// Follows until cancelled.
    ///
    /// - Parameter ready: called once, when the first snapshot is in.
    /// - Throws: what `ready` throws, and `BusError` where events cannot be had.
    public func run(_ copy: some RegistryCopy, ready: () async throws -> Void = {}) async throws {
        // Before the snapshot, so that nothing falls between.
        let events = try await bus.events(RegistryChanges.self, tailnet: tailnet)
        var sequence = ChangeSequence(after: 0)
        try await untilDone("registry snapshot") { try await load(copy, &sequence) }
        try await ready()
        // As many as the bus keeps for a slow reader; an event lost here is asked for like any other.
        let (inputs, sink) = AsyncStream.makeStream(
            of: Input.self,
            bufferingPolicy: .bufferingNewest(BusLimits.pendingEvents)
        )
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                for await event in events { sink.yield(.event(event)) }
                sink.finish()
            }
            var isCheckComing = false
            for await input in inputs {
                let step: ChangeSequence.Step
                switch input {
                case .event(let event): step = sequence.take(event, now: .now)
                case .check:
                    isCheckComing = false
                    step = sequence.check(now: .now)
                }
                try await follow(step, copy, &sequence)
                guard let deadline = sequence.deadline, !isCheckComing else { continue }
                isCheckComing = true
                group.addTask {
                    // Cancelled means that nobody waits for it any more.
                    guard (try? await Task.sleep(until: deadline)) != nil else { return }
                    sink.yield(.check)
                }
            }
            group.cancelAll()
        }
    }

    private func follow(
        _ step: ChangeSequence.Step,
        _ copy: some RegistryCopy,
        _ sequence: inout ChangeSequence
    ) async throws {
        if !step.ready.isEmpty, await !copy.apply(step.ready) {
            return try await untilDone("registry snapshot") { try await load(copy, &sequence) }
        }
        guard let missing = step.missingAfter else { return }
        logger.debug("registry changes missing", metadata: [LogKey.version: "\(missing)"])
        try await untilDone("registry changes") { try await repair(copy, &sequence) }
    }

    private func repair(_ copy: some RegistryCopy, _ sequence: inout ChangeSequence) async throws {
        repeat {
            let since = sequence.version
            let answer = try await bus.request(FetchChanges(since: since), tailnet: tailnet)
            guard let changes = answer.changes else { return try await load(copy, &sequence) }
            if changes.isEmpty { return sequence.nothingIsMissing() }
            let ready = sequence.take(changes, now: .now).ready
            // An answer that does not go on where we are would be asked for again and again.
            guard sequence.version > since, await copy.apply(ready) else { return try await load(copy, &sequence) }
        } while sequence.deadline != nil
    }

    private func load(_ copy: some RegistryCopy, _ sequence: inout ChangeSequence) async throws {
        let first = try await bus.request(FetchSnapshot(), tailnet: tailnet)
        var snapshot = RegistrySnapshot(version: first.version, users: first.users, nodes: first.nodes)
        var next = first.next
        while let after = next {
            let part = try await bus.request(FetchSnapshot(after: after), tailnet: tailnet)
            snapshot.nodes += part.nodes
            // Parts go upwards; a registry at fault must not keep us here for ever.
            next = part.next.flatMap { $0 > after ? $0 : nil }
        }
        let version = await copy.replace(with: snapshot)
        let step = sequence.restart(after: version, now: .now)
        if !step.ready.isEmpty { _ = await copy.apply(step.ready) }
    }

    private func untilDone(_ subject: String, _ work: () async throws -> Void) async throws {
        try await Retry.untilDone(logger, subject, backoff: backoff, clock: clock, work)
    }
}
