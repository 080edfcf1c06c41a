public import Bus
public import ControlModel
import Synchronization

/// One participant's view of a bus that loses, repeats and reorders what he hears, and can be cut off from it.
///
/// Faults befall events on their way to this participant, by a seeded source: equal seeds and events give equal faults. Requests and
/// answers are only touched by being cut off.
public final class FaultyBus: Bus {
    /// Shares of events, 0 to 1 together.
    public struct Faults: Sendable {
        public var lost = 0.0
        public var repeated = 0.0
        /// Held back behind up to ``delay`` later ones.
        public var late = 0.0
        public var delay = 5

        public init(lost: Double = 0, repeated: Double = 0, late: Double = 0, delay: Int = 5) {
            self.lost = lost
            self.repeated = repeated
            self.late = late
            self.delay = delay
        }

        public static let none = Faults()
    }

    /// What befell events so far.
    public struct Tally: Sendable, Equatable {
        public var lost = 0
        public var repeated = 0
        public var late = 0
        public var whole = 0
    }

    public struct CutOff: Error {}

    private struct State {
        var faults: Faults
        var random: SeededRandom
        var tally = Tally()
        var isCutOff = false
    }

    private let bus: any Bus
    private let state: Mutex<State>

    public init(_ bus: any Bus, seed: UInt64, faults: Faults = .none) {
        self.bus = bus
        state = Mutex(State(faults: faults, random: SeededRandom(seed: seed)))
    }

    public var tally: Tally { state.withLock { $0.tally } }

    public func set(_ faults: Faults) {
        state.withLock { $0.faults = faults }
    }

    /// While cut off the participant hears nothing, and what he says reaches nobody.
    public func setCutOff(_ isCutOff: Bool) {
        state.withLock { $0.isCutOff = isCutOff }
    }

    public func publish<Event: BusEvent>(_ event: Event, tailnet: TailnetID) async throws(BusError) {
        try checkReach()
        try await bus.publish(event, tailnet: tailnet)
    }

    public func events<Event: BusEvent>(
        _ type: Event.Type,
        tailnet: TailnetID
    ) async throws(BusError) -> AsyncStream<Event> {
        try checkReach()
        let events = try await bus.events(type, tailnet: tailnet)
        let lane = Lane<Event>()
        return AsyncStream {
            while true {
                if let event = lane.next() { return event }
                var iterator = events.makeAsyncIterator()
                guard let event = await iterator.next() else { return nil }
                lane.take(event, fate: self.fate())
            }
        }
    }

    public func request<Request: BusRequest>(
        _ request: Request,
        tailnet: TailnetID,
        timeout: Duration
    ) async throws(BusError) -> Request.Response {
        try checkReach()
        let response = try await bus.request(request, tailnet: tailnet, timeout: timeout)
        // The answer to what was asked before the cut.
        try checkReach()
        return response
    }

    public func serve<Request: BusRequest>(
        _ type: Request.Type,
        tailnet: TailnetID,
        handler: @escaping @Sendable (Request) async throws -> Request.Response
    ) async throws(BusError) {
        try await bus.serve(type, tailnet: tailnet, handler: handler)
    }

    private func checkReach() throws(BusError) {
        if state.withLock({ $0.isCutOff }) { throw .unavailable(cause: CutOff()) }
    }

    private func fate() -> Fate {
        state.withLock { state in
            if state.isCutOff {
                state.tally.lost += 1
                return .lost
            }
            let share = Double.random(in: 0..<1, using: &state.random)
            let faults = state.faults
            if share < faults.lost {
                state.tally.lost += 1
                return .lost
            }
            if share < faults.lost + faults.repeated {
                state.tally.repeated += 1
                return .repeated
            }
            if share < faults.lost + faults.repeated + faults.late {
                state.tally.late += 1
                return .late(behind: Int.random(in: 1...max(faults.delay, 1), using: &state.random))
            }
            state.tally.whole += 1
            return .whole
        }
    }
}

private enum Fate {
    case whole, lost, repeated
    case late(behind: Int)
}

/// Events on their way to one reader.
private final class Lane<Event: Sendable>: Sendable {
    private struct State {
        var ready: [Event] = []
        var late: [(event: Event, behind: Int)] = []
    }

    private let state = Mutex(State())

    func next() -> Event? {
        state.withLock { $0.ready.isEmpty ? nil : $0.ready.removeFirst() }
    }

    func take(_ event: Event, fate: Fate) {
        state.withLock { state in
            switch fate {
            case .whole: state.ready.append(event)
            case .lost: break
            case .repeated: state.ready += [event, event]
            case .late(let behind):
                state.late.append((event, behind + 1))
            }
            for index in state.late.indices { state.late[index].behind -= 1 }
            state.ready += state.late.filter { $0.behind == 0 }.map(\.event)
            state.late.removeAll { $0.behind == 0 }
        }
    }
}
