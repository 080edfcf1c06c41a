import Synchronization

/// Named questions that must be answered before a service takes traffic.
public final class ReadinessChecks: Sendable {
    public typealias Check = @Sendable () async throws -> Void

    /// What the checks say, by their names, sorted.
    public struct State: Equatable, Sendable {
        /// The service is ready when there are none.
        public var failing: [String] = []
        /// What a service that is ready does without.
        public var missing: [String] = []
    }

    private struct Entry {
        var isNeeded: Bool
        var check: Check
    }

    private let checks = Mutex<[String: Entry]>([:])
    private let timeout: Duration

    /// - Parameter timeout: how long one check may take before it counts as failed.
    public init(timeout: Duration = .seconds(2)) {
        self.timeout = timeout
    }

    /// Adds a check, or replaces the one of that name; it throws when the dependency is not usable.
    ///
    /// - Parameter isNeeded: `false` where a service that is ready goes on without it. While the service is not ready it counts
    ///   as failing like any other: it is what is waited for.
    public func register(_ name: String, isNeeded: Bool = true, _ check: @escaping Check) {
        checks.withLock { $0[name] = Entry(isNeeded: isNeeded, check: check) }
    }

    /// Asks all.
    public func state() async -> State {
        let (checks, timeout) = (checks.withLock { $0 }, timeout)
        let names = await withTaskGroup(of: String?.self) { group in
            for (name, entry) in checks {
                group.addTask { await Self.passes(entry.check, within: timeout) ? nil : name }
            }
            var names: [String] = []
            for await name in group { if let name { names.append(name) } }
            return names.sorted()
        }
        let isReady = !names.contains { checks[$0]?.isNeeded == true }
        return isReady ? State(missing: names) : State(failing: names)
    }

    /// Names of the checks for which the service is not ready now, sorted.
    public func failing() async -> [String] {
        await state().failing
    }

    private static func passes(_ check: @escaping Check, within timeout: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { (try? await check()) != nil }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return false
            }
            let passed = await group.next() ?? false
            group.cancelAll()
            return passed
        }
    }
}
