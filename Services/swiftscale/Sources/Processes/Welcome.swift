import ControlGatewayService
import NIOCore
import ServiceKit
import ServiceLifecycle

/// Says how to go on, once clients can come in.
struct Welcome: Service {
    /// Between two looks at whether clients can come in.
    private static let interval = Duration.milliseconds(20)

    let gateway: ControlGatewayService
    let listener: Listener
    let configuration: ServerConfiguration
    let surroundings: Surroundings
    /// As it was called: `.build/debug/swiftscale`, for one.
    let program: String
    let console: Console

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            let port = try await listener.boundAddress().port ?? configuration.listener.address.port
            while !gateway.isReady {
                try await Task.sleep(for: Self.interval)
            }
            console.out(text(port: port))
            try await gracefulShutdown()
        }
    }

    /// - Parameter port: the port that is listened on.
    func text(port: Int) -> String {
        """
        swiftscale is ready at \(url(port: port))
        Bring a client in:
          \(command) preauthkeys create --user me --create-user --reusable\(socketOption)
          tailscale up --login-server \(url(port: port)) --auth-key <KEY>
        """
    }

    private func url(port: Int) -> String {
        guard configuration.listener.isServerURLDerived else { return configuration.listener.serverURL.description }
        return ServerURL(
            listeningOn: ListenAddress(host: configuration.listener.address.host, port: port)
        ).description
    }

    private var command: String {
        program.contains("/") ? surroundings.absolute(program, below: surroundings.workingDirectory) : program
    }

    /// Nothing where the commands find the server by themselves, from any shell.
    private var socketOption: String {
        var elsewhere = surroundings
        elsewhere.environment = [:]
        elsewhere.workingDirectory = "/"
        let found = try? ServerConfiguration.load(file: nil, surroundings: elsewhere)
        guard found?.data.socketPath != configuration.data.socketPath else { return "" }
        return " --socket \(Self.quoted(configuration.data.socketPath))"
    }

    /// A word that a shell takes as it is.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}

extension ProcessContext {
    func welcome(_ gateway: ControlGatewayService, _ listener: Listener) -> Welcome {
        Welcome(
            gateway: gateway,
            listener: listener,
            configuration: configuration,
            surroundings: .current(),
            program: CommandLine.arguments.first ?? "swiftscale",
            console: console
        )
    }
}
