import Crypto
import Foundation
import SwiftASN1
import TestKit
import X509

/// An authority of one test, and the certificates that it gives, as files.
struct TestAuthority {
    let caFile: String
    private let directory: TemporaryDirectory
    private let key = P256.Signing.PrivateKey()
    private let name: DistinguishedName

    init(_ directory: TemporaryDirectory, name: String = "authority") throws {
        self.directory = directory
        self.name = try DistinguishedName { CommonName(name) }
        caFile = directory.path("\(name).pem")
        let certificate = try Self.certificate(
            key,
            subject: self.name,
            issuer: self.name,
            by: key,
            try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
            }
        )
        try certificate.serializeAsPEM().pemString.write(toFile: caFile, atomically: true, encoding: .utf8)
    }

    /// Files of a new certificate for a server of that name, or a client.
    func issue(_ host: String) throws -> (certificateFile: String, keyFile: String) {
        let subjectKey = P256.Signing.PrivateKey()
        let subject = try DistinguishedName { CommonName(host) }
        let certificate = try Self.certificate(
            subjectKey,
            subject: subject,
            issuer: name,
            by: key,
            try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
                SubjectAlternativeNames([.dnsName(host)])
            }
        )
        let files = (directory.path("\(host).crt"), directory.path("\(host).key"))
        try certificate.serializeAsPEM().pemString.write(toFile: files.0, atomically: true, encoding: .utf8)
        try subjectKey.pemRepresentation.write(toFile: files.1, atomically: true, encoding: .utf8)
        return files
    }

    private static func certificate(
        _ key: P256.Signing.PrivateKey,
        subject: DistinguishedName,
        issuer: DistinguishedName,
        by issuerKey: P256.Signing.PrivateKey,
        _ extensions: Certificate.Extensions
    ) throws -> Certificate {
        try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PublicKey(key.publicKey),
            notValidBefore: Date(timeIntervalSinceNow: -3600),
            notValidAfter: Date(timeIntervalSinceNow: 3600),
            issuer: issuer,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: extensions,
            issuerPrivateKey: Certificate.PrivateKey(issuerKey)
        )
    }
}
