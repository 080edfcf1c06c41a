public import ControlModel

/// Brings what a reader hears of a tailnet's changes into their order.
///
/// Events come in any order, repeated, with some missing: several registries publish each what it commits. What follows on what was
/// given out before is given out at once; what is early is held for a short time, then the reader is told what to ask for.
/// No I/O, no clock: time is a parameter.
public struct ChangeSequence: Sendable {
    public typealias Instant = ContinuousClock.Instant

    /// Early changes held at most; beyond it what is missing counts as lost at once.
    public static let limit = 4096
    /// How long a missing change may still come by itself.
    public static let patience = Duration.milliseconds(50)

    /// What to do now.
    public struct Step: Equatable, Sendable {
        /// The next changes, without a gap.
        public var ready: [RegistryChange]
        /// Set when changes are lost: fetch those after this version, and ``take(_:now:)`` them.
        public var missingAfter: Version?

        public init(ready: [RegistryChange] = [], missingAfter: Version? = nil) {
            self.ready = ready
            self.missingAfter = missingAfter
        }
    }

    /// The last version given out.
    public private(set) var version: Version
    /// Changes after it, that came early.
    private var held: [Version: RegistryChange] = [:]
    /// The highest version heard of.
    private var announced: Version
    /// Since when the next change is missing.
    private var missingSince: Instant?

    /// - Parameter version: what the reader has already.
    public init(after version: Version) {
        self.version = version
        announced = version
    }

    /// When to call ``check(now:)``; `nil` while nothing is missing.
    public var deadline: Instant? { missingSince.map { $0 + Self.patience } }

    /// Takes an event.
    public mutating func take(_ event: RegistryChanges, now: Instant) -> Step {
        if let version = event.version { announced = max(announced, version) }
        return take(event.changes, now: now)
    }

    /// Takes changes, of an event or of an answer.
    public mutating func take(_ changes: [RegistryChange], now: Instant) -> Step {
        var ready: [RegistryChange] = []
        for change in changes {
            announced = max(announced, change.version)
            if change.version == version + 1 {
                ready.append(change)
                version += 1
            } else if change.version > version {
                held[change.version] = change
            }
        }
        while let change = held.removeValue(forKey: version + 1) {
            ready.append(change)
            version += 1
        }
        // Those held may have come again among the ready ones.
        if !ready.isEmpty, !held.isEmpty { held = held.filter { $0.key > version } }
        if announced == version {
            missingSince = nil
        } else if missingSince == nil || !ready.isEmpty {
            missingSince = now
        }
        return Step(ready: ready, missingAfter: missing(now))
    }

    /// Looks whether a missing change has been waited for long enough.
    public func check(now: Instant) -> Step {
        Step(missingAfter: missing(now))
    }

    /// Starts after `version`, which a snapshot has shown; returns what is held after it.
    public mutating func restart(after version: Version, now: Instant) -> Step {
        guard version > self.version else { return check(now: now) }
        self.version = version
        announced = max(announced, version)
        held = held.filter { $0.key > version }
        missingSince = nil
        return take([], now: now)
    }

    /// The owner says that there is nothing after ``version``: what was heard of does not exist.
    public mutating func nothingIsMissing() {
        held = [:]
        announced = version
        missingSince = nil
    }

    private func missing(_ now: Instant) -> Version? {
        guard let missingSince else { return nil }
        return held.count > Self.limit || missingSince + Self.patience <= now ? version : nil
    }
}
