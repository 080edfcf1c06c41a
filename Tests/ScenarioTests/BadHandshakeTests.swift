import Foundation
import Keys
import NIOCore
import NoiseProtocol
import TestKit
import Testing

extension Scenarios {
    @Suite("Bad handshakes")
    struct BadHandshakes {
        @Test(
            "an upgrade without a handshake that is base64 is refused in words",
            arguments: ["", "%%%", "AAAA*", "é", String(repeating: "A", count: 2000)]
        )
        func notBase64(handshake: String) async throws {
            try await LocalSystem.run { system in
                let connection = try await PlainConnection.open(system.address)
                connection.send(NoiseConnection.upgradeRequest(handshake: handshake, to: await system.address))
                let answer = try await connection.answer()
                if handshake.isEmpty {
                    // An empty header is empty base64: no handshake of the right length.
                    #expect([101, 400].contains(answer.status))
                } else {
                    #expect(answer.status == 400)
                    #expect(answer.text.contains("X-Tailscale-Handshake"))
                }
                try await connection.untilClosed()
                try await system.expectToServe()
            }
        }

        @Test("an initiation of another length is answered in the clear", arguments: [1, 5, 100, 102, 400])
        func wrongLength(length: Int) async throws {
            try await LocalSystem.run { system in
                var initiation = try await system.initiation()
                initiation.writeRepeatingByte(0, count: max(0, length - initiation.readableBytes))
                let part = try #require(initiation.getSlice(at: initiation.readerIndex, length: length))
                let answer = try await system.upgradeAnswer(to: part)
                #expect(answer.getInteger(at: answer.readerIndex, as: UInt8.self) == 3)
                #expect(String(buffer: answer).contains("wrong handshake message length"))
                try await system.expectToServe()
            }
        }

        @Test("a first message of another type is answered in the clear", arguments: [0, 2, 3, 4, 255] as [UInt8])
        func wrongType(type: UInt8) async throws {
            try await LocalSystem.run { system in
                var initiation = try await system.initiation()
                initiation.setInteger(type, at: initiation.readerIndex + 2)
                let answer = try await system.upgradeAnswer(to: initiation)
                #expect(answer.getInteger(at: answer.readerIndex, as: UInt8.self) == 3)
                #expect(String(buffer: answer).contains("unexpected handshake message type"))
                try await system.expectToServe()
            }
        }

        @Test(
            "an initiation that does not decrypt ends the connection without a word",
            arguments: [0, 5, 30, 40, 80, 90, 100]
        )
        func changedByte(position: Int) async throws {
            try await LocalSystem.run { system in
                var initiation = try await system.initiation()
                let byte = try #require(initiation.getInteger(at: position, as: UInt8.self))
                initiation.setInteger(byte ^ 0x01, at: position)
                #expect(try await system.upgradeAnswer(to: initiation).readableBytes == 0)
                try await system.expectToServe()
            }
        }

        @Test(
            "a point of low order in place of the ephemeral key ends the connection without a word",
            arguments: [
                String(repeating: "00", count: 32), "01" + String(repeating: "00", count: 31),
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            ]
        )
        func lowOrder(point: String) async throws {
            try await LocalSystem.run { system in
                var initiation = try await system.initiation()
                let key = try #require(KeyBytes(hex: point))
                _ = key.withUnsafeBytes { initiation.setBytes($0, at: initiation.readerIndex + 5) }
                #expect(try await system.upgradeAnswer(to: initiation).readableBytes == 0)
                try await system.expectToServe()
            }
        }

        @Test("an initiation for another server's key ends the connection without a word")
        func otherServer() async throws {
            try await LocalSystem.run { system in
                let other = MachinePrivateKey.generate().publicKey
                let initiator = try NoiseInitiator(key: .generate(), server: other, version: 113)
                #expect(try await system.upgradeAnswer(to: initiator.initiation).readableBytes == 0)
                try await system.expectToServe()
            }
        }

        @Test("an initiation that is sent twice opens nothing for who cannot go on with it")
        func replay() async throws {
            try await LocalSystem.run { system in
                let initiation = try await system.initiation()
                for _ in 0..<2 {
                    let connection = try await PlainConnection.open(system.address)
                    connection.send(NoiseConnection.upgradeRequest(initiation: initiation, to: await system.address))
                    #expect(try await connection.answer().status == 101)
                    // Without the keys no record opens: the server hangs up.
                    connection.send(ByteBuffer(bytes: [4, 0, 32] + Array(repeating: 0xAA, count: 32)))
                    try await connection.untilClosed()
                }
                try await system.expectToServe()
            }
        }

        @Test(
            "requests for the upgrade that are none are refused",
            arguments: [
                "GET /ts2021 HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST /ts2021 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
                "POST /ts2021 HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 0\r\n\r\n",
                "PUT /ts2021 HTTP/1.1\r\nHost: x\r\nUpgrade: tailscale-control-protocol\r\nContent-Length: 0\r\n\r\n",
            ]
        )
        func notAnUpgrade(request: String) async throws {
            try await LocalSystem.run { system in
                let connection = try await PlainConnection.open(system.address)
                connection.send(request)
                #expect(try await connection.answer().status == 400)
                try await system.expectToServe()
            }
        }
    }
}

extension LocalSystem {
    /// A good initiation for this server.
    func initiation() async throws -> ByteBuffer {
        let server = try await PlainConnection.serverKey(of: address, capabilityVersion: 113)
        return try NoiseInitiator(key: .generate(), server: server, version: 113).initiation
    }

    /// What comes after the `101`, until the server hangs up.
    func upgradeAnswer(to initiation: ByteBuffer) async throws -> ByteBuffer {
        let connection = try await PlainConnection.open(address)
        connection.send(NoiseConnection.upgradeRequest(initiation: initiation, to: address))
        var bytes = try await connection.untilClosed()
        let head = try #require(bytes.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)))
        #expect(bytes.getString(at: bytes.readerIndex, length: 12) == "HTTP/1.1 101")
        bytes.moveReaderIndex(to: head.upperBound)
        return bytes
    }

    /// Whether a good client is still served, from the key to the map.
    func expectToServe() async throws {
        let (client, map) = try await joined("good")
        #expect(map.snapshot.faults == [])
        await client.disconnect()
    }
}
