import CMallocCount

/// What one run of a benchmark showed.
struct Measurement {
    var name: String
    /// Per operation, the median of the rounds.
    var duration: Duration
    /// Per operation, in the median round.
    var allocations: Double?
    /// Operations a second, or bytes where the operation has a length.
    var rate: String

    /// Measures `operation`, in rounds of about a fifth of a second, after one that does not count.
    ///
    /// - Parameter bytes: length of what one operation works on, for the rate; 0 for none.
    static func run(_ name: String, bytes: Int = 0, _ operation: () throws -> Void) rethrows -> Measurement {
        let clock = ContinuousClock()
        var perRound = 1
        while try clock.measure({ for _ in 0..<perRound { try operation() } }) < .milliseconds(100) { perRound *= 2 }
        var rounds: [(Duration, Double)] = []
        for _ in 0..<7 {
            let before = malloc_count_now()
            let elapsed = try clock.measure { for _ in 0..<perRound { try operation() } }
            rounds.append((elapsed / perRound, Double(malloc_count_now() - before) / Double(perRound)))
        }
        rounds.sort { $0.0 < $1.0 }
        let median = rounds[rounds.count / 2]
        return Measurement(name: name, median: median, bytes: bytes)
    }

    /// Measures something that can be done once only, with a fresh start each time.
    static func runOnce(
        _ name: String,
        prepare: () throws -> Void,
        _ operation: () throws -> Void
    ) rethrows -> Measurement {
        let clock = ContinuousClock()
        var rounds: [(Duration, Double)] = []
        for _ in 0..<5 {
            try prepare()
            let before = malloc_count_now()
            let elapsed = try clock.measure { try operation() }
            rounds.append((elapsed, Double(malloc_count_now() - before)))
        }
        rounds.sort { $0.0 < $1.0 }
        return Measurement(name: name, median: rounds[rounds.count / 2], bytes: 0)
    }

    /// Measures something that does `count` operations, once.
    static func runTimed(
        _ name: String,
        count: Int,
        _ operations: () async throws -> Void
    ) async rethrows -> Measurement {
        let before = malloc_count_now()
        let elapsed = try await ContinuousClock().measure(operations)
        let allocations = Double(malloc_count_now() - before) / Double(count)
        return Measurement(name: name, median: (elapsed / count, allocations), bytes: 0)
    }

    /// Something that was done `count` times in all, some of them at once.
    init(name: String, count: Int, duration: Duration) {
        self.name = name
        self.duration = duration / count
        rate = "\(Int(Double(count) / max(duration / .seconds(1), 1e-12)))/s"
    }

    /// How long something took that is not done again and again.
    init(name: String, duration: Duration) {
        self.name = name
        self.duration = duration
        rate = "-"
    }

    private init(name: String, median: (Duration, Double), bytes: Int) {
        self.name = name
        duration = median.0
        allocations = median.1
        let perSecond = 1 / max(median.0 / .seconds(1), 1e-12)
        rate = bytes == 0 ? "\(Int(perSecond))/s" : "\(Int(perSecond * Double(bytes) / 1e6)) MB/s"
    }

    var row: String {
        let microseconds = duration / .microseconds(1)
        let time = microseconds >= 100 ? "\(Int(microseconds))" : "\((microseconds * 100).rounded() / 100)"
        return "| \(name) | \(time) | \(rate) | \(allocations.map { "\(($0 * 10).rounded() / 10)" } ?? "-") |"
    }
}
