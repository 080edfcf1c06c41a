import Synchronization

/// Named questions that must all be answered before a service takes traffic.
public final class ReadinessChecks: Sendable {
    public typealias Check = @Sendable () async throws -> Void

    private let checks = Mutex<[String: Check]>([:])
    private let timeout: Duration

    /// - Parameter timeout: how long one check may take before it counts as failed.
    public init(timeout: Duration = .seconds(2)) {
        self.timeout = timeout
    }

    /// Adds a check, or replaces the one of that name; it throws when the dependency is not usable.
    public func register(_ name: String, _ check: @escaping Check) {
        checks.withLock { $0[name] = check }
    }

    /// Names of the checks that fail now, sorted.
    public func failing() async -> [String] {
        let (checks, timeout) = (checks.withLock { $0 }, timeout)
        return await withTaskGroup(of: String?.self) { group in
            for (name, check) in checks {
                group.addTask { await Self.passes(check, within: timeout) ? nil : name }
            }
            var names: [String] = []
            for await name in group { if let name { names.append(name) } }
            return names.sorted()
        }
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
