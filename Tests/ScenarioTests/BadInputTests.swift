import ControlModel
import Foundation
import Keys
import NIOCore
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Bad input")
    struct BadInput {
        @Test(
            "bytes in place of a record end the connection",
            arguments: [
                [5, 0, 16], [4, 0x10, 0x00], [4, 0xFF, 0xFF], [4, 0, 0], [4, 0, 15], [0, 0, 0, 0, 0], [3, 0, 1, 65],
                [4, 0, 16] + Array(repeating: 7, count: 16),
            ] as [[UInt8]]
        )
        func badRecord(bytes: [UInt8]) async throws {
            try await LocalSystem.run { system in
                let connection = try await RawNoiseConnection.open(
                    system.address,
                    key: .generate(),
                    capabilityVersion: 113
                )
                connection.sendUnsealed(ByteBuffer(bytes: bytes))
                try await connection.untilClosed()
                try await system.expectToServe()
            }
        }

        @Test(
            "plaintext that is no HTTP/2 ends the connection",
            arguments: [
                "GET / HTTP/1.1\r\nHost: x\r\n\r\n", String(repeating: "\0", count: 100),
                "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", String(repeating: "A", count: 20_000),
            ]
        )
        func notHTTP2(text: String) async throws {
            try await LocalSystem.run { system in
                let connection = try await RawNoiseConnection.open(
                    system.address,
                    key: .generate(),
                    capabilityVersion: 113
                )
                connection.send(ByteBuffer(string: text))
                try await connection.untilClosed()
                try await system.expectToServe()
            }
        }

        @Test(
            "HTTP/2 frames that break its rules end the connection",
            arguments: [
                // DATA on stream 0; HEADERS with a broken header block; a frame longer than agreed; WINDOW_UPDATE of 0.
                [0, 0, 1, 0, 0, 0, 0, 0, 0, 65], [0, 0, 4, 1, 4, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF],
                [0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 1], [0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ] as [[UInt8]]
        )
        func badFrame(frame: [UInt8]) async throws {
            try await LocalSystem.run { system in
                let connection = try await RawNoiseConnection.open(
                    system.address,
                    key: .generate(),
                    capabilityVersion: 113
                )
                connection.send(
                    ByteBuffer(
                        bytes: Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0] + frame
                    )
                )
                try await connection.untilClosed()
                try await system.expectToServe()
            }
        }

        @Test(
            "a body that is no request is answered with 400, and the connection goes on",
            arguments: [
                "", "{", "[]", "null", "7", #"{"Version":113"#, #"{"Version":"new"}"#, #"{"Version":1e99}"#,
                #"{"Version":113,"NodeKey":"nodekey:12"}"#, #"{"Version":113,"NodeKey":"mkey:00"}"#,
                "\u{FEFF}{}", String(repeating: "[", count: 100_000), #"{"Version":113,"NodeKey":5}"#,
            ],
            ["/machine/register", "/machine/map"]
        )
        func badBody(body: String, path: String) async throws {
            try await LocalSystem.run { system in
                let client = try await system.registered("laptop")
                let answer = try await client.request(ControlRequest("POST", path, body: ByteBuffer(string: body)))
                if path == "/machine/register", answer.status == 200 {
                    // Read as a request that says nothing: refused in the answer.
                    #expect(try ClientRegisterResponse.decode(answer.body).error != "")
                } else {
                    #expect(answer.status == 400)
                }
                try await client.startMap()
                try await system.expectToServe()
            }
        }

        @Test("a map request of a node that never registered is refused")
        func mapBeforeRegister() async throws {
            try await LocalSystem.run { system in
                let client = await system.client("stranger")
                let body = await client.mapRequest(.init(), isStream: true)
                let answer = try await client.request(ControlRequest("POST", "/machine/map", body: body))
                #expect(answer.status == 404)
                #expect(answer.text == "this node is not registered: log in first\n")
                try await system.expectToServe()
            }
        }

        @Test("odd capability versions are refused", arguments: [-1, 0, 1, 112, 65_536, 1 << 31, Int.max])
        func oddVersions(version: Int) async throws {
            try await LocalSystem.run { system in
                let (client, _) = try await system.joined("laptop")
                var map = MapRequest()
                map.version = CapabilityVersion(version)
                map.nodeKey = await client.nodeKey.publicKey
                map.omitPeers = true
                let answer = try await client.request(ControlRequest("POST", "/machine/map", body: map.encoded()))
                #expect(answer.status == 400)
                var login = RegisterRequest()
                login.version = map.version
                login.nodeKey = map.nodeKey
                let second = try await client.request(
                    ControlRequest("POST", "/machine/register", body: login.encoded())
                )
                #expect(try second.status == 400 || ClientRegisterResponse.decode(second.body).error != "")
                try await system.expectToServe()
                #expect(try await system.nodes().allSatisfy { $0.capabilityVersion == .minimum })
            }
        }

        @Test(
            "a key request without a version or with nonsense is refused",
            arguments: ["", "?v=", "?v=x", "?v=1e3", "?w=113"]
        )
        func oddKeyRequests(query: String) async throws {
            try await LocalSystem.run { system in
                let answer = try await PlainConnection.get("/key\(query)", from: system.address)
                #expect(answer.status == 400)
            }
        }

        @Test(
            "a request body longer than allowed is refused, on a connection that goes on",
            arguments: [300 << 10, 1 << 20, 3 << 20]
        )
        func longBody(length: Int) async throws {
            try await LocalSystem.run { system in
                let client = try await system.registered("laptop")
                for path in ["/machine/register", "/machine/map"] {
                    let body = ByteBuffer(
                        string: #"{"Version":113,"Hostinfo":{"OS":""# + String(repeating: "x", count: length) + #""}}"#
                    )
                    let answer = try await client.request(ControlRequest("POST", path, body: body))
                    #expect(answer.status == 413)
                }
                #expect(try await client.register().isMachineAuthorized)
                try await system.expectToServe()
            }
        }

        @Test("header blocks that go on and on end the connection", arguments: [2, 8, 64])
        func endlessHeaders(frames: Int) async throws {
            try await LocalSystem.run { system in
                let connection = try await RawNoiseConnection.open(
                    system.address,
                    key: .generate(),
                    capabilityVersion: 113
                )
                // Literal fields without index: name of 8 bytes, value of 1000.
                let field = [0, 8] + Array("x-filler".utf8) + [0x7F, 0xE9, 0x06] + Array(repeating: 0x79, count: 1000)
                let block = Array(repeatElement(field, count: 16).joined().prefix(16_000))
                let length: [UInt8] = [0, UInt8(block.count >> 8), UInt8(block.count & 0xFF)]
                connection.send(ByteBuffer(string: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
                connection.send(ByteBuffer(bytes: [0, 0, 0, 4, 0, 0, 0, 0, 0]))
                for number in 0..<frames {
                    let type: UInt8 = number == 0 ? 1 : 9
                    connection.send(ByteBuffer(bytes: length + [type, 0, 0, 0, 0, 1] + block))
                }
                connection.send(ByteBuffer(bytes: [0, 0, 0, 9, 4, 0, 0, 0, 1]))
                try await connection.untilClosed()
                try await system.expectToServe()
            }
        }

        @Test("headers of any size are refused or ignored, and the server goes on", arguments: [1, 4, 16, 64, 256])
        func hugeHeaders(kilobytes: Int) async throws {
            try await LocalSystem.run { system in
                let client = try await system.registered("laptop")
                let headers = (0..<kilobytes).map { ("x-filler-\($0)", String(repeating: "y", count: 1000)) }
                let request = ControlRequest(
                    "GET",
                    "/machine/whoami",
                    headers: headers.map { (name: $0.0, value: $0.1) }
                )
                // Refused with a status, or with the end of the stream or the connection.
                let status = try? await client.request(request).status
                #expect(kilobytes >= 16 || status == 200)
                #expect(status == nil || status == 431 || status == 200)
                await client.disconnect()
                #expect(try await client.register().isMachineAuthorized)
                try await system.expectToServe()
            }
        }

        @Test(
            "paths and methods that are not there are told so",
            arguments: [
                ("GET", "/", 404), ("POST", "/machine/unknown", 404), ("GET", "/machine/register", 405),
                ("PUT", "/machine/map", 405), ("POST", "/machine/set-dns", 501),
                ("GET", "/machine/tka/init/begin", 501),
                ("POST", "/machine/update-health", 204), ("GET", "/machine/whoami", 200),
                ("GET", "/machine/../machine/map", 404),
            ]
        )
        func otherPaths(method: String, path: String, status: Int) async throws {
            try await LocalSystem.run { system in
                let client = try await system.registered("laptop")
                let answer = try await client.request(ControlRequest(method, path, body: ByteBuffer(string: "{}")))
                #expect(answer.status == status)
            }
        }

        @Test("many streams at once on one connection are all served")
        func manyStreams() async throws {
            try await LocalSystem.run { system in
                let (client, map) = try await system.joined("laptop")
                try await withThrowingTaskGroup { group in
                    for _ in 0..<80 {
                        group.addTask { try await client.singleMap(.init(isReadOnly: true)).count }
                    }
                    for try await count in group { #expect(count == 1) }
                }
                #expect(map.snapshot.ending == nil)
            }
        }

        @Test("connections that stop half way leave the server as it was")
        func halfWay() async throws {
            try await LocalSystem.run { system in
                let address = await system.address
                for text in ["", "P", "POST /ts2021 HTTP/1.1\r\nUpgrade: tail", "\u{16}\u{3}\u{1}"] {
                    for _ in 0..<10 {
                        let connection = try await PlainConnection.open(address)
                        connection.send(text)
                        connection.close()
                    }
                }
                for _ in 0..<10 {
                    let connection = try await RawNoiseConnection.open(
                        address,
                        key: .generate(),
                        capabilityVersion: 113
                    )
                    connection.close()
                }
                try await system.expectToServe()
            }
        }
    }
}
