import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Reaches a server over its local socket, or over the network with an API key.
struct HTTPAdminTransport: AdminTransport {
    /// Longest answer read, in bytes.
    private static let replyLimit = 256 << 20

    private enum Target {
        case socket(path: String)
        case server(ServerURL, apiKey: String)
    }

    private let target: Target
    private let timeout: Duration
    private let isInsecure: Bool

    init(_ configuration: ServerConfiguration) throws(CommandFailure) {
        timeout = configuration.client.timeout
        isInsecure = configuration.client.isInsecure
        if let server = configuration.client.serverURL {
            guard let key = configuration.client.apiKey else {
                throw CommandFailure("no API key for \(server): set SWIFTSCALE_CLI_API_KEY or cli.api_key")
            }
            target = .server(server, apiKey: key)
        } else {
            target = .socket(path: configuration.data.socketPath)
        }
    }

    func send(_ request: AdminRequest) async throws(CommandFailure) -> AdminReply {
        let outgoing = try outgoing(request)
        var settings = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .nanoseconds(timeout.nanoseconds))
        )
        if isInsecure {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.certificateVerification = .none
            settings.tlsConfiguration = tls
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        let outcome: Result<AdminReply, CommandFailure>
        do {
            let timeout = timeout + request.patience
            let response = try await client.execute(outgoing, timeout: .nanoseconds(timeout.nanoseconds))
            let body = try await response.body.collect(upTo: Self.replyLimit)
            outcome = .success(AdminReply(status: Int(response.status.code), body: Array(buffer: body)))
        } catch {
            outcome = .failure(failure(for: error, patience: request.patience))
        }
        // A client that does not stop has nothing left that matters: the answer is here.
        try? await client.shutdown()
        return try outcome.get()
    }

    private func outgoing(_ request: AdminRequest) throws(CommandFailure) -> HTTPClientRequest {
        var outgoing: HTTPClientRequest
        switch target {
        case .socket(let path):
            guard FilePresence.exists(path) else { throw noServer(at: path) }
            guard let url = URL(httpURLWithSocketPath: path, uri: request.target) else {
                throw CommandFailure("\(path) is not a usable path of a socket: set unix_socket")
            }
            outgoing = HTTPClientRequest(url: url.absoluteString)
        case .server(let server, let apiKey):
            outgoing = HTTPClientRequest(url: server.description + request.target)
            outgoing.headers.add(name: "Authorization", value: "Bearer \(apiKey)")
        }
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        outgoing.headers.add(name: "Accept", value: "application/json")
        if let body = request.body {
            outgoing.headers.add(name: "Content-Type", value: "application/json")
            outgoing.body = .bytes(ByteBuffer(bytes: try OutputFormat.jsonBytes(body)))
        }
        return outgoing
    }

    private func failure(for error: any Error, patience: Duration) -> CommandFailure {
        let place: String
        switch target {
        case .socket(let path):
            if error is NIOConnectionError || (error as? IOError)?.errnoCode == ECONNREFUSED {
                return noServer(at: path)
            }
            if (error as? IOError)?.errnoCode == EACCES {
                return CommandFailure("no permission to use \(path): run as the server's user or a member of its group")
            }
            place = path
        case .server(let server, _):
            place = server.description
        }
        switch error as? HTTPClientError {
        case .deadlineExceeded?, .connectTimeout?, .readTimeout?:
            return CommandFailure(
                "\(place) did not answer within \(timeout + patience): is the server running and reachable?"
            )
        default:
            if error is NIOSSLError, "\(error)".contains("CERTIFICATE_VERIFY_FAILED") {
                return CommandFailure(
                    "the certificate of \(place) is not trusted, it may be self-signed; --insecure takes it without a check"
                )
            }
            return CommandFailure("\(place) cannot be reached: \(error)")
        }
    }

    private func noServer(at path: String) -> CommandFailure {
        CommandFailure("no server is answering at \(path); start one with: swiftscale serve")
    }
}

extension Duration {
    /// Whole nanoseconds, at most what 64 bits hold.
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return .max }
        let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carried ? .max : sum
    }
}
