import NIOSSL
import Synchronization

/// The certificate a listener shows: TLS 1.2 and up, HTTP/1.1 only.
///
/// Shared by listeners; connections made after a ``reload(certificateChainPEM:privateKeyPEM:)`` see the new
/// certificate.
public final class ServerTLS: Sendable {
    private let context: Mutex<NIOSSLContext>

    /// The leaf comes first in the chain.
    public init(certificateChainPEM: String, privateKeyPEM: String) throws(ServerTLSError) {
        context = Mutex(try Self.makeContext(certificateChainPEM, privateKeyPEM))
    }

    /// Replaces the certificate; after an error the old one stays.
    public func reload(certificateChainPEM: String, privateKeyPEM: String) throws(ServerTLSError) {
        let new = try Self.makeContext(certificateChainPEM, privateKeyPEM)
        context.withLock { $0 = new }
    }

    func makeHandler() -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: context.withLock { $0 })
    }

    private static func makeContext(_ chain: String, _ key: String) throws(ServerTLSError) -> NIOSSLContext {
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMBytes(Array(chain.utf8))
        } catch {
            throw .badCertificate
        }
        guard !certificates.isEmpty else { throw .badCertificate }
        let privateKey: NIOSSLPrivateKey
        do {
            privateKey = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        } catch {
            throw .badKey
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(privateKey)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .mismatch
        }
    }
}

/// Why a certificate cannot be used; never carries what was in the files.
public enum ServerTLSError: Error, CustomStringConvertible {
    case badCertificate
    case badKey
    case mismatch

    public var description: String {
        switch self {
        case .badCertificate: "the certificate file does not hold PEM certificates"
        case .badKey: "the key file does not hold a PEM private key without passphrase"
        case .mismatch: "the private key does not belong to the first certificate of the chain"
        }
    }
}
