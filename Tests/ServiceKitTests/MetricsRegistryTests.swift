import CoreMetrics
import ServiceKit
import Testing

@Suite("Metrics")
struct MetricsRegistryTests {
    private let registry = MetricsRegistry()

    @Test("counters, gauges and meters show their value, sorted by name and labels")
    func values() {
        Counter(label: "gateway_logins_total", dimensions: [("result", "ok")], factory: registry).increment(by: 2)
        Counter(label: "gateway_logins_total", dimensions: [("result", "ok")], factory: registry).increment()
        Counter(label: "gateway_logins_total", dimensions: [("result", "bad")], factory: registry).increment()
        FloatingPointCounter(label: "a_seconds_total", factory: registry).increment(by: 1.5)
        Gauge(label: "sessions", factory: registry).record(7)
        let meter = Meter(label: "queue", factory: registry)
        meter.set(10)
        meter.decrement(by: 2.5)
        #expect(
            registry.prometheusText() == """
                # TYPE a_seconds_total counter
                a_seconds_total 1.5
                # TYPE gateway_logins_total counter
                gateway_logins_total{result="bad"} 1
                gateway_logins_total{result="ok"} 3
                # TYPE queue gauge
                queue 7.5
                # TYPE sessions gauge
                sessions 7

                """
        )
    }

    @Test("a timer is a histogram in seconds with cumulated buckets")
    func timer() {
        let timer = Timer(label: "request_seconds", factory: registry)
        timer.recordMilliseconds(2)
        timer.recordMilliseconds(50)
        timer.recordSeconds(60)
        let lines = registry.prometheusText().split(separator: "\n")
        #expect(lines.first == "# TYPE request_seconds histogram")
        #expect(lines.contains("request_seconds_bucket{le=\"0.001\"} 0"))
        #expect(lines.contains("request_seconds_bucket{le=\"0.0025\"} 1"))
        #expect(lines.contains("request_seconds_bucket{le=\"0.05\"} 2"))
        #expect(lines.contains("request_seconds_bucket{le=\"10\"} 2"))
        #expect(lines.contains("request_seconds_bucket{le=\"+Inf\"} 3"))
        #expect(lines.contains("request_seconds_sum 60.052"))
        #expect(lines.contains("request_seconds_count 3"))
    }

    @Test("a recorder's buckets keep its labels")
    func recorder() {
        Recorder(label: "batch_nodes", dimensions: [("kind", "full")], factory: registry).record(3)
        let text = registry.prometheusText()
        #expect(text.contains("batch_nodes_bucket{kind=\"full\",le=\"2\"} 0\n"))
        #expect(text.contains("batch_nodes_bucket{kind=\"full\",le=\"5\"} 1\n"))
        #expect(text.contains("batch_nodes_sum{kind=\"full\"} 3\n"))
    }

    @Test("names and labels become legal, values are escaped")
    func escaping() {
        Counter(label: "9 lives-a/b", dimensions: [("a-b", "x\"y\\z\nw"), ("1", "")], factory: registry).increment()
        #expect(registry.prometheusText().hasSuffix("_9_lives_a_b{_1=\"\",a_b=\"x\\\"y\\\\z\\nw\"} 1\n"))
    }

    @Test("label sets above the limit are counted together")
    func overflow() {
        for index in 0..<(MetricsRegistry.seriesLimit + 10) {
            Counter(label: "many", dimensions: [("user", "\(index)")], factory: registry).increment()
        }
        let lines = registry.prometheusText().split(separator: "\n").dropFirst()
        #expect(lines.count == MetricsRegistry.seriesLimit + 1)
        #expect(lines.contains("many{overflow=\"true\"} 10"))
    }

    @Test("a name keeps the kind it had first")
    func kinds() {
        Counter(label: "thing", factory: registry).increment()
        Gauge(label: "thing", factory: registry).record(5)
        #expect(registry.prometheusText() == "# TYPE thing counter\nthing 1\n")
    }

    @Test("a counter never goes down, and odd numbers do no harm")
    func oddNumbers() {
        let counter = Counter(label: "c", factory: registry)
        counter.increment(by: 3)
        counter.increment(by: -5)
        Recorder(label: "r", factory: registry).record(Double.nan)
        Gauge(label: "g", factory: registry).record(Double.infinity)
        let text = registry.prometheusText()
        #expect(text.contains("\nc 3\n") || text.hasPrefix("# TYPE c counter\nc 3\n"))
        #expect(text.contains("r_count 0\n"))
        #expect(text.contains("g +Inf\n"))
    }
}
