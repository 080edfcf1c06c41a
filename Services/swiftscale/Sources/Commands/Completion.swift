import ArgumentParser

/// `swiftscale completion`.
struct Completion: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a script that completes commands in a shell.",
        discussion: """
            Examples:
              swiftscale completion bash > /etc/bash_completion.d/swiftscale
              swiftscale completion zsh > ~/.zfunc/_swiftscale
              swiftscale completion fish > ~/.config/fish/completions/swiftscale.fish
            """
    )

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash
        case zsh
        case fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    var script: String {
        switch shell {
        case .bash: Swiftscale.completionScript(for: .bash)
        case .zsh: Swiftscale.completionScript(for: .zsh)
        case .fish: Swiftscale.completionScript(for: .fish)
        }
    }

    func run() async throws {
        Console.standard.out(script)
    }
}
