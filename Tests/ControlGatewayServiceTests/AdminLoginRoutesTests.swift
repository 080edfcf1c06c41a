import ControlModel
import Foundation
import HTTPTypes
import Keys
import TestKit
import Testing

@Suite("admin API: logins")
struct AdminLoginRoutesTests {
    private static let absent = LoginID.prefix + String(repeating: "0", count: 24)

    private func withLogin(_ body: (AdminHarness, PendingLogin) async throws -> Void) async throws {
        try await AdminHarness.with { harness async throws in
            var login = PendingLogin.fixture(1)
            login.hostinfo.requestTags = ["tag:a"]
            await harness.registry.add(login)
            _ = try await harness.send(.post, "/api/v1/user", body: #"{"name":"anna"}"#)
            try await body(harness, login)
        }
    }

    @Test("logins are listed, and a device is let in for a user by name or id", arguments: ["anna", "1"])
    func register(user: String) async throws {
        try await withLogin { harness, login async throws in
            let list = try await harness.send(.get, "/api/v1/auth").list("logins")
            #expect(list.map { $0["id"] as? String } == [login.id.rawValue])
            #expect(list.map { $0["state"] as? String } == ["waiting"])
            #expect(list.map { $0["tags"] as? [String] } == [["tag:a"]])
            let body = #"{"authId":"\#(login.id)","user":"\#(user)"}"#
            let answer = try await harness.send(.post, "/api/v1/auth/register", body: body)
            #expect(answer.status == 200)
            #expect((answer.json["node"] as? [String: Any])?["name"] as? String == "host1")
        }
    }

    @Test("the older form takes the login's id or the node key, in the body or as query")
    func older() async throws {
        try await withLogin { harness, login async throws in
            let byKey = "/api/v1/node/register?user=anna&key=\(login.nodeKey.text)"
            #expect(try await harness.send(.post, byKey).status == 200)
            let body = #"{"key":"\#(login.id)","user":"anna"}"#
            #expect(try await harness.send(.post, "/api/v1/node/register", body: body).status == 200)
            #expect(try await harness.send(.post, "/api/v1/node/register?user=anna&key=nodekey:00").status == 404)
        }
    }

    @Test("a device is turned away")
    func reject() async throws {
        try await withLogin { harness, login async throws in
            let body = #"{"authId":"\#(login.id)"}"#
            #expect(try await harness.send(.post, "/api/v1/auth/reject", body: body).text == "{}")
            #expect(await harness.registry.logins.map(\.state) == [.rejected])
        }
    }

    @Test(
        "a user or a login that is missing, malformed or not there is refused",
        arguments: [
            ("register", "{}", 400), ("register", #"{"authId":"ID"}"#, 400),
            ("register", #"{"authId":"x","user":"anna"}"#, 400),
            ("register", #"{"authId":"ABSENT","user":"anna"}"#, 404),
            ("register", #"{"authId":"ID","user":"bert"}"#, 404),
            ("register", #"{"authId":"ID","user":""}"#, 400), ("register", #"{"authId":7,"user":"anna"}"#, 400),
            ("approve", "{}", 400), ("approve", #"{"authId":"x"}"#, 400), ("approve", #"{"authId":"ABSENT"}"#, 404),
            ("approve", #"{"authId":"ID"}"#, 400), ("reject", "{}", 400),
            ("reject", #"{"authId":"hskey-authreq-"}"#, 400),
            ("reject", #"{"authId":"ABSENT"}"#, 404),
        ]
    )
    func refused(verb: String, body: String, status: Int) async throws {
        try await withLogin { harness, login async throws in
            let text = body.replacing("ABSENT", with: Self.absent).replacing("ID", with: login.id.rawValue)
            let answer = try await harness.send(.post, "/api/v1/auth/\(verb)", body: text)
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer.contentType.contains("problem+json"))
            #expect(await harness.registry.nodes.isEmpty)
            #expect(await harness.registry.logins.map(\.state) == [.waiting])
        }
    }
}
