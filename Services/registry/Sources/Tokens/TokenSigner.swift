import Bus
import Crypto
import CryptoExtras
import Foundation

/// Signs tokens with RSA: the one algorithm that everybody who takes such tokens knows.
struct TokenSigner {
    static let algorithm = "RS256"

    private let id: String
    private let key: _RSA.Signing.PrivateKey

    init(_ key: SigningKeyRing.Key) throws {
        id = key.id
        self.key = try _RSA.Signing.PrivateKey(derRepresentation: key.der)
    }

    static func makeKey(id: String, now: Date) throws -> SigningKeyRing.Key {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        return SigningKeyRing.Key(id: id, der: key.derRepresentation, createdAt: now)
    }

    var publicKey: FetchTokenKeys.Key {
        get throws {
            let numbers = try key.publicKey.getKeyPrimitives()
            return .init(id: id, modulus: Self.text(numbers.modulus), exponent: Self.text(numbers.publicExponent))
        }
    }

    /// The token in its compact form.
    func token(_ claims: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let header = ["alg": Self.algorithm, "kid": id, "typ": "JWT"]
        let signed = Self.text(try encoder.encode(header)) + "." + Self.text(try encoder.encode(claims))
        let digest = SHA256.hash(data: Data(signed.utf8))
        let signature = try key.signature(for: digest, padding: .insecurePKCS1v1_5)
        return signed + "." + Self.text(signature.rawRepresentation)
    }

    private static func text(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
