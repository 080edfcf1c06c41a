public import CoreMetrics
import Synchronization

/// Keeps the metrics of a process and shows them as Prometheus text.
///
/// Labels that Prometheus does not allow become `_`. A name keeps at most ``seriesLimit`` label sets; those that come
/// later are counted together under `overflow="true"`. A name asked for again as another kind is not kept.
public final class MetricsRegistry: MetricsFactory {
    /// Label sets of one name.
    public static let seriesLimit = 64

    private struct Family {
        let kind: MetricKind
        var series: [MetricLabels: MetricSeries] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    public init() {}

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        CounterInstrument(series: series(label, dimensions, .counter))
    }

    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        FloatingPointCounterInstrument(series: series(label, dimensions, .counter))
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        GaugeInstrument(series: series(label, dimensions, .gauge))
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return GaugeInstrument(series: series(label, dimensions, .gauge)) }
        return RecorderInstrument(series: series(label, dimensions, .recorder))
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        TimerInstrument(series: series(label, dimensions, .timer))
    }

    // What was counted stays: a scraper that misses a series for a moment would see a reset.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// All metrics in the text format 0.0.4, sorted by name and labels.
    public func prometheusText() -> String {
        let families = families.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.kind.typeName)\n"
            for (labels, series) in family.series.sorted(by: { $0.key.text < $1.key.text }) {
                text += series.prometheusLines(name: name, labels: labels)
            }
        }
        return text
    }

    private func series(_ label: String, _ dimensions: [(String, String)], _ kind: MetricKind) -> MetricSeries {
        let name = PrometheusName.metric(label)
        let labels = MetricLabels(dimensions)
        return families.withLock { families in
            var family = families[name] ?? Family(kind: kind)
            guard family.kind == kind else { return MetricSeries(kind: kind) }
            if let known = family.series[labels] { return known }
            let key = family.series.count < Self.seriesLimit ? labels : .overflow
            let series = family.series[key] ?? MetricSeries(kind: kind)
            family.series[key] = series
            families[name] = family
            return series
        }
    }
}
