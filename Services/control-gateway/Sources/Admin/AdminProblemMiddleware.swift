import Foundation
import HTTPTypes
import Hummingbird
import Logging
import ServiceKit

/// Turns whatever a handler throws into `application/problem+json`.
struct AdminProblemMiddleware: RouterMiddleware {
    typealias Context = SurfaceContext

    let logger: Logger

    func handle(
        _ request: Request,
        context: SurfaceContext,
        next: @concurrent (Request, SurfaceContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as AdminProblem {
            return try Self.response(problem)
        } catch let error as any HTTPResponseError {
            return try Self.response(AdminProblem(error.status, error.status.reasonPhrase.lowercased()))
        } catch {
            logger.error(
                "admin request failed",
                metadata: [LogKey.path: "\(request.uri.path)", LogKey.error: "\(String(reflecting: error))"]
            )
            return try Self.response(AdminProblem(.internalServerError, "internal error, see the server's log"))
        }
    }

    private static func response(_ problem: AdminProblem) throws -> Response {
        let body = Body(
            title: problem.status.reasonPhrase,
            status: problem.status.code,
            detail: problem.detail,
            errors: problem.fields
        )
        var response = try AdminResponse.json(body, status: problem.status)
        response.headers[.contentType] = "application/problem+json"
        if problem.status == .unauthorized {
            response.headers[.wwwAuthenticate] = "Bearer realm=\"swiftscale\""
        }
        return response
    }

    private struct Body: Encodable {
        var title: String
        var status: Int
        var detail: String
        var errors: [AdminProblem.FieldFault]
    }
}
