/// Prints a Markdown table of all benchmarks: `make bench`.
@main
enum Benchmarks {
    static func main() async throws {
        print("| Benchmark | µs per operation | rate | allocations per operation |")
        print("|---|---|---|---|")
        for measurement in try NoiseBenchmarks.run() { print(measurement.row) }
        for measurement in NetmapBenchmarks.run() { print(measurement.row) }
        for measurement in try await BusBenchmarks.run() { print(measurement.row) }
        for measurement in try await CatchUpBenchmark.run() { print(measurement.row) }
    }
}
