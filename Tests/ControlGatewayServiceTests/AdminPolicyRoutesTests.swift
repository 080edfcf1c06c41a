import Foundation
import HTTPTypes
import Testing

@testable import ControlGatewayService

@Suite("Admin API: policies")
struct AdminPolicyRoutesTests {
    @Test("a policy that is set is read back, with headscale's members and ours")
    func setAndGet() async throws {
        try await AdminHarness.with { harness async throws in
            #expect(try await harness.send(.get, "/api/v1/policy").status == 404)
            let body = #"{"policy": "// why\n{}", "note": "first"}"#
            let answer = try await harness.send(.put, "/api/v1/policy", body: body)
            #expect(answer.status == 200)
            for answer in [answer, try await harness.send(.get, "/api/v1/policy")] {
                #expect(answer.value("policy") == "// why\n{}")
                #expect(answer.value("updatedAt") == "2027-01-15T08:00:00Z")
                #expect(answer.value("author") == "local socket")
                #expect(answer.value("note") == "first")
                #expect(answer.json["revision"] as? Int == 1)
            }
        }
    }

    @Test("the author is the API key's prefix, never more of it")
    func author() async throws {
        try await AdminHarness.with { harness async throws in
            let key = "Bearer \(AdminFakeRegistry.goodKey)"
            let answer = try await harness.send(
                .put,
                "/api/v1/policy",
                body: #"{"policy": "{}"}"#,
                key: key,
                overSocket: false
            )
            #expect(answer.value("author") == "API key 0123456789ab")
        }
    }

    @Test("a refused policy is 400 with every fault and its place")
    func refused() async throws {
        try await AdminHarness.with { harness async throws in
            for (method, path) in [(HTTPRequest.Method.put, "/api/v1/policy"), (.post, "/api/v1/policy/check")] {
                let answer = try await harness.send(method, path, body: #"{"policy": "bad"}"#)
                #expect(answer.status == 400)
                #expect(answer.contentType == "application/problem+json")
                #expect(
                    answer.value("detail")
                        == "line 1, column 2: unknown field: \"bad\"; did you mean?\nline 3, column 4: something else"
                )
                #expect(
                    answer.list("errors").map { $0["location"] as? String } == ["body.policy:1:2", "body.policy:3:4"]
                )
            }
        }
    }

    @Test("a check that wants a report gets one, and changes nothing")
    func check() async throws {
        try await AdminHarness.with { harness async throws in
            #expect(try await harness.send(.post, "/api/v1/policy/check", body: #"{"policy": "{}"}"#).text == "{}")
            let bad = try await harness.send(
                .post,
                "/api/v1/policy/check",
                body: #"{"policy": "bad", "report": true}"#
            )
            #expect(bad.status == 200)
            #expect(bad.json["valid"] as? Bool == false)
            #expect(bad.list("errors").first?["line"] as? Int == 1)
            #expect(await harness.policies.revisions.isEmpty)
        }
    }

    @Test("an author who expects another revision gets 409")
    func conflict() async throws {
        try await AdminHarness.with { harness async throws in
            let body = #"{"policy": "{}", "expectedRevision": 4}"#
            #expect(try await harness.send(.put, "/api/v1/policy", body: body).status == 409)
        }
    }

    @Test("history comes in pages, and a rollback is a new revision")
    func history() async throws {
        try await AdminHarness.with { harness async throws in
            for number in 1...3 {
                _ = try await harness.send(.put, "/api/v1/policy", body: #"{"policy": "// \#(number)"}"#)
            }
            let page = try await harness.send(.get, "/api/v1/policy/history?limit=2")
            #expect(page.list("revisions").map { $0["revision"] as? Int } == [3, 2])
            #expect(page.list("revisions").first?["length"] as? Int == 4)
            let rest = try await harness.send(.get, "/api/v1/policy/history?before=2")
            #expect(rest.list("revisions").map { $0["revision"] as? Int } == [1])
            let back = try await harness.send(.post, "/api/v1/policy/rollback", body: #"{"revision": 1, "note": "n"}"#)
            #expect(back.json["revision"] as? Int == 4)
            #expect(back.value("policy") == "// 1")
            #expect(try await harness.send(.post, "/api/v1/policy/rollback", body: #"{"revision": 9}"#).status == 404)
            #expect(try await harness.send(.get, "/api/v1/policy?revision=2").value("policy") == "// 2")
        }
    }

    @Test("an explanation names rule and line")
    func explain() async throws {
        try await AdminHarness.with { harness async throws in
            let answer = try await harness.send(.get, "/api/v1/policy/explain?src=laptop&dst=web%3A22&proto=tcp")
            #expect(answer.json["allowed"] as? Bool == true)
            let first = try #require(answer.list("answers").first)
            #expect(first["source"] as? String == "laptop")
            #expect(first["destination"] as? String == "web:22")
            #expect((first["rule"] as? [String: Any])?["line"] as? Int == 4)
            let path = "/api/v1/policy/explain?src=nobody&dst=web"
            #expect(try await harness.send(.get, path).value("detail") == "names no node")
        }
    }

    @Test("a comparison takes revisions, policies and the one in force")
    func compare() async throws {
        try await AdminHarness.with { harness async throws in
            let body = #"{"before": {"revision": 3}, "after": {"policy": "{}"}}"#
            let answer = try await harness.send(.post, "/api/v1/policy/diff", body: body)
            let change = try #require(answer.list("access").first)
            #expect(change["sources"] as? [String] == ["3"])
            #expect(change["destinations"] as? [String] == ["{}"])
            #expect(change["gained"] as? [String] == ["22"])
        }
    }

    @Test(
        "a request that lacks something, or has nonsense, names the field",
        arguments: [
            (HTTPRequest.Method.put, "", "{}", "body.policy"), (.post, "/check", "{}", "body.policy"),
            (.post, "/rollback", "{}", "body.revision"), (.get, "/explain?dst=a", nil, "query.src"),
            (.get, "/explain?src=a", nil, "query.dst"), (.get, "/history?limit=x", nil, "query.limit"),
            (.get, "?revision=-1", nil, "query.revision"), (.put, "", #"{"policy": 7}"#, "body.policy"),
        ] as [(HTTPRequest.Method, String, String?, String)]
    )
    func faulty(method: HTTPRequest.Method, path: String, body: String?, field: String) async throws {
        try await AdminHarness.with { harness async throws in
            let answer = try await harness.send(method, "/api/v1/policy\(path)", body: body)
            #expect(answer.status == 400)
            #expect(answer.list("errors").map { $0["location"] as? String } == [field])
        }
    }

    @Test("a policy of several MiB is taken, and one beyond the limit is 413")
    func long() async throws {
        try await AdminHarness.with { harness async throws in
            let text = String(repeating: "x", count: 5 << 20)
            let taken = try await harness.send(.post, "/api/v1/policy/check", body: #"{"policy":"\#(text)"}"#)
            #expect(taken.status == 200)
            let long = String(repeating: "x", count: AdminAPI.policyBodyLimit)
            let refused = try await harness.send(.put, "/api/v1/policy", body: #"{"policy":"\#(long)"}"#)
            #expect(refused.status == 413)
        }
    }

    @Test("a role is one of those there are")
    func role() async throws {
        try await AdminHarness.with { harness async throws in
            let made = try await harness.send(.post, "/api/v1/user", body: #"{"name":"anna"}"#)
            #expect(made.value("user", "role") == "member")
            let id = try #require(made.value("user", "id"))
            let path = "/api/v1/user/\(id)/role"
            let answer = try await harness.send(.post, path, body: #"{"role": "network-admin"}"#)
            #expect(answer.value("user", "role") == "network-admin")
            #expect(try await harness.send(.post, path, body: #"{"role": "king"}"#).status == 400)
            #expect(try await harness.send(.post, "/api/v1/user/99/role", body: #"{"role": "admin"}"#).status == 404)
        }
    }
}
