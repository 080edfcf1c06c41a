import CoreMetrics

/// Counts whole things.
final class CounterInstrument: CounterHandler {
    private let series: MetricSeries

    init(series: MetricSeries) {
        self.series = series
    }

    func increment(by amount: Int64) {
        // A counter that went down would read as a restart.
        if amount > 0 { series.add(Double(amount)) }
    }

    func reset() {
        series.set(0)
    }
}

/// Counts with fractions.
final class FloatingPointCounterInstrument: FloatingPointCounterHandler {
    private let series: MetricSeries

    init(series: MetricSeries) {
        self.series = series
    }

    func increment(by amount: Double) {
        if amount > 0, amount.isFinite { series.add(amount) }
    }

    func reset() {
        series.set(0)
    }
}

/// Shows the last value.
final class GaugeInstrument: MeterHandler, RecorderHandler {
    private let series: MetricSeries

    init(series: MetricSeries) {
        self.series = series
    }

    func set(_ value: Int64) {
        series.set(Double(value))
    }

    func set(_ value: Double) {
        series.set(value)
    }

    func increment(by amount: Double) {
        series.add(amount)
    }

    func decrement(by amount: Double) {
        series.add(-amount)
    }

    func record(_ value: Int64) {
        series.set(Double(value))
    }

    func record(_ value: Double) {
        series.set(value)
    }
}

/// Gathers values into buckets.
final class RecorderInstrument: RecorderHandler {
    private let series: MetricSeries

    init(series: MetricSeries) {
        self.series = series
    }

    func record(_ value: Int64) {
        series.observe(Double(value))
    }

    func record(_ value: Double) {
        series.observe(value)
    }
}

/// Gathers durations, in seconds, into buckets.
final class TimerInstrument: TimerHandler {
    private let series: MetricSeries

    init(series: MetricSeries) {
        self.series = series
    }

    func recordNanoseconds(_ duration: Int64) {
        series.observe(Double(duration) / 1_000_000_000)
    }

    // Prometheus has one unit of time, the second.
    func preferDisplayUnit(_ unit: TimeUnit) {}
}
