import Foundation
import Hummingbird
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import ServiceKit

@Suite("Listener", .timeLimit(.minutes(1)))
struct ListenerTests {
    private func failure(of configuration: ListenerConfiguration) async -> String {
        let listener = Listener(
            name: "second",
            configuration: configuration,
            surface: HTTPSurface(),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: .silent
        )
        async let run: Void = listener.run()
        var text = ""
        do { _ = try await listener.boundAddress() } catch { text = "\(error)" }
        do { try await run } catch { #expect("\(error)" == text) }
        return text
    }

    @Test("a port in use fails with what, where and what to do, from run and from boundAddress")
    func portInUse() async throws {
        try await withListener(testSurface()) { listener in
            let text = await failure(of: ListenerConfiguration(address: .tcp(host: "127.0.0.1", port: listener.port)))
            #expect(
                text == "cannot listen on 127.0.0.1:\(listener.port): the address is in use; "
                    + "stop the other program or choose another address"
            )
        }
    }

    @Test(
        "addresses that mean nothing are refused in clear words",
        arguments: [
            (
                ListenerAddress.tcp(host: "192.0.2.1", port: 0),
                "cannot listen on 192.0.2.1:0: this machine does not have"
            ),
            (.tcp(host: "not a host", port: 80), "cannot listen on not a host:80: the host is unknown"),
            (.tcp(host: "::1", port: 70_000), "cannot listen on [::1]:70000: a port is a number"),
            (.tcp(host: "::1", port: -1), "cannot listen on [::1]:-1: a port is a number"),
            (
                .unixSocket(path: "/nonexistent-folder/socket", permissions: 0o600),
                "cannot listen on /nonexistent-folder/socket: its folder does not exist"
            ),
            (
                .unixSocket(path: "/tmp/" + String(repeating: "x", count: 200), permissions: 0o600),
                "cannot listen on /tmp/" + String(repeating: "x", count: 200) + ": the path is too long"
            ),
        ]
    )
    func badAddress(address: ListenerAddress, text: String) async {
        #expect(await failure(of: ListenerConfiguration(address: address)).hasPrefix(text))
    }

    @Test("a refused permission names the way out", arguments: [EACCES, EPERM])
    func permission(code: CInt) {
        let error = IOError(errnoCode: code, reason: "bind")
        #expect(
            ListenerError(error, at: .tcp(host: "0.0.0.0", port: 443)).description
                == "cannot listen on 0.0.0.0:443: permission denied; "
                + "choose a port from 1024 up, or give the program CAP_NET_BIND_SERVICE"
        )
        #expect(
            ListenerError(error, at: .unixSocket(path: "/run/x", permissions: 0)).description.contains("folder")
        )
    }

    @Test("a graceful stop lets a request finish, ends idle connections and accepts no more")
    func gracefulStop() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let surface = testSurface()
        surface.router.get("/slow") { _, _ in
            start.yield()
            for await _ in released { break }
            return "done"
        }
        // However slow this machine is, the stop waits for the request.
        let limits = ListenerLimits.changed { $0.shutdownTimeout = .seconds(3600) }
        try await withListener(surface, limits: limits) { listener in
            let idle = try await listener.client(.plain)
            try await idle.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try await idle.response()
            let silent = try await listener.client(.tls)
            let busy = try await listener.client(.tls)
            try await busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            for await _ in started { break }
            await listener.stop()
            #expect(await idle.receiveToEnd() == "")
            #expect(await silent.receiveToEnd() == "")
            await #expect(throws: (any Error).self) { try await listener.client(.plain) }
            release.yield()
            let response = try await busy.response()
            #expect(response.body == "done")
            #expect(response.header("connection") == "close")
            #expect(await busy.receiveToEnd() == "")
        }
    }

    @Test("a graceful stop closes upgraded streams that do not end themselves", arguments: Transport.allCases)
    func upgradedStreams(transport: Transport) async throws {
        let limits = ListenerLimits.changed { $0.shutdownTimeout = .milliseconds(50) }
        try await withListener(testSurface(), limits: limits) { listener in
            let client = try await listener.client(transport)
            try await client.send("GET /echo HTTP/1.1\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n")
            _ = try await client.receive(through: "HELLO")
            await listener.stop()
            #expect(await client.receiveToEnd() == "")
        }
    }

    @Test("a graceful stop does not wait for ever for a handler that never ends")
    func endlessHandler() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let surface = HTTPSurface()
        surface.router.get("/wait") { _, _ in
            start.yield()
            try await Task.sleep(for: .seconds(3600))
            return ""
        }
        let limits = ListenerLimits.changed { $0.shutdownTimeout = .milliseconds(50) }
        try await withListener(surface, limits: limits) { listener in
            let client = try await listener.client(.plain)
            try await client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
            for await _ in started { break }
            await listener.stop()
            #expect(await client.receiveToEnd() == "")
        }
    }

    @Test("connections above the limit are closed at once")
    func connectionLimit() async throws {
        let limits = ListenerLimits.changed { $0.connectionCount = 1 }
        try await withListener(testSurface(), limits: limits) { listener in
            let first = try await listener.client(.plain)
            try await first.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try await first.response()
            let second = try await listener.client(.plain)
            #expect(await second.receiveToEnd() == "")
            try await first.send("GET /hello?on HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await first.response().body == "hello on")
        }
    }
}
