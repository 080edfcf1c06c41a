public import Bus
public import ControlModel
import Synchronization

/// The bus of one process; messages are handed over as values.
public final class InProcessBus: Bus {
    /// Requests of one kind that wait for a responder; more are refused with `.unavailable`.
    public static let waitingRequests = 65_536

    private struct State {
        /// Per topic, each subscriber's `AsyncStream<Event>.Continuation`.
        var subscribers: [Topic: [UInt64: any Sendable]] = [:]
        var lastSubscriber: UInt64 = 0
        var exchanges: Exchanges
    }

    private let state: Mutex<State>

    public init() {
        state = Mutex(
            State(
                exchanges: Exchanges(queueLimit: Self.waitingRequests, loadLimit: BusLimits.concurrentRequests)
            )
        )
    }

    public func publish<Event: BusEvent>(_ event: Event, tailnet: TailnetID) async throws(BusError) {
        let topic = Topic(event: Event.self, tailnet: tailnet)
        let subscribers = state.withLock { $0.subscribers[topic] } ?? [:]
        for case let subscriber as AsyncStream<Event>.Continuation in subscribers.values {
            subscriber.yield(event)
        }
    }

    public func events<Event: BusEvent>(
        _ type: Event.Type,
        tailnet: TailnetID
    ) async throws(BusError) -> AsyncStream<Event> {
        let topic = Topic(event: type, tailnet: tailnet)
        let (stream, continuation) = AsyncStream.makeStream(
            of: type,
            bufferingPolicy: .bufferingNewest(BusLimits.pendingEvents)
        )
        let id = state.withLock { state in
            state.lastSubscriber += 1
            state.subscribers[topic, default: [:]][state.lastSubscriber] = continuation
            return state.lastSubscriber
        }
        continuation.onTermination = { [weak self] _ in self?.unsubscribe(id, from: topic) }
        return stream
    }

    public func request<Request: BusRequest>(
        _ request: Request,
        tailnet: TailnetID,
        timeout: Duration
    ) async throws(BusError) -> Request.Response {
        let topic = Topic(request: Request.self, tailnet: tailnet)
        guard let (id, handovers) = state.withLock({ $0.exchanges.ask(request, topic: topic) }) else {
            throw .unavailable(cause: TooManyWaiting(subject: topic.subject))
        }
        for handover in handovers { handover.perform() }
        let outcome = await withTaskGroup { group in
            group.addTask { await self.expire(id, after: timeout) }
            let outcome = await self.outcome(of: id)
            group.cancelAll()
            return outcome
        }
        guard let response = try outcome.get() as? Request.Response else {
            throw .undecodable(subject: topic.subject, cause: UnexpectedType())
        }
        return response
    }

    public func serve<Request: BusRequest>(
        _ type: Request.Type,
        tailnet: TailnetID,
        handler: @escaping @Sendable (Request) async throws -> Request.Response
    ) async throws(BusError) {
        let topic = Topic(request: type, tailnet: tailnet)
        // Bounded by the load limit: no more are handed over than are being handled.
        let (stream, inbox) = AsyncStream.makeStream(of: Exchanges.ID.self)
        let (responder, waiting) = state.withLock { $0.exchanges.join(topic, inbox: inbox) }
        for handover in waiting { handover.perform() }
        await withDiscardingTaskGroup { group in
            for await id in stream {
                group.addTask { await self.answer(id, by: responder, topic: topic, handler: handler) }
            }
            let returned = self.state.withLock { $0.exchanges.leave(responder, topic: topic) }
            for handover in returned { handover.perform() }
        }
    }

    private func answer<Request: BusRequest>(
        _ id: Exchanges.ID,
        by responder: Exchanges.ID,
        topic: Topic,
        handler: @Sendable (Request) async throws -> Request.Response
    ) async {
        if let (request, origin) = state.withLock({ $0.exchanges.begin(id) }) {
            let outcome = await RequestOrigin.$current.withValue(origin) {
                await self.outcome(of: request, handler: handler)
            }
            settle(id, outcome)
        }
        let next = state.withLock { $0.exchanges.release(responder, topic: topic) }
        for handover in next { handover.perform() }
    }

    private func outcome<Request: BusRequest>(
        of request: any BusRequest,
        handler: @Sendable (Request) async throws -> Request.Response
    ) async -> Exchanges.Outcome {
        guard let request = request as? Request else {
            return .failure(.undecodable(subject: Request.subject, cause: UnexpectedType()))
        }
        do {
            return .success(try await handler(request))
        } catch let failure as RequestFailure {
            return .failure(.refused(failure))
        } catch {
            return .failure(.refused(Task.isCancelled ? .stopping : .internalError))
        }
    }

    private func outcome(of id: Exchanges.ID) async -> Exchanges.Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                if let outcome = state.withLock({ $0.exchanges.wait(for: id, with: waiter) }) {
                    waiter.resume(returning: outcome)
                }
            }
        } onCancel: {
            settle(id, .failure(.cancelled))
        }
    }

    private func expire(_ id: Exchanges.ID, after timeout: Duration) async {
        guard (try? await Task.sleep(for: timeout)) != nil,
            let lateness = state.withLock({ $0.exchanges.lateness(of: id) })
        else { return }
        settle(id, .failure(lateness))
    }

    private func settle(_ id: Exchanges.ID, _ outcome: Exchanges.Outcome) {
        state.withLock { $0.exchanges.settle(id, outcome) }?.resume(returning: outcome)
    }

    private func unsubscribe(_ id: UInt64, from topic: Topic) {
        state.withLock { state in
            state.subscribers[topic]?[id] = nil
            if state.subscribers[topic]?.isEmpty == true { state.subscribers[topic] = nil }
        }
    }
}

extension RequestFailure {
    /// Answered for a handler that ended because its service stops.
    fileprivate static let stopping = RequestFailure(.unavailable, "the responder is stopping, try again")
}

/// Too many requests of one kind wait for a responder.
private struct TooManyWaiting: Error {
    let subject: String
}

/// A request or an answer has another type than its topic says: never, as topics are made from types.
private struct UnexpectedType: Error {}
