import HTTPTypes
import Hummingbird

/// The secrets of a login's rounds, as browsers carry them.
enum LoginSecrets {
    /// Whether a text can be a secret that the registry made: 32 bytes in the letters of URLs.
    static func isForm(_ text: String) -> Bool {
        text.utf8.count == 43
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "_")
            }
    }
}

/// The browser's half of a round, in a cookie named after the other half, so that several tabs do not disturb each other.
struct LoginCookie: Sendable {
    enum Kind: String {
        /// Set on the way to the provider; comes back with the provider's redirect, which is another site's.
        case login
        /// Set with the confirmation page; comes back from that page only.
        case confirm
    }

    static let lifetimeSeconds = 600

    var kind: Kind
    /// The round's secret, of the form ``LoginSecrets/isForm(_:)``.
    var secret: String
    var isSecure: Bool

    private var name: String { "swiftscale-\(kind.rawValue)-\(secret.prefix(8))" }

    private var attributes: String {
        let place = kind == .login ? "Path=/oidc; SameSite=Lax" : "Path=/register; SameSite=Strict"
        return "\(place); HttpOnly" + (isSecure ? "; Secure" : "")
    }

    func setting(_ value: String) -> String {
        "\(name)=\(value); Max-Age=\(Self.lifetimeSeconds); \(attributes)"
    }

    var removing: String { "\(name)=; Max-Age=0; \(attributes)" }

    /// What the browser sent, if it can be a secret.
    func value(in request: Request) -> String? {
        for field in request.headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, parts[0].filter({ $0 != " " }) == name else { continue }
                let value = String(parts[1])
                return LoginSecrets.isForm(value) ? value : nil
            }
        }
        return nil
    }
}
