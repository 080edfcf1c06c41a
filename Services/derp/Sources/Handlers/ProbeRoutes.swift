import HTTPTypes
import Hummingbird
import ServiceKit

/// What clients ask of a relay beside relaying: how far it is, and whether a captive portal stands between.
enum ProbeRoutes {
    static func register(on router: Router<SurfaceContext>) {
        for path in ["/derp/probe", "/derp/latency-check"] as [RouterPath] {
            for method in [.get, .head] as [HTTPRequest.Method] { router.on(path, method: method, use: probe) }
            for method in [.post, .put, .patch, .delete, .options] as [HTTPRequest.Method] {
                router.on(path, method: method, use: methodNotAllowed)
            }
        }
        for method in [.get, .head] as [HTTPRequest.Method] {
            router.on("/generate_204", method: method, use: captivePortalCheck)
            router.on("/robots.txt", method: method, use: robots)
        }
    }

    /// Measured twice over one connection by the Rust client, so it must not close it.
    @Sendable private static func probe(_ request: Request, _ context: SurfaceContext) -> Response {
        Response(status: .ok, headers: [.accessControlAllowOrigin: "*"])
    }

    @Sendable private static func methodNotAllowed(_ request: Request, _ context: SurfaceContext) -> Response {
        Response(status: .methodNotAllowed, headers: [.allow: "GET, HEAD"])
    }

    @Sendable private static func robots(_ request: Request, _ context: SurfaceContext) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: "User-agent: *\nDisallow: /\n"))
        )
    }

    /// The challenge comes back, to show that it was this server who answered and no portal.
    ///
    /// - Source: `net/captivedetection`, `cmd/derper/derper.go`, `serveNoContent`.
    @Sendable private static func captivePortalCheck(_ request: Request, _ context: SurfaceContext) -> Response {
        var headers: HTTPFields = [
            .cacheControl: "no-cache, no-store, must-revalidate, no-transform, max-age=0"
        ]
        if let response = HTTPField.Name("X-Tailscale-Response"), let challenge = challenge(request.headers) {
            headers[response] = "response " + challenge
        }
        return Response(status: .noContent, headers: headers)
    }

    /// Longest challenge that is given back, in bytes.
    private static let challengeLimit = 64

    private static func challenge(_ headers: HTTPFields) -> String? {
        guard let name = HTTPField.Name("X-Tailscale-Challenge"), let value = headers[name],
            (1...challengeLimit).contains(value.utf8.count), value.utf8.allSatisfy(isChallengeByte)
        else { return nil }
        return value
    }

    private static func isChallengeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: ":"):
            true
        default:
            false
        }
    }
}
