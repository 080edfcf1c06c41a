import ControlModel
import Foundation
import HTTPTypes
import Testing

@testable import ControlGatewayService

@Suite("admin API: questions to clients")
struct AdminClientRoutesTests {
    @Test("a client that is not connected cannot be asked, nor one that does not exist")
    func offline() async throws {
        try await AdminHarness.with { harness async throws in
            var node = try AdminNodeRoutesTests.node(7, user: nil)
            node.isOnline = false
            await harness.registry.add(node)
            for (path, body) in [("c2n", #"{"path":"/echo"}"#), ("ping", ""), ("ping", #"{"to":"100.64.0.7"}"#)] {
                let answer = try await harness.send(.post, "/api/v1/node/7/\(path)", body: body)
                #expect(answer.status == 409)
                #expect(answer.value("detail")?.contains("node laptop is not connected") == true, "\(answer.text)")
                #expect(try await harness.send(.post, "/api/v1/node/8/\(path)", body: body).status == 404)
                #expect(try await harness.send(.post, "/api/v1/node/x/\(path)", body: body).status == 400)
            }
        }
    }

    @Test("a client that is shown as connected and is not there is silent", arguments: ["c2n", "ping"])
    func silent(path: String) async throws {
        try await AdminHarness.with { harness async throws in
            try await harness.registry.add(AdminNodeRoutesTests.node(7, user: nil))
            let answer = try await harness.send(
                .post,
                "/api/v1/node/7/\(path)",
                body: path == "c2n" ? #"{"path":"/echo","timeout":1}"# : #"{"timeout":1}"#
            )
            #expect(answer.status == 504)
            #expect(answer.value("detail") == "node laptop did not answer within 1 s")
        }
    }

    @Test(
        "a request that is none is refused, with the field that is wrong",
        arguments: [
            (#"{}"#, "body.path"), (#"{"path":"echo"}"#, "body.path"), (#"{"path":"/a\r\nX: y"}"#, "body.path"),
            (#"{"path":"/","method":"get\r\n"}"#, "body.method"), (#"{"path":"/","timeout":0}"#, "body.timeout"),
            (#"{"path":"/","timeout":61}"#, "body.timeout"), (#"{"path":"/","timeout":"10s"}"#, "body.timeout"),
            (#"{"path":"/","base64":"?"}"#, "body.base64"), (#"{"path":"/","base64":"","body":""}"#, "body.base64"),
            (#"{"path":"/","contentType":"a\nb"}"#, "body.contentType"), (#"{"path":1}"#, "body.path"),
        ]
    )
    func badRequest(body: String, field: String) async throws {
        try await AdminHarness.with { harness async throws in
            try await harness.registry.add(AdminNodeRoutesTests.node(7, user: nil))
            let answer = try await harness.send(.post, "/api/v1/node/7/c2n", body: body)
            #expect(answer.status == 400)
            #expect(answer.list("errors").first?["location"] as? String == field, "\(answer.text)")
        }
    }

    @Test("a body that is too long is refused before anybody is asked")
    func longBody() async throws {
        try await AdminHarness.with { harness async throws in
            try await harness.registry.add(AdminNodeRoutesTests.node(7, user: nil))
            let text = String(repeating: "a", count: (32 << 10) + 1)
            let answer = try await harness.send(
                .post,
                "/api/v1/node/7/c2n",
                body: #"{"path":"/","body":"\#(text)"}"#
            )
            #expect(answer.status == 413)
        }
    }

    @Test(
        "a ping names a kind that there is, and somebody to ping",
        arguments: [
            (#"{"to":"laptop","type":"carrier"}"#, 400), (#"{"type":"tsmp"}"#, 400), (#"{"to":"nobody"}"#, 404),
        ]
    )
    func badPing(body: String, status: Int) async throws {
        try await AdminHarness.with { harness async throws in
            try await harness.registry.add(AdminNodeRoutesTests.node(7, user: nil))
            #expect(try await harness.send(.post, "/api/v1/node/7/ping", body: body).status == status)
        }
    }
}
