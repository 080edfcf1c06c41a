import HTTPTypes
import Hummingbird
import ServiceKit

/// Operations that headscale has and this server does not have yet answer 501 and say so; everything else answers 404.
struct AdminAbsentRoutes: Sendable {
    private static let absent: [(method: HTTPRequest.Method, path: RouterPath, what: String)] = [
        (.post, "debug/node", "making nodes for tests")
    ]

    func register(on group: RouterGroup<SurfaceContext>) {
        for operation in Self.absent {
            group.on(operation.path, method: operation.method) { _, _ -> Response in
                throw AdminProblem(.notImplemented, "\(operation.what) is not supported by this server yet")
            }
        }
        for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete] {
            group.on("**", method: method) { request, _ -> Response in
                throw AdminProblem(.notFound, "there is no operation \(request.method) \(request.uri.path)")
            }
        }
    }
}
