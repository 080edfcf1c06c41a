import NIOCore
import ServiceKit
import ServiceLifecycle

/// Tells a promise the port of a listener, once it is bound.
struct BoundPort: Service {
    let listener: Listener
    let promise: EventLoopPromise<Int>

    static func promise(on group: any EventLoopGroup) -> EventLoopPromise<Int> {
        group.any().makePromise()
    }

    func run() async throws {
        do {
            promise.succeed(try await listener.boundAddress().port ?? 0)
        } catch {
            promise.fail(error)
            throw error
        }
        try await gracefulShutdown()
    }
}
