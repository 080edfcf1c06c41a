import Bus
import ControlModel
import Logging
import ServiceKit

/// Keeps up with settings that their owner publishes when they change.
///
/// Events are for speed; as they may be lost, the owner is asked now and then, too.
struct LevelFollower<Level: BusEvent>: Sendable {
    /// How often the owner is asked; up to a third less, so that gateways do not ask together.
    static var interval: Duration { .seconds(12) }

    private enum Input: Sendable {
        case event(Level)
        case ask
    }

    let bus: any Bus
    let tailnet: TailnetID
    let subject: String
    let logger: Logger
    var interval = Self.interval
    /// Asks the owner.
    let fetch: @Sendable () async throws -> Level
    /// Grows with each change; what is not newer is dropped.
    let revision: @Sendable (Level) -> Int
    let take: @Sendable (Level) async -> Void

    /// Follows until cancelled; calls `ready` once, when the first answer is in.
    func run(ready: () -> Void) async throws {
        let events = try await bus.events(Level.self, tailnet: tailnet)
        var held = Int.min
        try await Retry.untilDone(logger, subject) { await take(try await fetch(), newerThan: &held) }
        ready()
        let (inputs, sink) = AsyncStream.makeStream(of: Input.self, bufferingPolicy: .bufferingNewest(64))
        await withTaskGroup { group in
            group.addTask {
                for await event in events { sink.yield(.event(event)) }
                sink.finish()
            }
            group.addTask {
                let pace = Backoff(first: interval, cap: interval, jitter: 1.0 / 3)
                while (try? await Task.sleep(for: pace.delay(attempt: 0))) != nil { sink.yield(.ask) }
            }
            for await input in inputs {
                switch input {
                case .event(let level): await take(level, newerThan: &held)
                case .ask:
                    // An owner that is away is asked again next time; until then the last good settings hold.
                    if let level = try? await fetch() { await take(level, newerThan: &held) }
                }
            }
            group.cancelAll()
        }
    }

    private func take(_ level: Level, newerThan held: inout Int) async {
        guard revision(level) > held else { return }
        held = revision(level)
        await take(level)
    }
}
