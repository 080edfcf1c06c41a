import Foundation
import JWTKit

/// The keys with which a provider signs now.
struct ProviderKeys: Sendable {
    /// Keys looked at in one document.
    static let limit = 64

    private let collection: JWTKeyCollection
    private let names: Set<String>

    /// Takes from a key set what can check signatures; keys of other kinds are passed over.
    ///
    /// Only public keys of asymmetric algorithms can be in it: a token cannot choose a weaker one.
    init(_ data: Data) async throws(TokenFault) {
        let set: KeySet
        do {
            set = try JSONDecoder().decode(KeySet.self, from: data)
        } catch {
            throw .metadata("jwks_uri")
        }
        collection = JWTKeyCollection()
        var names: Set<String> = []
        for (number, entry) in set.keys.prefix(Self.limit).enumerated() {
            guard var key = entry.key, entry.use ?? "sig" == "sig" else { continue }
            let name = key.keyIdentifier?.string ?? "unnamed-\(number)"
            key.keyIdentifier = JWKIdentifier(string: name)
            guard (try? await collection.add(jwk: key)) != nil else { continue }
            names.insert(name)
        }
        guard !names.isEmpty else { throw .metadata("jwks_uri") }
        self.names = names
    }

    /// The claims of a token that one of the keys has signed.
    func claims(of token: String) async throws(TokenFault) -> Claims {
        do {
            return try await collection.verify(token, as: SignedClaims.self, iteratingKeys: true).claims
        } catch let error as JWTError where error.errorType == .malformedToken {
            throw .malformed
        } catch {
            throw .signature
        }
    }

    private struct KeySet: Decodable {
        var keys: [Entry]

        /// A key of a kind that is not known reads as `nil`.
        struct Entry: Decodable {
            var key: JWK?
            var use: String?

            init(from decoder: any Decoder) throws {
                key = try? JWK(from: decoder)
                use = try? decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .use)
            }

            private enum CodingKeys: String, CodingKey {
                case use
            }
        }
    }
}

/// The claims are checked by ``IDTokenRules``, which knows the time and what was asked for.
private struct SignedClaims: JWTPayload {
    let claims: Claims

    init(from decoder: any Decoder) throws {
        claims = try Claims(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
        try claims.encode(to: encoder)
    }

    func verify(using algorithm: some JWTAlgorithm) async throws {}
}
