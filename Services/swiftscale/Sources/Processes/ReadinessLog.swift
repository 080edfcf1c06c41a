import Logging
import ServiceKit
import ServiceLifecycle

/// Says in the log what the process waits for, that it is ready, and when it no longer is.
struct ReadinessLog: Service {
    /// What to say about what fails now; pure.
    struct Decision {
        enum Line: Equatable {
            case ready
            case waiting([String])
        }

        /// A state that lasts shorter is not worth a line.
        static let patience = Duration.seconds(1)
        /// After this, the same is said again.
        static let reminder = Duration.seconds(30)

        private var said: Line?
        private var saidAt = Duration.zero
        private var seen: Line?
        private var seenAt = Duration.zero

        mutating func line(failing: [String], at now: Duration) -> Line? {
            let current = failing.isEmpty ? Line.ready : .waiting(failing)
            if current != seen { (seen, seenAt) = (current, now) }
            switch current {
            case .ready where said == .ready: return nil
            case .waiting where now - seenAt < Self.patience: return nil
            case .waiting where current == said && now - saidAt < Self.reminder: return nil
            case .ready, .waiting: break
            }
            (said, saidAt) = (current, now)
            return current
        }
    }

    private static let waitingInterval = Duration.milliseconds(50)
    private static let readyInterval = Duration.seconds(1)

    let checks: ReadinessChecks
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            let start = ContinuousClock.now
            var decision = Decision()
            while !Task.isCancelled {
                let failing = await checks.failing()
                if Task.isCancelled { return }
                say(decision.line(failing: failing, at: ContinuousClock.now - start))
                // Cancellation is seen by the loop.
                try? await Task.sleep(for: failing.isEmpty ? Self.readyInterval : Self.waitingInterval)
            }
        }
    }

    private func say(_ line: Decision.Line?) {
        switch line {
        case .ready: logger.notice("ready")
        case .waiting(let names):
            logger.warning("not ready, waiting", metadata: [LogKey.subject: "\(names.joined(separator: ", "))"])
        case nil: break
        }
    }
}
