import AsyncHTTPClient
import CoreMetrics
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceKit
import ServiceLifecycle
import Testing

@Suite("Operations listener", .timeLimit(.minutes(1)))
struct OperationsListenerTests {
    private struct Away: Error {}

    private func answers(
        checks: ReadinessChecks,
        metrics: MetricsRegistry = MetricsRegistry(),
        _ paths: [String]
    ) async throws -> [(status: UInt, type: String?, body: String)] {
        let listener = OperationsListener(
            configuration: ListenerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)),
            checks: checks,
            metrics: metrics,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: .silent
        )
        let services = ServiceGroup(
            services: [listener],
            gracefulShutdownSignals: [],
            cancellationSignals: [],
            logger: .silent
        )
        async let run: Void = services.run()
        let port = try await listener.boundAddress().port ?? 0
        var answers: [(status: UInt, type: String?, body: String)] = []
        for path in paths {
            let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            let body = String(buffer: try await response.body.collect(upTo: 1 << 20))
            answers.append((response.status.code, response.headers.first(name: "content-type"), body))
        }
        await services.triggerGracefulShutdown()
        try await run
        return answers
    }

    @Test("a service is alive even when it is not ready, and the failing checks are named")
    func notReady() async throws {
        let checks = ReadinessChecks()
        checks.register("storage") { throw Away() }
        checks.register("bus") {}
        checks.register("the \"policy\"") { throw Away() }
        let answers = try await answers(checks: checks, ["/healthz", "/readyz"])
        #expect(answers.map(\.status) == [200, 503])
        #expect(answers[1].type == "application/json")
        #expect(answers[1].body == "{\"failing\":[\"storage\",\"the \\\"policy\\\"\"]}\n")
    }

    @Test("a service is ready when all checks pass, and a check can be replaced")
    func ready() async throws {
        let checks = ReadinessChecks()
        checks.register("storage") { throw Away() }
        checks.register("storage") {}
        let answers = try await answers(checks: checks, ["/readyz"])
        #expect(answers[0].status == 200)
        #expect(answers[0].body == "{\"failing\":[]}\n")
    }

    @Test("what a service that is ready can do without is named apart; before that it is waited for")
    func missing() async throws {
        let checks = ReadinessChecks()
        checks.register("bus", isNeeded: false) { throw Away() }
        checks.register("copies") { throw Away() }
        var answer = try #require(try await answers(checks: checks, ["/readyz"]).first)
        #expect(answer.status == 503)
        #expect(answer.body == "{\"failing\":[\"bus\",\"copies\"]}\n")
        checks.register("copies") {}
        answer = try #require(try await answers(checks: checks, ["/readyz"]).first)
        #expect(answer.status == 200)
        #expect(answer.body == "{\"failing\":[],\"missing\":[\"bus\"]}\n")
    }

    @Test("a check that hangs counts as failed")
    func hanging() async {
        let checks = ReadinessChecks(timeout: .milliseconds(20))
        checks.register("bus") { try await Task.sleep(for: .seconds(3600)) }
        #expect(await checks.failing() == ["bus"])
    }

    @Test("metrics are served as Prometheus text")
    func metrics() async throws {
        let metrics = MetricsRegistry()
        Counter(label: "things_total", factory: metrics).increment()
        let answers = try await answers(checks: ReadinessChecks(), metrics: metrics, ["/metrics", "/other"])
        #expect(answers.map(\.status) == [200, 404])
        #expect(answers[0].type == "text/plain; version=0.0.4; charset=utf-8")
        #expect(answers[0].body == "# TYPE things_total counter\nthings_total 1\n")
    }
}
