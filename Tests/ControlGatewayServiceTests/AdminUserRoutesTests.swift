import Foundation
import HTTPTypes
import Testing

@Suite("admin API: users and health")
struct AdminUserRoutesTests {
    @Test("a user is made with headscale's members, all of them written")
    func create() async throws {
        try await AdminHarness.with { harness async throws in
            let answer = try await harness.send(
                .post,
                "/api/v1/user",
                body: #"{"name":"anna","displayName":"Anna B","email":"a@x.org","pictureUrl":"p"}"#
            )
            #expect(answer.status == 200)
            #expect(answer.contentType == "application/json")
            #expect(
                answer.text
                    == #"{"user":{"createdAt":"2027-01-15T08:00:00Z","displayName":"Anna B","email":"a@x.org","id":"1","#
                    + #""name":"anna","profilePicUrl":"p","provider":"","providerGroups":[],"providerId":"","role":"member"}}"#
            )
        }
    }

    @Test("a name that breaks the rules is refused with the rule")
    func badName() async throws {
        try await AdminHarness.with { harness async throws in
            let answer = try await harness.send(.post, "/api/v1/user", body: #"{"name":"1"}"#)
            #expect(answer.status == 400)
            #expect(answer.value("detail") == "a user name has at least 2 characters")
            #expect(try await harness.send(.post, "/api/v1/user").status == 400)
        }
    }

    @Test("a second user of one name is a conflict")
    func duplicate() async throws {
        try await AdminHarness.with { harness async throws in
            _ = try await harness.send(.post, "/api/v1/user", body: #"{"name":"anna"}"#)
            let answer = try await harness.send(.post, "/api/v1/user", body: #"{"name":"anna"}"#)
            #expect(answer.status == 409)
            #expect(answer.value("title") == "Conflict")
            #expect(answer.contentType == "application/problem+json")
        }
    }

    @Test("users are listed by id, and found by id, name or e-mail address")
    func list() async throws {
        try await AdminHarness.with { harness async throws in
            for name in ["anna", "bert", "carl"] {
                _ = try await harness.send(.post, "/api/v1/user", body: #"{"name":"\#(name)","email":"\#(name)@x"}"#)
            }
            func names(_ query: String) async throws -> [String] {
                try await harness.send(.get, "/api/v1/user" + query).list("users").compactMap { $0["name"] as? String }
            }
            #expect(try await names("") == ["anna", "bert", "carl"])
            #expect(try await names("?id=2") == ["bert"])
            #expect(try await names("?name=carl") == ["carl"])
            #expect(try await names("?email=anna@x") == ["anna"])
            #expect(try await names("?name=nobody") == [])
            #expect(try await harness.send(.get, "/api/v1/user?id=x").status == 400)
        }
    }

    @Test("a user is renamed, percent-encoded names included, and deleted")
    func renameAndDelete() async throws {
        try await AdminHarness.with { harness async throws in
            _ = try await harness.send(.post, "/api/v1/user", body: #"{"name":"anna"}"#)
            let renamed = try await harness.send(.post, "/api/v1/user/1/rename/anna%40x.org")
            #expect(renamed.value("user", "name") == "anna@x.org")
            #expect(try await harness.send(.delete, "/api/v1/user/1").text == "{}")
            #expect(try await harness.send(.delete, "/api/v1/user/1").status == 404)
        }
    }

    @Test("an id that is none is named", arguments: ["0", "-1", "abc", "99999999999999999999", "1.5"])
    func badIdentifier(text: String) async throws {
        try await AdminHarness.with { harness async throws in
            let answer = try await harness.send(.delete, "/api/v1/user/\(text)")
            #expect(answer.status == 400)
            #expect(answer.list("errors").first?["location"] as? String == "path.id")
        }
    }

    @Test("health says whether the registry answers")
    func health() async throws {
        try await AdminHarness.with { harness async throws in
            #expect(try await harness.send(.get, "/api/v1/health").text == #"{"databaseConnectivity":true}"#)
            await harness.registry.goAway()
            let answer = try await harness.send(.get, "/api/v1/health")
            #expect(answer.status == 503)
            #expect(answer.value("detail") == "the database does not answer")
        }
    }
}
