import Crypto
public import Foundation
import IPAddresses
import SwiftASN1
import X509

/// A certificate that vouches for itself, for a listener without one from an authority.
public struct SelfSignedCertificate: Sendable {
    public let certificatePEM: String
    public let privateKeyPEM: String
    /// `sha256-raw:` and the hex SHA-256 of the certificate's DER.
    ///
    /// Source: `tailcfg.DERPNode.CertName`.
    public let pin: String

    /// Makes a new one: P-256, ten years, for `host` and the names and IP addresses in `alternativeNames`.
    public init(host: String, alternativeNames: [String] = [], now: Date) throws(SelfSignedCertificateError) {
        do {
            let key = P256.Signing.PrivateKey()
            let certificate = try Self.certificate(key, names: [host] + alternativeNames, now: now)
            self.init(
                certificatePEM: try certificate.serializeAsPEM().pemString + "\n",
                privateKeyPEM: key.pemRepresentation + "\n",
                der: try certificate.serializeAsPEM().derBytes
            )
        } catch {
            throw .generation(cause: error)
        }
    }

    init(certificatePEM: String, privateKeyPEM: String, der: [UInt8]) {
        self.certificatePEM = certificatePEM
        self.privateKeyPEM = privateKeyPEM
        let digest = SHA256.hash(data: der)
        pin = "sha256-raw:" + digest.map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined()
    }

    private static func certificate(
        _ key: P256.Signing.PrivateKey,
        names: [String],
        now: Date
    ) throws -> Certificate {
        let subject = try DistinguishedName { CommonName(names.first ?? "") }
        var seen: Set<String> = []
        let alternatives = names.filter { seen.insert($0).inserted }.map { GeneralName.alternative($0) }
        return try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PublicKey(key.publicKey),
            // An hour back, for clients whose clock is slow.
            notValidBefore: now.addingTimeInterval(-3600),
            notValidAfter: now.addingTimeInterval(10 * 365 * 86_400),
            issuer: subject,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(alternatives)
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
    }
}

extension GeneralName {
    fileprivate static func alternative(_ name: String) -> GeneralName {
        switch IPAddress(name) {
        case nil: .dnsName(name)
        case .v4(let address): .ipAddress(ASN1OctetString(contentBytes: bytes(of: address.value)[...]))
        case .v6(let address): .ipAddress(ASN1OctetString(contentBytes: bytes(of: address.value)[...]))
        }
    }

    private static func bytes(of number: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
        stride(from: number.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
