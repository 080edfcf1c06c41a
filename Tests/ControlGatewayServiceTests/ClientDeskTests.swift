import ControlModel
import Foundation
import Keys
import NIOCore
import Testing

@testable import ControlGatewayService

@Suite("Questions to clients")
struct ClientDeskTests {
    private static let body = ByteBuffer(string: "answer")
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private static func node(_ id: Int64) throws -> Node {
        var node = try AdminNodeRoutesTests.node(id, user: nil)
        node.machineKey = MachinePrivateKey.generate().publicKey
        return node
    }

    @Test("the first answer of the client itself ends the wait; a stranger's does not")
    func answered() async throws {
        let (desk, node) = (ClientDesk(), try Self.node(7))
        let stranger = MachinePrivateKey.generate().publicKey
        let answer = try await desk.ask(node, within: .seconds(60), clock: ContinuousClock()) { token in
            #expect(desk.take(.body(ByteBuffer(string: "forged")), to: token, from: stranger) == .stranger)
            #expect(desk.take(.body(Self.body), to: token, from: node.machineKey) == .taken)
            #expect(desk.take(.body(ByteBuffer(string: "second")), to: token, from: node.machineKey) == .taken)
        }
        #expect(answer == Self.body)
        #expect(desk.count == 0)
    }

    @Test("silence, an answer too long and a client that is away are told apart, and leave nothing behind")
    func unanswered() async throws {
        let (desk, node) = (ClientDesk(), try Self.node(7))
        let clock = ContinuousClock()
        await #expect(throws: ClientSilence.silent) {
            try await desk.ask(node, within: .milliseconds(20), clock: clock) { _ in }
        }
        await #expect(throws: ClientSilence.tooLong) {
            try await desk.ask(node, within: .seconds(60), clock: clock) { token in
                _ = desk.take(.tooLong, to: token, from: node.machineKey)
            }
        }
        await #expect(throws: ClientSilence.offline) {
            try await desk.ask(node, within: .seconds(60), clock: clock) { _ throws(ClientSilence) in throw .offline }
        }
        #expect(desk.count == 0)
    }

    @Test("one client is asked few things at once, and others still are")
    func busy() async throws {
        let (desk, node, other) = (ClientDesk(), try Self.node(7), try Self.node(8))
        await nested(desk, node, ClientDesk.nodeLimit) {
            await #expect(throws: ClientSilence.busy) {
                try await desk.ask(node, within: .seconds(60), clock: ContinuousClock()) { _ in }
            }
            await #expect(throws: ClientSilence.offline) {
                try await desk.ask(other, within: .seconds(60), clock: ContinuousClock()) { _ throws(ClientSilence) in
                    throw .offline
                }
            }
        }
    }

    /// Runs `body` while `depth` questions wait.
    private func nested(_ desk: ClientDesk, _ node: Node, _ depth: Int, _ body: () async -> Void) async {
        guard depth > 0 else { return await body() }
        _ = try? await desk.ask(node, within: .seconds(60), clock: ContinuousClock()) { _ throws(ClientSilence) in
            await nested(desk, node, depth - 1, body)
            throw .offline
        }
    }

    @Test("another gateway's question is passed to it once, from the client that it is for")
    func foreign() throws {
        let (desk, node) = (ClientDesk(), try Self.node(7))
        let token = AnswerToken.new()
        #expect(desk.take(.body(Self.body), to: token, from: node.machineKey) == .unknown)
        #expect(!desk.admitsLongBody(to: token, from: node.machineKey))
        desk.expect(token, of: node.machineKey, for: "g2", until: Self.now, now: Self.now)
        let stranger = MachinePrivateKey.generate().publicKey
        #expect(!desk.admitsLongBody(to: token, from: stranger))
        #expect(desk.take(.body(Self.body), to: token, from: stranger) == .stranger)
        for _ in 0..<ClientDesk.longBodyLimit { #expect(desk.admitsLongBody(to: token, from: node.machineKey)) }
        #expect(!desk.admitsLongBody(to: token, from: node.machineKey))
        #expect(desk.take(.body(Self.body), to: token, from: node.machineKey) == .pass(to: "g2"))
        #expect(desk.take(.body(Self.body), to: token, from: node.machineKey) == .unknown)
    }

    @Test("of others' questions those that are over are forgotten first, and none of one's own")
    func forgetting() async throws {
        let (desk, node) = (ClientDesk(), try Self.node(7))
        _ = try await desk.ask(node, within: .seconds(60), clock: ContinuousClock()) { own in
            let tokens = (0..<ClientDesk.foreignLimit * 2).map { _ in AnswerToken.new() }
            for (number, token) in tokens.enumerated() {
                let end = Self.now.addingTimeInterval(TimeInterval(number))
                desk.expect(token, of: node.machineKey, for: "g2", until: end, now: Self.now)
            }
            #expect(desk.count <= ClientDesk.foreignLimit)
            let last = tokens[tokens.count - 1]
            #expect(desk.take(.body(Self.body), to: last, from: node.machineKey) == .pass(to: "g2"))
            #expect(desk.take(.body(Self.body), to: tokens[0], from: node.machineKey) == .unknown)
            #expect(desk.take(.body(Self.body), to: own, from: node.machineKey) == .taken)
        }
    }

    @Test("only paths with a token that could have been given out are looked up")
    func tokens() {
        let token = AnswerToken.new()
        #expect(ClientDesk.token(inPath: ClientDesk.path + token) == token)
        for path in [
            "", ClientDesk.path, "/machine/c2n", token, ClientDesk.path + token + "0", ClientDesk.path + "../" + token,
        ] {
            #expect(ClientDesk.token(inPath: path) == nil, "\(path)")
        }
    }
}
