import BusInProcess
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceKit
import TestKit
import Testing

@testable import DERPService

@Suite("DERP routes")
struct DERPRoutesTests {
    @Test(
        "a latency probe is answered without body, for any origin",
        arguments: ["/derp/probe", "/derp/latency-check"]
    )
    func probe(path: String) async throws {
        for method in [.get, .head] as [HTTPRequest.Method] {
            let response = try await respond(method, path)
            #expect(response.status == .ok)
            #expect(response.headers[.accessControlAllowOrigin] == "*")
            #expect(response.headers[.connection] == nil)
            #expect(response.body.contentLength == 0)
        }
        for method in [.post, .put, .delete] as [HTTPRequest.Method] {
            #expect(try await respond(method, path).status == .methodNotAllowed)
        }
    }

    @Test(
        "a captive portal check gives the challenge back where it is a harmless one",
        arguments: [
            ("ts_derp.example.com", "response ts_derp.example.com"), ("a-b:c_D.9", "response a-b:c_D.9"),
            (String(repeating: "a", count: 64), "response " + String(repeating: "a", count: 64)),
            (String(repeating: "a", count: 65), nil), ("", nil), ("a b", nil), ("<script>", nil), (nil, nil),
        ]
    )
    func captivePortal(challenge: String?, expected: String?) async throws {
        var headers = HTTPFields()
        let (request, answer) = (try name("X-Tailscale-Challenge"), try name("X-Tailscale-Response"))
        headers[request] = challenge
        let response = try await respond(.get, "/generate_204", headers: headers)
        #expect(response.status == .noContent)
        #expect(response.headers[answer] == expected)
        #expect(response.headers[.cacheControl] == "no-cache, no-store, must-revalidate, no-transform, max-age=0")
    }

    @Test(
        "bootstrap DNS knows the relay and the configured names",
        arguments: [
            ("/bootstrap-dns", #"{"control.example.com":["192.0.2.9"],"relay.example.com":["192.0.2.1"]}"#),
            ("/bootstrap-dns?q=Relay.Example.Com.", #"{"relay.example.com":["192.0.2.1"]}"#),
            (
                "/bootstrap-dns?q=other.example.com",
                #"{"control.example.com":["192.0.2.9"],"relay.example.com":["192.0.2.1"]}"#
            ),
        ]
    )
    func bootstrapDNS(path: String, expected: String) async throws {
        let response = try await respond(.get, path)
        #expect(response.headers[.contentType] == "application/json")
        #expect(response.headers[.connection] == "close")
        #expect(try await text(response) == expected)
    }

    @Test("robots are told to stay away")
    func robots() async throws {
        #expect(try await text(respond(.get, "/robots.txt")) == "User-agent: *\nDisallow: /\n")
    }

    private func respond(
        _ method: HTTPRequest.Method,
        _ path: String,
        headers: HTTPFields = [:]
    ) async throws -> Response {
        let directory = try TemporaryDirectory()
        var configuration = DERPService.Configuration(
            hostName: "relay.example.com",
            keyFile: directory.path("derp.key")
        )
        configuration.ipv4 = "192.0.2.1"
        configuration.ipv6 = "none"
        configuration.bootstrapNames = ["control.example.com": ["192.0.2.9"]]
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let service = try DERPService(
            configuration,
            dependencies: DERPService.Dependencies(
                bus: InProcessBus(),
                logger: logger,
                derpPort: { 443 },
                now: { .fixture }
            )
        )
        var surface = HTTPSurface()
        service.register(on: &surface)
        #expect(surface.upgrades.count == 1)
        let head = HTTPRequest(
            method: method,
            scheme: "https",
            authority: "relay.example.com",
            path: path,
            headerFields: headers
        )
        let info = ConnectionInfo(remoteAddress: nil, isTLS: true, isLocalSocket: false)
        return try await surface.router.buildResponder().respond(
            to: Request(head: head, body: RequestBody(buffer: ByteBuffer())),
            context: SurfaceContext(source: SurfaceContextSource(logger: logger, connection: info))
        )
    }

    private func name(_ text: String) throws -> HTTPField.Name {
        try #require(HTTPField.Name(text))
    }

    private func text(_ response: Response) async throws -> String {
        let writer = CollectedBody()
        try await response.body.write(writer)
        return String(buffer: writer.buffer)
    }
}

private final class CollectedBody: ResponseBodyWriter {
    var buffer = ByteBuffer()

    func write(_ bytes: ByteBuffer) async throws {
        buffer.writeImmutableBuffer(bytes)
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {}
}
