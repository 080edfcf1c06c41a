import ArgumentParser
import Keys

/// `swiftscale generate private-key`.
struct GeneratePrivateKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "private-key",
        abstract: "Print a new Noise key, as the file of noise.private_key_path holds it.",
        discussion: """
            Example:
              swiftscale generate private-key > noise_private.key
            """
    )

    @OptionGroup var format: OutputOptions

    static var report: Report {
        let key = MachinePrivateKey.generate().secretText
        return Report(text: key, value: .object(["private_key": .text(key)]))
    }

    func run() async throws {
        try await CommandRunner.run(as: format.output) { Self.report }
    }
}
