import CoreMetrics

/// What the service tells of itself in numbers.
struct DNSMetrics: Sendable {
    /// 1 while the file of extra records says something that is not in force.
    let fault = Gauge(label: "dns_extra_records_fault")
}
