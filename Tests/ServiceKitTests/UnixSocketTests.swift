import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import ServiceKit

@Suite("Unix socket", .timeLimit(.minutes(1)))
struct UnixSocketTests {
    @Test("requests are served as local, the file has its mode and goes with the listener", arguments: [0o600, 0o660])
    func serving(mode: Int) async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/socket"
            let address = ListenerAddress.unixSocket(path: path, permissions: UInt32(mode))
            try await withListener(testSurface(), address: address, tls: false) { listener in
                #expect(try permissions(of: path) == mode)
                #expect(listener.address.pathname == path)
                let client = try await listener.client(.plain)
                for (target, answer) in [("/local", "true"), ("/from", "none")] {
                    try await client.send("GET \(target) HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n")
                    #expect(try await client.response().body == answer)
                }
                try await client.close()
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        }
    }

    @Test("a connection over TCP is not local")
    func tcp() async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(.plain)
            try await client.send("GET /local HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().body == "false")
        }
    }

    @Test("a socket file without a listener is replaced")
    func stale() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/socket"
            let dead = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(unixDomainSocketPath: folder + "/first").get()
            // Under its first name it would be removed at the close.
            try FileManager.default.moveItem(atPath: folder + "/first", toPath: path)
            try await dead.close()
            #expect(FileManager.default.fileExists(atPath: path))
            let address = ListenerAddress.unixSocket(path: path, permissions: 0o600)
            try await withListener(testSurface(), address: address, tls: false) { listener in
                let client = try await listener.client(.plain)
                try await client.send("GET /hello?1 HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await client.response().body == "hello 1")
            }
        }
    }

    @Test("a socket that answers, or a file that is none, is left alone")
    func occupied() async throws {
        try await withTemporaryFolder { folder in
            let (socket, file) = (folder + "/socket", folder + "/file")
            #expect(FileManager.default.createFile(atPath: file, contents: Data("keep".utf8)))
            let address = ListenerAddress.unixSocket(path: socket, permissions: 0o600)
            try await withListener(testSurface(), address: address, tls: false) { listener in
                await #expect(throws: ListenerError.self) {
                    try await withListener(testSurface(), address: address, tls: false) { _ in }
                }
                let client = try await listener.client(.plain)
                try await client.send("GET /hello?1 HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await client.response().body == "hello 1")
            }
            let other = ListenerAddress.unixSocket(path: file, permissions: 0o600)
            await #expect(throws: ListenerError.self) {
                try await withListener(testSurface(), address: other, tls: false) { _ in }
            }
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "keep")
        }
    }
}
