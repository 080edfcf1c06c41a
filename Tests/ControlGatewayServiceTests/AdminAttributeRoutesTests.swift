import ControlModel
import Foundation
import HTTPTypes
import Testing

@Suite("admin API: attributes of devices")
struct AdminAttributeRoutesTests {
    @Test("attributes are set, listed with what the client tells, and removed")
    func life() async throws {
        try await AdminHarness.with { harness async throws in
            var node = try AdminNodeRoutesTests.node(7, user: nil)
            node.hostinfo = Hostinfo()
            node.hostinfo.os = "Linux"
            await harness.registry.add(node)
            let path = "/api/v1/node/7/attributes"
            let set = try await harness.send(
                .post,
                path + "/custom:tier",
                body: #"{"value":"prod","expiry":"2030-01-31T14:00:00+02:00","comment":"why"}"#
            )
            #expect(set.status == 200)
            #expect(
                set.text.contains(
                    #""comments":{"custom:tier":"why"},"expiries":{"custom:tier":"2030-01-31T12:00:00Z"}"#
                )
            )
            #expect(try await harness.send(.post, path + "/custom%3Ascore", body: #"{"value":87}"#).status == 200)
            #expect(try await harness.send(.post, path + "/custom:flag", body: #"{"value":false}"#).status == 200)
            let list = try await harness.send(.get, path)
            for part in [
                #""custom:flag":false"#, #""custom:score":87"#, #""custom:tier":"prod""#, #""node:os":"linux""#,
            ] {
                #expect(list.text.contains(part))
            }
            #expect(try await harness.send(.delete, path + "/custom:tier").text == "{}")
            #expect(try await !harness.send(.get, path).text.contains("custom:tier"))
            #expect(try await harness.send(.delete, path + "/custom:tier").status == 404)
        }
    }

    @Test("what is no attribute is refused, and so are nodes that are not there")
    func refused() async throws {
        try await AdminHarness.with { harness async throws in
            await harness.registry.add(try AdminNodeRoutesTests.node(7, user: nil))
            for name in ["tier", "node:os", "custom:", "custom:a%20b", "custom:a:b", "intune:x"] {
                let path = "/api/v1/node/7/attributes/" + name
                #expect(try await harness.send(.post, path, body: #"{"value":1}"#).status == 400, "\(name)")
                #expect(try await harness.send(.delete, path).status == 400, "\(name)")
            }
            let path = "/api/v1/node/7/attributes/custom:a"
            for body in [
                "{}", #"{"value":null}"#, #"{"value":[1]}"#, #"{"value":{}}"#, #"{"value":1,"expiry":"soon"}"#,
                #"{"value":"it's"}"#, #"{"value":""}"#, #"{"value":1e300}"#, "[",
            ] {
                #expect(try await harness.send(.post, path, body: body).status == 400, "\(body)")
            }
            #expect(try await harness.send(.get, "/api/v1/node/8/attributes").status == 404)
            let other = "/api/v1/node/8/attributes/custom:a"
            #expect(try await harness.send(.post, other, body: #"{"value":1}"#).status == 404)
        }
    }
}
