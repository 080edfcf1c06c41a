import CoreMetrics
import Metrics

/// Every metric of this store.
struct PostgresMetrics: Sendable {
    let connections = Meter(label: "postgres_connections")
    let connectFailures = Counter(label: "postgres_connect_failures_total")
    let transactions = Counter(label: "postgres_commit_transactions_total")
    let batches = Counter(label: "postgres_commit_batches_total")
    let commitTime = Timer(label: "postgres_commit_seconds")
    let repeats = Counter(label: "postgres_repeats_total")
    let written = Counter(label: "postgres_broken_commits_total", dimensions: [("outcome", "written")])
    let notWritten = Counter(label: "postgres_broken_commits_total", dimensions: [("outcome", "not_written")])
    let unknown = Counter(label: "postgres_broken_commits_total", dimensions: [("outcome", "unknown")])
}
