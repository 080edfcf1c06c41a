import Foundation
import Keys
import NIOCore
import NoiseProtocol
import Testing

/// One handshake of `Vectors/noise-vectors.json` with the records that followed.
struct NoiseVector: Decodable {
    /// State after one step of the handshake; `ck`, `k` and `dh` where the step changes them.
    struct Step: Decodable {
        var step: String
        var h: String
        var ck: String?
        var k: String?
        var dh: String?
    }

    struct Exchange: Decodable {
        var plaintext: String
        var wire: String
    }

    static let names = ["v1-simple", "v130-early-payload", "v145-fragmentation"]

    var name: String
    var version: UInt16
    var clientStaticPriv: String
    var clientStaticPub: String
    var clientEphPriv: String
    var clientEphPub: String
    var serverStaticPriv: String
    var serverStaticPub: String
    var serverEphPriv: String
    var serverEphPub: String
    var initiation: String
    var xTailscaleHandshake: String
    var response: String
    var handshakeHash: String
    var keyClientToServer: String
    var keyServerToClient: String
    var traceServer: [Step]
    var earlyPayloadPlaintextHex: String
    var serverToClientRecords: [Exchange]
    var clientToServerRecords: [Exchange]

    static func all() throws -> [NoiseVector] {
        struct File: Decodable { var vectors: [NoiseVector] }
        let url = try #require(
            Bundle.module.url(forResource: "noise-vectors", withExtension: "json", subdirectory: "Vectors")
        )
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(File.self, from: Data(contentsOf: url)).vectors
    }

    static func named(_ name: String) throws -> NoiseVector {
        try #require(try all().first { $0.name == name })
    }

    var clientKey: MachinePrivateKey {
        get throws { try #require(MachinePrivateKey(keyBytes(hex: clientStaticPriv))) }
    }

    var serverKey: MachinePrivateKey {
        get throws { try #require(MachinePrivateKey(keyBytes(hex: serverStaticPriv))) }
    }

    var clientEphemeral: NoiseEphemeralKey {
        get throws { try #require(NoiseEphemeralKey(keyBytes(hex: clientEphPriv))) }
    }

    var serverEphemeral: NoiseEphemeralKey {
        get throws { try #require(NoiseEphemeralKey(keyBytes(hex: serverEphPriv))) }
    }

    func initiator() throws -> NoiseInitiator {
        try NoiseInitiator(
            key: clientKey,
            server: serverKey.publicKey,
            version: version,
            ephemeral: clientEphemeral
        )
    }

    func acceptance() throws -> NoiseAcceptance {
        let ephemeral = try serverEphemeral
        return try NoiseResponder(key: serverKey).accept(buffer(hex: initiation), ephemeral: ephemeral)
    }

    func clientKeys() throws -> NoiseTransportKeys {
        try initiator().finish(buffer(hex: response))
    }
}
