import HTTPTypes
import Testing

@Suite("admin API: addresses")
struct AdminAddressRoutesTests {
    @Test("nodes get missing addresses when somebody confirms it, all parts in one answer")
    func backfill() async throws {
        try await AdminHarness.with { harness async throws in
            #expect(try await harness.send(.post, "/api/v1/node/backfillips").status == 400)
            #expect(try await harness.send(.post, "/api/v1/node/backfillips?confirmed=no").status == 400)
            let answer = try await harness.send(.post, "/api/v1/node/backfillips?confirmed=true")
            #expect(answer.text == #"{"changes":["change 1","change 2"]}"#)
            let plan = try await harness.send(.post, "/api/v1/node/backfillips?dry_run=true")
            #expect(plan.text == #"{"changes":["change"],"nodes":1}"#)
        }
    }

    @Test("a node gets the addresses that are said; what is none is refused")
    func set() async throws {
        try await AdminHarness.with { harness async throws in
            try await harness.registry.add(AdminNodeRoutesTests.node(7, user: nil))
            let path = "/api/v1/node/7/ip"
            let both = try await harness.send(.post, path, body: #"{"ipv4":"100.64.0.9","ipv6":"fd7a::9"}"#)
            #expect(both.text.contains(#""ipAddresses":["100.64.0.9","fd7a::9"]"#))
            for body in [
                "{}", #"{"ipv4":"fd7a::9"}"#, #"{"ipv6":"100.64.0.9"}"#, #"{"ipv4":7}"#, #"{"ipv4":"100.64.0.9/32"}"#,
            ] {
                #expect(try await harness.send(.post, path, body: body).status == 400, "\(body)")
            }
            #expect(try await harness.send(.post, "/api/v1/node/8/ip", body: #"{"ipv4":"100.64.0.9"}"#).status == 404)
        }
    }
}
