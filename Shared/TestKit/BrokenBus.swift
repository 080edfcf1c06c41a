public import Bus
public import ControlModel
import Synchronization

/// A bus on which some subjects fail, as when the connection is away.
public final class BrokenBus: Bus {
    private struct Away: Error {}

    private let bus: any Bus
    private let broken: Mutex<Set<String>>

    public init(_ bus: any Bus, subjects: Set<String> = []) {
        self.bus = bus
        broken = Mutex(subjects)
    }

    /// From now on exactly these fail.
    ///
    /// What is being served or read goes on.
    public func breakSubjects(_ subjects: Set<String>) {
        broken.withLock { $0 = subjects }
    }

    public func publish<Event: BusEvent>(_ event: Event, tailnet: TailnetID) async throws(BusError) {
        try check(Event.subject)
        try await bus.publish(event, tailnet: tailnet)
    }

    public func events<Event: BusEvent>(
        _ type: Event.Type,
        tailnet: TailnetID
    ) async throws(BusError) -> AsyncStream<Event> {
        try check(Event.subject)
        return try await bus.events(type, tailnet: tailnet)
    }

    public func request<Request: BusRequest>(
        _ request: Request,
        tailnet: TailnetID,
        timeout: Duration
    ) async throws(BusError) -> Request.Response {
        try check(Request.subject)
        return try await bus.request(request, tailnet: tailnet, timeout: timeout)
    }

    public func serve<Request: BusRequest>(
        _ type: Request.Type,
        tailnet: TailnetID,
        handler: @escaping @Sendable (Request) async throws -> Request.Response
    ) async throws(BusError) {
        try check(Request.subject)
        try await bus.serve(type, tailnet: tailnet, handler: handler)
    }

    private func check(_ subject: String) throws(BusError) {
        guard !broken.withLock({ $0.contains(subject) }) else { throw .unavailable(cause: Away()) }
    }
}
