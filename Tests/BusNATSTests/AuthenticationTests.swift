import Bus
import BusNATS
import ControlModel
import Foundation
import TestKit
import Testing

@Suite("NATS bus: who we are to the server", .timeLimit(.minutes(2)))
struct AuthenticationTests {
    @Test("a user with a password, a token and a credentials file are let in")
    func letIn() async throws {
        let directory = try TemporaryDirectory()
        let signer = try TestOperator()
        let ways: [(String, NATSBus.Authentication)] = [
            ("authorization { user: gateway, password: \"s3:cret@\" }", .user(name: "gateway", password: "s3:cret@")),
            ("authorization { token: \"a token\" }", .token("a token")),
            (signer.settings, .credentialsFile(path: try signer.credentials(in: directory))),
        ]
        for (settings, authentication) in ways {
            let server = try await NATSServer(settings)
            try await expectEcho(.init(servers: [server.url], authentication: authentication, name: "test"))
        }
    }

    @Test("the wrong password is refused, and tried again until it is right")
    func wrongPassword() async throws {
        let server = try await NATSServer("authorization { user: gateway, password: right }")
        let wrong = NATSBus.Configuration(
            servers: [server.url],
            authentication: .user(name: "gateway", password: "wrong"),
            name: "test"
        )
        let bus = try NATSBus(wrong)
        await expectUnavailable {
            _ = try await bus.request(Reverse(text: ""), tailnet: .default, timeout: .seconds(1))
        }
        #expect(!bus.isConnected)
        let port = server.port
        await server.stop()
        let other = try await NATSServer(
            "listen: \"127.0.0.1:\(port)\"\nauthorization { user: gateway, password: wrong }"
        )
        try await eventually("it is let in") { bus.isConnected }
        await bus.close()
        await other.stop()
    }

    @Test("TLS with our authority and our certificate is let in; each without the other is not")
    func tls() async throws {
        let directory = try TemporaryDirectory()
        let authority = try TestAuthority(directory)
        let stranger = try TestAuthority(directory, name: "stranger")
        let (server, port) = try await tlsServer(authority.issue("localhost"), caFile: authority.caFile)
        let ours = try authority.issue("client")
        let good = NATSBus.TLS(
            caFile: authority.caFile,
            certificateFile: ours.certificateFile,
            keyFile: ours.keyFile
        )
        let address = "tls://localhost:\(port)"
        try await expectEcho(.init(servers: [address], tls: good, name: "test"))

        var untrusting = good
        untrusting.caFile = stranger.caFile
        var anonymous = good
        (anonymous.certificateFile, anonymous.keyFile) = (nil, nil)
        for tls in [untrusting, anonymous] { try await expectNoWay(.init(servers: [address], tls: tls, name: "test")) }
        try await expectNoWay(.init(servers: ["nats://localhost:\(port)"], name: "test"))
        await server.stop()
    }

    @Test("a server with the certificate of another is not trusted")
    func otherHost() async throws {
        let directory = try TemporaryDirectory()
        let authority = try TestAuthority(directory)
        let (server, port) = try await tlsServer(authority.issue("elsewhere.example"), caFile: nil)
        try await expectNoWay(
            .init(servers: ["tls://localhost:\(port)"], tls: .init(caFile: authority.caFile), name: "test")
        )
        await server.stop()
    }

    @Test("permissions of the server hold: a subject that is not ours cannot be served or asked")
    func permissions() async throws {
        let server = try await NATSServer(
            """
            authorization { users: [
                { user: asker, password: a, permissions: {
                    publish: ["swiftscale.*.test.reverse", "swiftscale.*.test.echo"], subscribe: ["_INBOX.asker.>"],
                    allow_responses: { max: 128 } } }
                { user: server, password: b, permissions: {
                    publish: ["swiftscale.*.test.text"],
                    subscribe: ["swiftscale.*.test.reverse", "swiftscale.*.test.echo", "_INBOX.server.>"],
                    allow_responses: { max: 128 } } }
            ] }
            """
        )
        let asker = try NATSBus(
            .init(servers: [server.url], authentication: .user(name: "asker", password: "a"), name: "asker")
        )
        let responder = try NATSBus(
            .init(servers: [server.url], authentication: .user(name: "server", password: "b"), name: "server")
        )
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await responder.serve(Reverse.self, tailnet: .default) { Text(text: String($0.text.reversed())) }
            }
            group.addTask { try await responder.serve(Echo.self, tailnet: .default) { Text(text: $0.text) } }
            group.addTask { try await asker.serve(Reverse.self, tailnet: .default) { _ in Text(text: "stolen") } }
            for _ in 1...100 {
                let answer = try await asker.request(Reverse(text: "ab"), tailnet: .default)
                #expect(answer.text == "ba")
            }
            // In parts, both ways: the responder lets the asker send to its inbox.
            let long = String(repeating: "abc", count: 1_000_000)
            let answer = try await asker.request(Echo(text: long), tailnet: .default)
            let isRight = answer.text == long
            #expect(isRight)
            await #expect(throws: BusError.self) {
                _ = try await responder.request(Reverse(text: ""), tailnet: .default, timeout: .milliseconds(300))
            }
            group.cancelAll()
        }
        await asker.close()
        await responder.close()
    }

    private func tlsServer(
        _ files: (certificateFile: String, keyFile: String),
        caFile: String?
    ) async throws -> (NATSServer, Int) {
        let clients = caFile.map { ", ca_file: \"\($0)\", verify: true" } ?? ""
        let server = try await NATSServer(
            "tls { cert_file: \"\(files.certificateFile)\", key_file: \"\(files.keyFile)\"\(clients) }"
        )
        return (server, server.port)
    }

    private func expectEcho(_ configuration: NATSBus.Configuration) async throws {
        let bus = try NATSBus(configuration)
        let events = try await bus.events(Text.self, tailnet: .default)
        try await bus.publish(Text(text: "echo"), tailnet: .default)
        for await event in events {
            #expect(event.text == "echo")
            break
        }
        await bus.close()
    }

    private func expectNoWay(_ configuration: NATSBus.Configuration) async throws {
        let bus = try NATSBus(configuration)
        await expectUnavailable {
            _ = try await bus.request(Reverse(text: ""), tailnet: .default, timeout: .seconds(1))
        }
        #expect(!bus.isConnected)
        await bus.close()
    }
}
