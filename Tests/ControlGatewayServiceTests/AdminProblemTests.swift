import Bus
import Foundation
import HTTPTypes
import Testing

@testable import ControlGatewayService

@Suite("admin API: problems")
struct AdminProblemTests {
    @Test(
        "what is not JSON is refused",
        arguments: ["{", "[]", "null", "name=anna", "\u{0}", #"{"name":}"#, #"{"name":["anna"]}"#]
    )
    func malformed(body: String) async throws {
        try await AdminHarness.with { harness async throws in
            let answer = try await harness.send(.post, "/api/v1/user", body: body)
            #expect(answer.status == 400)
            #expect(answer.contentType == "application/problem+json")
        }
    }

    @Test("a body beyond the limit is refused")
    func tooLong() async throws {
        try await AdminHarness.with { harness async throws in
            let name = String(repeating: "a", count: AdminAPI.bodyLimit)
            #expect(try await harness.send(.post, "/api/v1/user", body: #"{"name":"\#(name)"}"#).status == 413)
        }
    }

    @Test(
        "what headscale has and this server has not says so",
        arguments: [
            (HTTPRequest.Method.post, "/api/v1/debug/node")
        ]
    )
    func absent(method: HTTPRequest.Method, path: String) async throws {
        try await AdminHarness.with { harness async throws in
            let answer = try await harness.send(method, path)
            #expect(answer.status == 501)
            #expect(answer.value("detail")?.hasSuffix("is not supported by this server yet") == true)
        }
    }

    @Test(
        "what nobody has is not found",
        arguments: [(HTTPRequest.Method.get, "/api/v1/nothing"), (.delete, "/api/v1/a/b/c"), (.post, "/api/v1/users")]
    )
    func unknown(method: HTTPRequest.Method, path: String) async throws {
        try await AdminHarness.with { harness async throws in
            let answer = try await harness.send(method, path)
            #expect(answer.status == 404)
            #expect(answer.contentType == "application/problem+json")
        }
    }

    @Test(
        "each refusal has its status",
        arguments: [
            (RequestFailure.Reason.invalid, 400), (.notFound, 404), (.conflict, 409), (.unauthorized, 401),
            (.exhausted, 429), (.unavailable, 503), (.internalError, 500),
        ]
    )
    func statuses(reason: RequestFailure.Reason, status: Int) {
        let problem = AdminProblem(BusError.refused(RequestFailure(reason, "why")))
        #expect(problem.status.code == status)
        #expect(problem.detail == "why")
    }
}
