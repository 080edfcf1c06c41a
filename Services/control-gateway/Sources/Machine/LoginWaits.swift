import ControlModel
import Synchronization

/// The requests that are held here until somebody decides about their logins.
final class LoginWaits: Sendable {
    /// Requests held for one login: a client that lost its connection may come again before the old one is seen to be gone.
    static let perLogin = 4

    enum Wake: Sendable {
        /// Look again.
        case decided
        /// Too many newer requests wait for the same.
        case superseded
    }

    /// One request that waits.
    struct Wait: Sendable {
        fileprivate let id: UInt64
        fileprivate let login: LoginID
        fileprivate let wakes: AsyncStream<Wake>

        /// What woke it within `limit`; `nil`: nothing, or the task was cancelled.
        func wake(within limit: Duration) async -> Wake? {
            let wakes = wakes
            return await withTaskGroup(of: Wake?.self) { group in
                group.addTask {
                    for await wake in wakes { return wake }
                    return nil
                }
                group.addTask {
                    try? await Task.sleep(for: limit)
                    return nil
                }
                let first = await group.next() ?? nil
                group.cancelAll()
                return first
            }
        }
    }

    private struct State {
        var waits: [LoginID: [(id: UInt64, wake: AsyncStream<Wake>.Continuation)]] = [:]
        var lastID: UInt64 = 0
    }

    private let state = Mutex(State())

    /// From now on decisions about the login are noted; ``remove(_:)`` must follow.
    ///
    /// - Parameter limit: requests held for it; beyond it the oldest is superseded.
    func add(_ login: LoginID, limit: Int = perLogin) -> Wait {
        let (wakes, wake) = AsyncStream.makeStream(of: Wake.self, bufferingPolicy: .bufferingOldest(1))
        let (id, superseded) = state.withLock { state in
            state.lastID += 1
            var waits = state.waits[login] ?? []
            let superseded = waits.count >= limit ? waits.removeFirst().wake : nil
            waits.append((state.lastID, wake))
            state.waits[login] = waits
            return (state.lastID, superseded)
        }
        superseded?.yield(.superseded)
        return Wait(id: id, login: login, wakes: wakes)
    }

    func remove(_ wait: Wait) {
        state.withLock { state in
            state.waits[wait.login]?.removeAll { $0.id == wait.id }
            if state.waits[wait.login]?.isEmpty == true { state.waits[wait.login] = nil }
        }
    }

    func decided(_ login: LoginID) {
        let waits = state.withLock { $0.waits[login] ?? [] }
        for wait in waits { wait.wake.yield(.decided) }
    }

    /// Requests held for a login.
    func count(of login: LoginID) -> Int { state.withLock { $0.waits[login]?.count ?? 0 } }
}
