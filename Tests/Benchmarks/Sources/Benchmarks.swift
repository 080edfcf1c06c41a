/// Prints a Markdown table of all benchmarks: `make bench`.
@main
enum Benchmarks {
    static func main() throws {
        print("| Benchmark | µs per operation | rate | allocations per operation |")
        print("|---|---|---|---|")
        for measurement in try NoiseBenchmarks.run() { print(measurement.row) }
        for measurement in NetmapBenchmarks.run() { print(measurement.row) }
        for measurement in try PolicyNetmapBenchmarks.run() { print(measurement.row) }
    }
}
