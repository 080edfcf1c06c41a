/// Prints a Markdown table of all benchmarks: `make bench`; with the argument `registrations` or `policy` of those alone.
@main
enum Benchmarks {
    static func main() async throws {
        print("| Benchmark | µs per operation | rate | allocations per operation |")
        print("|---|---|---|---|")
        if CommandLine.arguments.contains("policy") {
            for measurement in NetmapBenchmarks.run() { print(measurement.row) }
            for measurement in try PolicyNetmapBenchmarks.run() { print(measurement.row) }
            for measurement in try PolicyBenchmarks.run() { print(measurement.row) }
            for note in try PolicyBenchmarks.memory() { print("\n" + note) }
            return
        }
        if !CommandLine.arguments.contains("registrations") {
            for measurement in try NoiseBenchmarks.run() { print(measurement.row) }
            for measurement in NetmapBenchmarks.run() { print(measurement.row) }
            for measurement in try PolicyNetmapBenchmarks.run() { print(measurement.row) }
            for measurement in try PolicyBenchmarks.run() { print(measurement.row) }
            for measurement in try await BusBenchmarks.run() { print(measurement.row) }
            for measurement in try await CatchUpBenchmark.run() { print(measurement.row) }
        }
        var notes: [String] = []
        await RegistrationBenchmarks.run { outcome in
            switch outcome {
            case .success(let measurement): print(measurement.row)
            case .failure(let reason): notes.append("\(reason)")
            }
        }
        for note in notes { print("\n" + note) }
    }
}
