import ControlModel
import Storage

/// For how long this process has seen gateways' beats and nodes' marks unchanged, and what is over by that.
///
/// Time is a duration on a clock that never goes back, given with each look. It counts only while looks follow each other: when
/// one fails, or comes late, gateways may have been unable to report, and all starts anew.
struct PresenceWatch: Sendable {
    struct Limits: Sendable {
        /// How long a node stays online that nobody holds.
        var grace = Duration.seconds(10)
        /// How long a gateway's report holds.
        var lease = Duration.seconds(30)
        /// Longest time between two looks.
        var patience = Duration.seconds(5)
    }

    /// What is over, and since when it was seen unchanged.
    struct Ends: Equatable {
        struct Lease: Equatable {
            var gateway: String
            var beat: Int64
            var since: Duration
        }

        struct Grace: Equatable {
            var node: NodeID
            var mark: Int64
            var since: Duration
        }

        var leases: [Lease] = []
        var graces: [Grace] = []
    }

    private struct Sighting {
        var number: Int64
        var since: Duration
        var deadline: Duration
    }

    private let limits: Limits
    private var lastLook: Duration?
    private var gateways: [String: Sighting] = [:]
    private var leaving: [NodeID: Sighting] = [:]

    init(limits: Limits) {
        self.limits = limits
    }

    /// Takes what is there now and tells what is over.
    mutating func look(at survey: PresenceSurvey, now: Duration) -> Ends {
        let isFresh = lastLook.map { now - $0 > limits.patience } ?? true
        lastLook = now
        // Whoever is seen for the first time after an interruption has the time to report once more, and its clients to return.
        let extra = isFresh ? limits.lease + limits.grace : .zero
        if isFresh { (gateways, leaving) = ([:], [:]) }
        gateways = Self.sightings(survey.gateways, before: gateways, now: now, limit: max(limits.lease, extra))
        leaving = Self.sightings(survey.leaving, before: leaving, now: now, limit: max(limits.grace, extra))
        return Ends(
            leases: gateways.filter { $0.value.deadline <= now }.sorted { $0.key < $1.key }
                .map { .init(gateway: $0.key, beat: $0.value.number, since: $0.value.since) },
            graces: leaving.filter { $0.value.deadline <= now }.sorted { $0.key < $1.key }
                .map { .init(node: $0.key, mark: $0.value.number, since: $0.value.since) }
        )
    }

    /// A look failed, or gateways cannot report: what was seen counts no more.
    mutating func interrupt() {
        lastLook = nil
    }

    private static func sightings<Key>(
        _ numbers: [Key: Int64],
        before: [Key: Sighting],
        now: Duration,
        limit: Duration
    ) -> [Key: Sighting] {
        var sightings: [Key: Sighting] = [:]
        for (key, number) in numbers {
            if let known = before[key], known.number == number {
                sightings[key] = known
            } else {
                sightings[key] = Sighting(number: number, since: now, deadline: now + limit)
            }
        }
        return sightings
    }
}
