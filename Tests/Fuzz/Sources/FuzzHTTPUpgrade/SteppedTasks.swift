import Foundation
import Synchronization

/// Runs all Swift tasks of this program on the thread that asks for it, in order.
///
/// libFuzzer calls a plain function and wants the same input to do the same: neither goes with the usual thread pool. The
/// runtime lets a program take the pool's place.
///
/// - Source: `swift_task_enqueueGlobal_hook` in the runtime's `Concurrency.h`.
enum SteppedTasks {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    private static let waiting = Mutex<[UnownedJob]>([])
    private static let executor = CallerExecutor()

    /// Has an effect once.
    static func install() {
        _ = isInstalled
    }

    /// Runs what waits now; returns how many pieces of tasks that were.
    static func runAll() -> Int {
        let jobs = waiting.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
        for job in jobs { job.runSynchronously(on: executor.asUnownedTaskExecutor()) }
        return jobs.count
    }

    private static let isInstalled: Bool = {
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "swift_task_enqueueGlobal_hook") else {
            preconditionFailure("the runtime has no hook for tasks")
        }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, _ in
            SteppedTasks.waiting.withLock { $0.append(job) }
        }
        return true
    }()
}

/// Stands for the thread that calls ``SteppedTasks/runAll()``.
private final class CallerExecutor: TaskExecutor {
    func enqueue(_ job: UnownedJob) {
        preconditionFailure("no task is bound to this executor")
    }
}
