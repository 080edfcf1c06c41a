import ControlModel
import Foundation
import HTTPTypes
import Testing

@testable import ControlGatewayService

@Suite("admin API: authentication")
struct AdminAuthenticationTests {
    private let good = "Bearer " + AdminFakeRegistry.goodKey

    @Test(
        "without a key nothing is answered over the network",
        arguments: ["/api/v1/user", "/api/v1/node", "/api/v1/health", "/api/v1/nothing", "/api/v1/policy"]
    )
    func noKey(path: String) async throws {
        try await AdminHarness.with { harness async throws in
            let answer = try await harness.send(.get, path, overSocket: false)
            #expect(answer.status == 401)
            #expect(answer.contentType == "application/problem+json")
            #expect(Set(answer.json.keys) == ["title", "status", "detail", "errors"])
        }
    }

    @Test(
        "what is no known key is refused",
        arguments: [
            "Bearer wrong", "Basic " + AdminFakeRegistry.goodKey, AdminFakeRegistry.goodKey, "Bearer ", "Bearer", "",
            "Bearer " + String(repeating: "x", count: 5000),
        ]
    )
    func badKey(header: String) async throws {
        try await AdminHarness.with { harness async throws in
            let answer = try await harness.send(.get, "/api/v1/user", key: header, overSocket: false)
            #expect(answer.status == 401)
        }
    }

    @Test("a known key is let in", arguments: ["Bearer ", "bearer ", "BEARER "])
    func goodKey(scheme: String) async throws {
        try await AdminHarness.with { harness async throws in
            let answer = try await harness.send(
                .get,
                "/api/v1/user",
                key: scheme + AdminFakeRegistry.goodKey,
                overSocket: false
            )
            #expect(answer.status == 200)
            #expect(answer.text == #"{"users":[]}"#)
        }
    }

    @Test("the local socket needs no key")
    func socket() async throws {
        try await AdminHarness.with { harness async throws in
            #expect(try await harness.send(.get, "/api/v1/user").status == 200)
            #expect(await harness.registry.authentications.isEmpty)
        }
    }

    @Test("a key is looked up once in a while, not once a request, and never counts beyond its expiry")
    func cachedUntilExpiry() async throws {
        try await AdminHarness.with { harness async throws in
            for _ in 0..<5 {
                #expect(try await harness.send(.get, "/api/v1/user", key: good, overSocket: false).status == 200)
            }
            #expect(await harness.registry.authentications.count == 1)
            harness.clock.advance(by: 5)
            #expect(try await harness.send(.get, "/api/v1/user", key: good, overSocket: false).status == 401)
        }
    }

    @Test("a refused key is asked about again after a second")
    func refusalIsShort() async throws {
        try await AdminHarness.with { harness async throws in
            _ = try await harness.send(.get, "/api/v1/user", key: "Bearer bad", overSocket: false)
            _ = try await harness.send(.get, "/api/v1/user", key: "Bearer bad", overSocket: false)
            #expect(await harness.registry.authentications.count == 1)
            harness.clock.advance(by: 1)
            _ = try await harness.send(.get, "/api/v1/user", key: "Bearer bad", overSocket: false)
            #expect(await harness.registry.authentications.count == 2)
        }
    }

    @Test("verdicts stay bounded, and refusals do not crowd out acceptances")
    func bounded() {
        let verdicts = APIKeyVerdicts()
        let now = AdminFakeRegistry.epoch
        verdicts.accept("good", until: .distantFuture, now: now)
        for number in 0..<(APIKeyVerdicts.limit * 3) { verdicts.refuse("bad \(number)", now: now) }
        #expect(verdicts.verdict(on: "good", now: now) == true)
        #expect(verdicts.verdict(on: "bad 0", now: now) == nil)
        #expect(verdicts.verdict(on: "good", now: now.addingTimeInterval(APIKeyVerdicts.acceptance)) == nil)
    }
}
