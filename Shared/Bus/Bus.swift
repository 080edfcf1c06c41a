public import ControlModel

/// How services reach each other: events to whoever listens, requests to one responder.
///
/// Adapters pass `BusContract`. Messages of one tailnet and subject arrive in the order in which one publisher sent them. A
/// message may be lost when a reader is too slow or cut off; so events are levels with versions, and readers repair gaps.
public protocol Bus: Sendable {
    /// Sends an event to all who are subscribed now.
    func publish<Event: BusEvent>(_ event: Event, tailnet: TailnetID) async throws(BusError)

    /// Events published after this call returned, until the stream's reader stops.
    ///
    /// A reader that falls ``BusLimits/pendingEvents`` behind loses the oldest ones.
    func events<Event: BusEvent>(_ type: Event.Type, tailnet: TailnetID) async throws(BusError) -> AsyncStream<Event>

    /// Asks one responder, waiting for one to appear, up to `timeout`.
    func request<Request: BusRequest>(
        _ request: Request,
        tailnet: TailnetID,
        timeout: Duration
    ) async throws(BusError) -> Request.Response

    /// Answers requests of one kind until the calling task is cancelled; several callers share the load.
    ///
    /// Requests are handled concurrently. Whatever else the handler throws is sent as ``RequestFailure/internalError``.
    func serve<Request: BusRequest>(
        _ type: Request.Type,
        tailnet: TailnetID,
        handler: @escaping @Sendable (Request) async throws -> Request.Response
    ) async throws(BusError)
}

extension Bus {
    /// Asks one responder within ``BusLimits/requestTimeout``.
    public func request<Request: BusRequest>(
        _ request: Request,
        tailnet: TailnetID
    ) async throws(BusError) -> Request.Response {
        try await self.request(request, tailnet: tailnet, timeout: BusLimits.requestTimeout)
    }
}

/// Bounds of the bus, the same for every adapter.
public enum BusLimits {
    /// Events waiting for one slow reader; beyond it the oldest are lost and the reader sees a gap.
    public static let pendingEvents = 65_536
    /// Requests of one kind handled at once by one responder; more wait.
    public static let concurrentRequests = 256
    public static let requestTimeout = Duration.seconds(10)
}
