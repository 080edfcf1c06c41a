import Synchronization

/// How often each source may try something: a burst at once, then one more each interval.
///
/// It remembers one moment for each source, the one at which the whole burst is there again; at ``sourceLimit`` sources those
/// that are nearest to it are forgotten.
final class AttemptLimiter: Sendable {
    static let sourceLimit = 10_000

    private let burst: Int
    private let interval: Duration
    private let uptime: @Sendable () -> Duration
    private let recovered = Mutex<[String: Duration]>([:])

    init(burst: Int, interval: Duration, uptime: @escaping @Sendable () -> Duration = AttemptLimiter.systemUptime()) {
        self.burst = burst
        self.interval = interval
        self.uptime = uptime
    }

    /// How long the source has to wait; `nil`: it may try.
    ///
    /// A source that is not known is not limited.
    func delay(for source: String?) -> Duration? {
        guard let source else { return nil }
        let now = uptime()
        return recovered.withLock { delay(until: $0[source], now: now) }
    }

    /// Counts an attempt.
    func note(_ source: String?) {
        guard let source else { return }
        let now = uptime()
        recovered.withLock { recovered in
            if recovered[source] == nil, recovered.count >= Self.sourceLimit { Self.forget(&recovered, now: now) }
            recovered[source] = max(recovered[source] ?? now, now) + interval
        }
    }

    /// Counts an attempt, unless the source has to wait first.
    func take(_ source: String?) -> Duration? {
        if let delay = delay(for: source) { return delay }
        note(source)
        return nil
    }

    private func delay(until recovery: Duration?, now: Duration) -> Duration? {
        guard let recovery else { return nil }
        let wait = recovery - now - interval * (burst - 1)
        return wait > .zero ? wait : nil
    }

    private static func forget(_ recovered: inout [String: Duration], now: Duration) {
        recovered = recovered.filter { $0.value > now }
        guard recovered.count >= sourceLimit else { return }
        for (source, _) in recovered.sorted(by: { $0.value < $1.value }).prefix(sourceLimit / 2) {
            recovered[source] = nil
        }
    }

    /// Time since this call.
    static func systemUptime() -> @Sendable () -> Duration {
        let start = ContinuousClock.now
        return { ContinuousClock.now - start }
    }
}

extension Duration {
    /// Whole seconds, rounded up, at least one: what `Retry-After` says.
    var retrySeconds: Int { max(1, Int((self / .seconds(1)).rounded(.up))) }
}
