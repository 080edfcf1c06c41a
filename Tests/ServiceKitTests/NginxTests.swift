import Foundation
import NIOCore
import NIOHTTP1
import ServiceKit
import Synchronization
import Testing

/// nginx in front, as operators run it; without it these fail where CI is set, and are skipped elsewhere.
@Suite("Behind nginx", .timeLimit(.minutes(1)), .enabled(if: Nginx.mustRun, "nginx is not installed"))
struct NginxTests {
    @Test("an ordinary request and then an upgrade pass through one re-used connection", arguments: Transport.allCases)
    func reuse(transport: Transport) async throws {
        let seen = PeerPorts()
        try await withListener(testSurface(seen), tls: false) { backend in
            try await withTemporaryFolder { folder in
                let nginx = try await Nginx(folder: folder, backend: backend.port)
                do {
                    try await ordinaryThenUpgrade(through: nginx, transport)
                } catch {
                    await nginx.stop()
                    throw error
                }
                await nginx.stop()
            }
        }
        #expect(seen.ports.count == 2)
        #expect(Set(seen.ports).count == 1)
    }

    private func ordinaryThenUpgrade(through nginx: Nginx, _ transport: Transport) async throws {
        let port = transport == .tls ? nginx.tlsPort : nginx.plainPort
        let context = transport == .tls ? try TestCertificate.clientContext() : nil
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        let first = try await RawClient.connect(to: address, tls: context)
        try await first.send("GET /probe HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await first.response().status == 404)
        try await first.close()
        let second = try await RawClient.connect(to: address, tls: context)
        try await second.send(
            "POST /echo HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: upgrade\r\nContent-Length: 0\r\n\r\n"
        )
        #expect(try await second.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
        #expect(try await second.receive(5) == "HELLO")
        try await second.send("through")
        #expect(try await second.receive(7) == "through")
        try await second.close()
    }
}

/// Notes from which port of the proxy each request came: both its paths are asked about, one is nobody's.
private final class PeerPorts: UpgradeHandler {
    let paths: Set<String> = ["/echo", "/probe"]
    private let echo = EchoUpgrade()
    private let seen = Mutex<[Int]>([])
    var ports: [Int] { seen.withLock { $0 } }

    func decide(_ head: HTTPRequestHead, connection: ConnectionInfo) -> UpgradeDecision {
        if let port = connection.remoteAddress?.port { seen.withLock { $0.append(port) } }
        return echo.decide(head, connection: connection)
    }
}
