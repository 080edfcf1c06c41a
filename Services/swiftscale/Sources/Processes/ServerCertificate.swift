import Foundation
import ServiceKit

/// What the listener shows to clients that speak TLS.
struct ServerCertificate {
    let tls: ServerTLS
    /// How clients recognise a certificate that nobody else vouches for; empty where an authority does.
    let pin: String

    /// The certificate of a server that clients reach by its URL.
    init(_ configuration: ServerConfiguration, now: Date) throws(CommandFailure) {
        let url = configuration.listener.serverURL
        // With https, clients meet the certificate of whatever stands in front of this server.
        try self.init(configuration, host: url.host, isMetByClients: url.scheme == "http", now: now)
    }

    /// The certificate of a relay in a process of its own, which clients always meet themselves.
    init(relay configuration: ServerConfiguration, now: Date) throws(CommandFailure) {
        let host = configuration.derp.publicHost(configuration.listener)
        try self.init(configuration, host: host, isMetByClients: true, now: now)
    }

    /// Reads the configured certificate, or the self-signed one, which is made at the first start.
    private init(
        _ configuration: ServerConfiguration,
        host: String,
        isMetByClients: Bool,
        now: Date
    ) throws(CommandFailure) {
        do {
            if let certificate = configuration.listener.certificate {
                tls = try Self.load(certificate)
                pin = ""
                return
            }
            let made = try SelfSignedCertificate.loadOrMake(
                in: configuration.data.certificateDirectory,
                host: host,
                alternativeNames: Self.names(configuration.listener, beside: host),
                now: now
            )
            tls = try ServerTLS(certificateChainPEM: made.certificatePEM, privateKeyPEM: made.privateKeyPEM)
            pin = isMetByClients ? made.pin : ""
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("the TLS certificate: \(error)")
        }
    }

    /// A configured certificate.
    static func load(_ certificate: ListenerSettings.Certificate) throws(CommandFailure) -> ServerTLS {
        let (chain, key) = (try read(certificate.chainPath), try read(certificate.keyPath))
        do {
            return try ServerTLS(certificateChainPEM: chain, privateKeyPEM: key)
        } catch {
            throw CommandFailure("the TLS certificate: \(error)")
        }
    }

    private static func names(_ listener: ListenerSettings, beside host: String) -> [String] {
        let names = ["localhost", "127.0.0.1", "::1", listener.address.reachableHost]
        return Set(names).subtracting([host]).sorted()
    }

    private static func read(_ path: String) throws(CommandFailure) -> String {
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8)
        else {
            throw CommandFailure("\(path) cannot be read: check tls_cert_path and tls_key_path")
        }
        return text
    }
}
