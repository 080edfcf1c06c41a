import Synchronization

/// What a metric is; recorders and timers are histograms, with buckets of their own.
enum MetricKind: Sendable {
    case counter
    case gauge
    case recorder
    case timer

    var typeName: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .recorder, .timer: "histogram"
        }
    }

    /// Upper ends of the buckets; those of a timer are seconds.
    var bucketEnds: [Double] {
        switch self {
        case .counter, .gauge: []
        case .recorder: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000, 1_000_000]
        case .timer: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
        }
    }
}

/// The numbers of one metric with one set of labels.
final class MetricSeries: Sendable {
    private struct Values {
        /// The value of a counter or gauge, the sum of a histogram.
        var sum = 0.0
        var count: UInt64 = 0
        /// Observations per bucket, not cumulated; those above the last end are in `count` alone.
        var buckets: [UInt64]
    }

    private let kind: MetricKind
    private let values: Mutex<Values>

    init(kind: MetricKind) {
        self.kind = kind
        values = Mutex(Values(buckets: Array(repeating: 0, count: kind.bucketEnds.count)))
    }

    func add(_ amount: Double) {
        values.withLock { $0.sum += amount }
    }

    func set(_ value: Double) {
        values.withLock { $0.sum = value }
    }

    func observe(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = kind.bucketEnds.firstIndex { value <= $0 }
        values.withLock { values in
            values.sum += value
            values.count += 1
            if let bucket { values.buckets[bucket] += 1 }
        }
    }

    func prometheusLines(name: String, labels: MetricLabels) -> String {
        let values = values.withLock { $0 }
        switch kind {
        case .counter, .gauge: return "\(name)\(labels.text) \(PrometheusName.number(values.sum))\n"
        case .recorder, .timer:
            var lines = ""
            var cumulated: UInt64 = 0
            for (end, count) in zip(kind.bucketEnds, values.buckets) {
                cumulated += count
                let bucket = labels.adding("le", PrometheusName.number(end))
                lines += "\(name)_bucket\(bucket.text) \(cumulated)\n"
            }
            lines += "\(name)_bucket\(labels.adding("le", "+Inf").text) \(values.count)\n"
            lines += "\(name)_sum\(labels.text) \(PrometheusName.number(values.sum))\n"
            return lines + "\(name)_count\(labels.text) \(values.count)\n"
        }
    }
}
