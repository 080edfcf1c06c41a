public import Bus
public import ControlModel
import CoreMetrics
import Foundation
import ServiceKit
import Synchronization

/// The side of the asker.
extension NATSBus {
    private static let backoff = Backoff(first: .milliseconds(10), cap: .milliseconds(250), jitter: 0.5)

    /// What one attempt came to.
    private enum Attempt {
        case answered(IncomingMessage)
        /// Nobody has begun it; the error is for when time is up.
        case notBegun(BusError)
    }

    public func request<Request: BusRequest>(
        _ request: Request,
        tailnet: TailnetID,
        timeout: Duration
    ) async throws(BusError) -> Request.Response {
        let begin = ContinuousClock.now
        do throws(BusError) {
            let payload = try encode(request, subject: Request.subject)
            let answer = try await answer(to: payload, Request.subject, tailnet, until: begin + timeout)
            let response = try decode(answer, as: Request.Response.self, subject: Request.subject)
            metrics.request(.answered)
            metrics.requestSeconds.recordNanoseconds((ContinuousClock.now - begin).nanoseconds)
            return response
        } catch {
            metrics.request(error.requestResult)
            throw error
        }
    }

    /// Asks again while nobody has begun it and there is time.
    private func answer(
        to payload: Data,
        _ name: String,
        _ tailnet: TailnetID,
        until deadline: ContinuousClock.Instant
    ) async throws(BusError) -> IncomingMessage {
        var attempts = 0
        while true {
            let reason: BusError
            switch try await attempt(payload, name, tailnet, until: deadline) {
            case .answered(let message): return message
            case .notBegun(let error): reason = error
            }
            let delay = Self.backoff.delay(attempt: attempts)
            attempts += 1
            let left = ContinuousClock.now.duration(to: deadline)
            let isLast = left <= delay
            guard (try? await Task.sleep(for: isLast ? max(left, .zero) : delay)) != nil else { throw .cancelled }
            if isLast { throw reason }
        }
    }

    private func attempt(
        _ payload: Data,
        _ name: String,
        _ tailnet: TailnetID,
        until deadline: ContinuousClock.Instant
    ) async throws(BusError) -> Attempt {
        openInbox()
        let end = max(deadline, .now + NATSBusLimits.shortestAttempt)
        let id = conversations.withLock { $0.open() }
        defer { conversations.withLock { $0.end(id) } }
        let isWhole = payload.count <= connection.payloadLimit
        var message = OutgoingMessage(subject: subject(name, tailnet), reply: inbox + String(id), mayBeCut: false)
        message.headers = [(.timeout, String(ContinuousClock.now.duration(to: end).milliseconds))]
        if let origin = RequestOrigin.current?.header { message.headers.append((.origin, origin)) }
        if isWhole { message.payload = payload } else { message.headers.append((.length, String(payload.count))) }
        do {
            try connection.send(message)
        } catch {
            let failure = BusError.unavailable(cause: error)
            if case .closed = error { throw failure }
            return .notBegun(failure)
        }
        var answer = try await self.message(id, until: end, subject: name)
        if !isWhole, answer.status == ReplyStatus.proceed.rawValue, let place = answer.reply {
            try send(OutgoingMessage(subject: place, payload: payload))
            answer = try await self.message(id, until: end, subject: name)
        }
        if answer.isNoResponders { return .notBegun(.noResponder(subject: name)) }
        if answer.status == ReplyStatus.again.rawValue { return .notBegun(.noResponder(subject: name)) }
        return .answered(answer)
    }

    private func message(
        _ id: Conversations.ID,
        until end: ContinuousClock.Instant,
        subject: String
    ) async throws(BusError) -> IncomingMessage {
        let outcome = await withTaskGroup { group in
            group.addTask { await self.expire(id, at: end) }
            let outcome = await self.outcome(of: id)
            group.cancelAll()
            return outcome
        }
        switch outcome {
        case .message(let message): return message
        case .late: throw .timeout(subject: subject)
        case .cancelled: throw .cancelled
        case .closed: throw .unavailable(cause: NATSBusError.closed)
        }
    }

    private func outcome(of id: Conversations.ID) async -> Conversations.Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                if let outcome = conversations.withLock({ $0.wait(for: id, with: waiter) }) {
                    waiter.resume(returning: outcome)
                }
            }
        } onCancel: {
            conversations.withLock { $0.settle(id, .cancelled) }?.resume(returning: .cancelled)
        }
    }

    private func expire(_ id: Conversations.ID, at end: ContinuousClock.Instant) async {
        guard (try? await Task.sleep(until: end)) != nil else { return }
        conversations.withLock { $0.settle(id, .late) }?.resume(returning: .late)
    }

    private func decode<Response: Decodable>(
        _ answer: IncomingMessage,
        as type: Response.Type,
        subject: String
    ) throws(BusError) -> Response {
        let failure: RequestFailure
        do {
            if answer.status == nil { return try JSONDecoder().decode(type, from: answer.payload) }
            // Any status that is not known says no; a later release may know more of them.
            failure = try JSONDecoder().decode(RequestFailure.self, from: answer.payload)
        } catch {
            throw .undecodable(subject: subject, cause: error)
        }
        throw .refused(failure)
    }
}

extension BusError {
    fileprivate var requestResult: NATSBusMetrics.RequestResult {
        switch self {
        case .noResponder: .noResponder
        case .timeout: .timeout
        case .unavailable: .unavailable
        case .cancelled: .cancelled
        case .refused: .refused
        case .undecodable: .undecodable
        }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
