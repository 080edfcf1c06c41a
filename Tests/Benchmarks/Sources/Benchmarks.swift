/// Prints a Markdown table of all benchmarks: `make bench`; with arguments of those groups alone.
@main
enum Benchmarks {
    private static let groups: [(name: String, run: @Sendable () async throws -> [Measurement])] = [
        ("noise", { try NoiseBenchmarks.run() }),
        ("netmap", { NetmapBenchmarks.run() }),
        ("policy", { try PolicyNetmapBenchmarks.run() + PolicyBenchmarks.run() }),
        ("bus", { try await BusBenchmarks.run() }),
        ("catch-up", { try await CatchUpBenchmark.run() }),
        ("registrations", { try await RegistrationBenchmarks.sqlite() }),
        ("registrations", { try await RegistrationBenchmarks.postgres() }),
        ("changes", { try await ChangeBenchmark.run() }),
        ("start", { try await GatewayStartBenchmark.run() }),
    ]

    static func main() async throws {
        let chosen = CommandLine.arguments.dropFirst()
        let unknown = chosen.filter { name in !groups.contains { $0.name == name } }
        guard unknown.isEmpty else {
            print(
                "there is no group \(unknown.joined(separator: ", ")); groups: \(groups.map(\.name).joined(separator: " "))"
            )
            return
        }
        print("| Benchmark | µs per operation | rate | allocations per operation |")
        print("|---|---|---|---|")
        var notes: [String] = []
        for group in groups where chosen.isEmpty || chosen.contains(group.name) {
            do {
                for measurement in try await group.run() { print(measurement.row) }
                // Not a time: below the table.
                if group.name == "policy" { notes += try PolicyBenchmarks.memory() }
            } catch {
                // The others are worth having all the same.
                print("\n\(group.name): not measured: \(error)\n")
            }
        }
        for note in notes { print("\n" + note) }
    }
}
