import ControlModel
import Foundation
import HTTPTypes
import Testing

@Suite("admin API: auth keys and API keys")
struct AdminKeyRoutesTests {
    @Test("an auth key shows its secret once, and its prefix later")
    func authKeySecret() async throws {
        try await AdminHarness.with { harness async throws in
            _ = try await harness.send(.post, "/api/v1/user", body: #"{"name":"anna"}"#)
            let made = try await harness.send(
                .post,
                "/api/v1/preauthkey",
                body: #"{"user":"1","reusable":true,"expiration":"2030-01-31T12:00:00Z"}"#
            )
            #expect(made.value("preAuthKey", "key") == "hskey-auth-abcdef012345-secret")
            #expect(made.value("preAuthKey", "user", "name") == "anna")
            #expect(made.value("preAuthKey", "expiration") == "2030-01-31T12:00:00Z")
            let listed = try await harness.send(.get, "/api/v1/preauthkey")
            #expect(
                listed.text == #"{"preAuthKeys":[{"aclTags":[],"createdAt":"2027-01-15T08:00:00Z","ephemeral":false,"#
                    + #""expiration":"2030-01-31T12:00:00Z","id":"2","key":"hskey-auth-abcdef012345-***","#
                    + #""preapproved":false,"reusable":true,"used":false,"user":{"createdAt":"2027-01-15T08:00:00Z","#
                    + #""displayName":"","email":"","id":"1","#
                    + #""name":"anna","profilePicUrl":"","provider":"","providerGroups":[],"providerId":"","role":"member"}}]}"#
            )
        }
    }

    @Test("a key with tags needs no user, and its user is null")
    func tagged() async throws {
        try await AdminHarness.with { harness async throws in
            let made = try await harness.send(.post, "/api/v1/preauthkey", body: #"{"user":"0","aclTags":["tag:a"]}"#)
            #expect(made.status == 200)
            #expect(made.text.contains(#""user":null"#))
        }
    }

    @Test(
        "a faulty body is refused with the field's name",
        arguments: [
            (#"{}"#, "body.user"), (#"{"user":"x"}"#, "body.user"), (#"{"user":true}"#, "body.user"),
            (#"{"user":1,"reusable":"yes"}"#, "body.reusable"), (#"{"user":1,"aclTags":"tag:a"}"#, "body.aclTags"),
            (#"{"user":1,"aclTags":[1]}"#, "body.aclTags[0]"),
            (#"{"user":1,"expiration":"tomorrow"}"#, "body.expiration"),
            (#"{"user":1,"expiration":"2020-01-01T00:00:00Z"}"#, "body.expiration"),
        ]
    )
    func faultyBody(body: String, field: String) async throws {
        try await AdminHarness.with { harness async throws in
            let answer = try await harness.send(.post, "/api/v1/preauthkey", body: body)
            #expect(answer.status == 400)
            #expect(answer.list("errors").first?["location"] as? String == field)
        }
    }

    @Test("an auth key is expired by body and deleted by query")
    func expireAndDelete() async throws {
        try await AdminHarness.with { harness async throws in
            _ = try await harness.send(.post, "/api/v1/preauthkey", body: #"{"aclTags":["tag:a"]}"#)
            #expect(try await harness.send(.post, "/api/v1/preauthkey/expire", body: #"{"id":"1"}"#).text == "{}")
            #expect(await harness.registry.authKeys.values.first?.expiry == AdminFakeRegistry.epoch)
            #expect(try await harness.send(.post, "/api/v1/preauthkey/expire", body: #"{"id":9}"#).status == 404)
            #expect(try await harness.send(.post, "/api/v1/preauthkey/expire", body: "{}").status == 400)
            #expect(try await harness.send(.delete, "/api/v1/preauthkey").status == 400)
            #expect(try await harness.send(.delete, "/api/v1/preauthkey?id=1").status == 200)
            #expect(await harness.registry.authKeys.isEmpty)
        }
    }

    @Test("an API key is made, listed without its secret, expired and deleted by prefix or id")
    func apiKeys() async throws {
        try await AdminHarness.with { harness async throws in
            let made = try await harness.send(
                .post,
                "/api/v1/apikey",
                body: #"{"expiration":"2030-01-31T12:00:00.5Z"}"#
            )
            #expect(made.text == #"{"apiKey":"hskey-api-aaaabbbbcccc-secret"}"#)
            let listed = try await harness.send(.get, "/api/v1/apikey")
            #expect(
                listed.text
                    == #"{"apiKeys":[{"createdAt":"2027-01-15T08:00:00Z","expiration":"2030-01-31T12:00:00.500Z","#
                    + #""id":"1","lastSeen":null,"prefix":"aaaabbbbcccc"}]}"#
            )
            let printed = #"{"prefix":"hskey-api-aaaabbbbcccc-***"}"#
            #expect(try await harness.send(.post, "/api/v1/apikey/expire", body: printed).status == 200)
            #expect(await harness.registry.apiKeys.values.first?.expiry == AdminFakeRegistry.epoch)
            #expect(try await harness.send(.post, "/api/v1/apikey/expire", body: #"{"id":"1"}"#).status == 200)
            #expect(try await harness.send(.delete, "/api/v1/apikey/aaaabbbbcccc?id=1").status == 400)
            #expect(try await harness.send(.delete, "/api/v1/apikey/-?id=1").status == 200)
            #expect(await harness.registry.apiKeys.isEmpty)
        }
    }

    @Test(
        "an API key is named by prefix or id, never by both or neither",
        arguments: [#"{}"#, #"{"prefix":"a","id":"1"}"#, #"{"prefix":""}"#, #"{"id":"0"}"#, #"{"id":"x"}"#]
    )
    func apiKeyName(body: String) async throws {
        try await AdminHarness.with { harness async throws in
            #expect(try await harness.send(.post, "/api/v1/apikey/expire", body: body).status == 400)
        }
    }
}
