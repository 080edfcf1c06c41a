import Crypto
import Foundation
import TestKit

/// The signed users of NATS: an operator vouches for an account, the account for users.
///
/// Source: NATS documentation, "JWT authentication" and "NKeys": base32 of a prefix byte, the Ed25519 key and a CRC-16; JWTs of
/// version 2 with algorithm `ed25519-nkey`.
struct TestOperator {
    /// Lines of the server's configuration.
    let settings: String
    private let account = Curve25519.Signing.PrivateKey()

    init() throws {
        let key = Curve25519.Signing.PrivateKey()
        let publicKey = Self.text(14 << 3, key.publicKey.rawRepresentation)
        let accountKey = Self.text(0 << 3, account.publicKey.rawRepresentation)
        let limits = ["subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "conn": -1, "leaf": -1]
        let operatorToken = try Self.token(
            subject: publicKey,
            issuer: publicKey,
            claims: ["type": "operator", "version": 2],
            by: key
        )
        let accountToken = try Self.token(
            subject: accountKey,
            issuer: publicKey,
            claims: ["type": "account", "version": 2, "limits": limits],
            by: key
        )
        settings = """
            operator: "\(operatorToken)"
            resolver: MEMORY
            resolver_preload: { \(accountKey): "\(accountToken)" }
            """
    }

    /// The path of a new user's credentials.
    func credentials(in directory: TemporaryDirectory) throws -> String {
        let user = Curve25519.Signing.PrivateKey()
        let token = try Self.token(
            subject: Self.text(20 << 3, user.publicKey.rawRepresentation),
            issuer: Self.text(0 << 3, account.publicKey.rawRepresentation),
            claims: ["type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1],
            by: account
        )
        let seed = Self.text([18 << 3 | 20 >> 2, (20 & 3) << 6], user.rawRepresentation)
        let path = directory.path("user.creds")
        try """
        -----BEGIN NATS USER JWT-----
        \(token)
        ------END NATS USER JWT------

        -----BEGIN USER NKEY SEED-----
        \(seed)
        ------END USER NKEY SEED------

        """.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private static func token(
        subject: String,
        issuer: String,
        claims: [String: Any],
        by key: Curve25519.Signing.PrivateKey
    ) throws -> String {
        let header = try JSONSerialization.data(withJSONObject: ["typ": "JWT", "alg": "ed25519-nkey"])
        let body = try JSONSerialization.data(withJSONObject: [
            "jti": UUID().uuidString, "iat": Int(Date().timeIntervalSince1970), "iss": issuer, "sub": subject,
            "name": "test", "nats": claims,
        ])
        let signed = base64(header) + "." + base64(body)
        return signed + "." + base64(try key.signature(for: Data(signed.utf8)))
    }

    private static func base64(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func text(_ prefix: UInt8, _ key: Data) -> String { text([prefix], key) }

    private static func text(_ prefix: [UInt8], _ key: Data) -> String {
        var bytes = prefix + Array(key)
        let sum = checksum(bytes)
        bytes += [UInt8(sum & 0xFF), UInt8(sum >> 8)]
        return base32(bytes)
    }

    /// CRC-16 with polynomial 0x1021, as XMODEM has it.
    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt16 = 0
        for byte in bytes {
            sum ^= UInt16(byte) << 8
            for _ in 0..<8 { sum = sum & 0x8000 != 0 ? (sum << 1) ^ 0x1021 : sum << 1 }
        }
        return sum
    }

    private static func base32(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var text = ""
        var (bits, count) = (0, 0)
        for byte in bytes {
            (bits, count) = ((bits << 8 | Int(byte)) & 0xFFFF, count + 8)
            while count >= 5 {
                count -= 5
                text.append(alphabet[bits >> count & 31])
            }
        }
        if count > 0 { text.append(alphabet[bits << (5 - count) & 31]) }
        return text
    }
}
