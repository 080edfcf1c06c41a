import Bus
import ControlModel
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit
import TailcfgWire

/// What anybody may ask of a gateway outside Noise.
struct PublicRoutes: Sendable {
    let noise: NoiseUpgrade
    let bus: any Bus
    let tailnet: TailnetID
    let version: String

    func register(on router: Router<SurfaceContext>) {
        router.get("/key") { request, _ in key(request) }
        router.get("/health") { _, _ in await health() }
        router.get("/version") { _, _ in
            Self.json(.ok, #"{"version":"\#(version)"}"#)
        }
        router.get("/") { _, _ in
            Self.text(
                .ok,
                "This is a swiftscale control server. Point a client at it with: tailscale up --login-server URL\n"
            )
        }
    }

    /// The server's public key, without which no handshake can begin.
    private func key(_ request: Request) -> Response {
        guard let text = request.uri.queryParameters["v"], let version = Int(text) else {
            return Self.text(.badRequest, "the query needs v, the client's capability version\n")
        }
        if let fault = RegisterHandler.fault(of: CapabilityVersion(version)) {
            return Self.text(.badRequest, fault + "\n")
        }
        guard let key = noise.publicKey else {
            return Self.text(.serviceUnavailable, "this server is starting, try again\n")
        }
        let body = ServerKeyResponse(publicKey: key).encoded()
        return Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: body)
        )
    }

    private func health() async -> Response {
        do {
            _ = try await bus.request(CheckRegistry(), tailnet: tailnet, timeout: .seconds(2))
            return Self.json(.ok, #"{"status":"pass"}"#, type: "application/health+json")
        } catch {
            return Self.json(.internalServerError, #"{"status":"fail"}"#, type: "application/health+json")
        }
    }

    private static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    private static func json(
        _ status: HTTPResponse.Status,
        _ text: String,
        type: String = "application/json"
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
