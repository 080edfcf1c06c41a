import AsyncHTTPClient
public import Foundation
import NIOCore
import NIOHTTP1

/// Carries requests to a provider.
public protocol ProviderTransport: Sendable {
    func send(_ request: ProviderRequest) async throws -> ProviderReply
}

/// One request to a provider.
public struct ProviderRequest: Hashable, Sendable {
    public var url: URL
    public var headers: [String: String] = [:]
    /// A form; `nil`: a GET.
    public var form: String?
}

/// What a provider said.
public struct ProviderReply: Hashable, Sendable {
    public var status: Int
    public var body: Data

    public init(status: Int, body: Data) {
        self.status = status
        self.body = body
    }
}

/// Over HTTP; redirects are not followed, since none of these requests has a reason to be.
public struct HTTPProviderTransport: ProviderTransport {
    /// Longest answer read, in bytes.
    static let replyLimit = 1 << 20
    static let timeout = TimeAmount.seconds(10)

    public init() {}

    public func send(_ request: ProviderRequest) async throws -> ProviderReply {
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: .init(redirectConfiguration: .disallow, timeout: .init(connect: Self.timeout))
        )
        let outcome: Result<ProviderReply, any Error>
        do {
            let response = try await client.execute(Self.outgoing(request), timeout: Self.timeout)
            let body = try await response.body.collect(upTo: Self.replyLimit)
            outcome = .success(ProviderReply(status: Int(response.status.code), body: Data(body.readableBytesView)))
        } catch {
            outcome = .failure(error)
        }
        // Logins are rare: a client for each request leaves nothing that has to be closed at the end.
        try? await client.shutdown()
        return try outcome.get()
    }

    private static func outgoing(_ request: ProviderRequest) -> HTTPClientRequest {
        var outgoing = HTTPClientRequest(url: request.url.absoluteString)
        outgoing.headers.add(name: "Accept", value: "application/json")
        for (name, value) in request.headers { outgoing.headers.add(name: name, value: value) }
        if let form = request.form {
            outgoing.method = .POST
            outgoing.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            outgoing.body = .bytes(ByteBuffer(string: form))
        }
        return outgoing
    }
}
