import Foundation
import NIOSSL
import Testing

@testable import ServiceKit

/// How a test reaches the listener; most behaviours must be the same on both.
enum Transport: CaseIterable, Sendable, CustomTestStringConvertible {
    case plain
    case tls

    var testDescription: String { self == .plain ? "plain" : "TLS" }
}

/// One certificate for all tests: making one is slow beside them.
enum TestCertificate {
    static let shared = Result {
        try SelfSignedCertificate(host: "localhost", alternativeNames: ["127.0.0.1"], now: Date())
    }

    static func serverTLS() throws -> ServerTLS {
        let certificate = try shared.get()
        return try ServerTLS(
            certificateChainPEM: certificate.certificatePEM,
            privateKeyPEM: certificate.privateKeyPEM
        )
    }

    static func clientContext(alpn: [String] = []) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = alpn
        return try NIOSSLContext(configuration: configuration)
    }
}
