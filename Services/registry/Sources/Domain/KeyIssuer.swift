import Crypto
import Foundation

/// Makes auth and API keys, and checks those that come back.
///
/// - Form: `hskey-<kind>-<12 hex digits>-<64 hex digits>`; the first part is public and names the key, the rest is secret.
/// - Stored: HMAC-SHA256 of the whole text under the server's secret. The keys are random, so a fast hash does.
struct KeyIssuer: Sendable {
    enum Kind: String {
        case auth = "hskey-auth-"
        case api = "hskey-api-"
    }

    struct Issued {
        let prefix: String
        let hash: Data
        /// The whole key.
        let secret: String
    }

    static let secretLength = 32
    private static let prefixLength = 12
    private static let secretPartLength = 64

    private let secret: SymmetricKey

    init(secret: Data) {
        self.secret = SymmetricKey(data: secret)
    }

    func issue(_ kind: Kind, random: (Int) -> [UInt8]) -> Issued {
        let prefix = hex(random(Self.prefixLength / 2))
        let text = kind.rawValue + prefix + "-" + hex(random(Self.secretPartLength / 2))
        return Issued(
            prefix: prefix,
            hash: Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: secret)),
            secret: text
        )
    }

    /// The public part of a key's text; `nil` where the text is no key of this kind.
    static func prefix(of text: String, kind: Kind) -> String? {
        let bytes = Array(text.utf8)
        let head = Array(kind.rawValue.utf8)
        guard bytes.count == head.count + prefixLength + 1 + secretPartLength, bytes.starts(with: head) else {
            return nil
        }
        let prefix = bytes[head.count..<head.count + prefixLength]
        let rest = bytes[(head.count + prefixLength)...]
        guard rest.first == UInt8(ascii: "-"), prefix.allSatisfy(isHexDigit), rest.dropFirst().allSatisfy(isHexDigit)
        else { return nil }
        return String(decoding: prefix, as: UTF8.self)
    }

    /// Whether `text` is the key that `hash` was stored for; takes the same time wherever they differ.
    func isValid(_ text: String, hash: Data) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(hash, authenticating: Data(text.utf8), using: secret)
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
