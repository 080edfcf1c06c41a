import Foundation
import NIOCore
import NIOPosix

@testable import ServiceKit

#if canImport(Glibc)
    import Glibc
#endif

/// A private nginx with a plain and a TLS frontend and a kept-alive backend.
struct Nginx {
    struct DidNotStart: Error {
        let log: String
    }

    static let path = "/usr/sbin/nginx"
    static var mustRun: Bool {
        FileManager.default.isExecutableFile(atPath: path) || ProcessInfo.processInfo.environment["CI"] != nil
    }

    let plainPort: Int
    let tlsPort: Int
    private let process: Process
    private let exited: AsyncStream<Void>

    init(folder: String, backend: Int) async throws {
        (plainPort, tlsPort) = (try await Self.freePort(), try await Self.freePort())
        let certificate = try TestCertificate.shared.get()
        try certificate.certificatePEM.write(toFile: folder + "/cert.pem", atomically: true, encoding: .utf8)
        try certificate.privateKeyPEM.write(toFile: folder + "/key.pem", atomically: true, encoding: .utf8)
        let configuration = Self.configuration(folder, plain: plainPort, tls: tlsPort, backend: backend)
        try configuration.write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = ["-c", folder + "/nginx.conf", "-p", folder, "-e", folder + "/error.log"]
        process.standardError = FileHandle.nullDevice
        let (exited, exit) = AsyncStream.makeStream(of: Void.self)
        self.exited = exited
        process.terminationHandler = { _ in exit.finish() }
        try process.run()
        try await waitUntilListening(log: folder + "/error.log")
    }

    /// Ends it by its process id and waits for that.
    func stop() async {
        // It inherits the signal mask of our thread, which keeps all other signals from it.
        kill(process.processIdentifier, SIGKILL)
        for await _ in exited {}
    }

    /// One worker, so that both requests meet in one pool of backend connections.
    private static func configuration(_ folder: String, plain: Int, tls: Int, backend: Int) -> String {
        """
        daemon off; master_process off; worker_processes 1; pid \(folder)/nginx.pid; error_log \(folder)/error.log;
        events { worker_connections 64; }
        http {
            access_log off;
            client_body_temp_path \(folder)/body; proxy_temp_path \(folder)/proxy; fastcgi_temp_path \(folder)/fastcgi;
            uwsgi_temp_path \(folder)/uwsgi; scgi_temp_path \(folder)/scgi;
            map $http_upgrade $upstream_connection { default upgrade; '' ''; }
            upstream backend { server 127.0.0.1:\(backend); keepalive 4; }
            server {
                listen 127.0.0.1:\(plain);
                listen 127.0.0.1:\(tls) ssl;
                ssl_certificate \(folder)/cert.pem;
                ssl_certificate_key \(folder)/key.pem;
                location / {
                    proxy_pass http://backend;
                    proxy_http_version 1.1;
                    proxy_set_header Upgrade $http_upgrade;
                    proxy_set_header Connection $upstream_connection;
                }
            }
        }

        """
    }

    /// A port that was free a moment ago: nginx cannot be asked for the one it took.
    private static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close()
        return port
    }

    private func waitUntilListening(log: String) async throws {
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: tlsPort)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(20)
        while clock.now < end, process.isRunning {
            if let client = try? await RawClient.connect(to: address) {
                try await client.close()
                return
            }
            // The state of another program has no event to wait for.
            try await Task.sleep(for: .milliseconds(10))
        }
        await stop()
        throw DidNotStart(log: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }
}
