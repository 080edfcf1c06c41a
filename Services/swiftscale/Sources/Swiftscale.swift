import ArgumentParser

@main
struct Swiftscale: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "swiftscale")
}
