import ControlModel
import Foundation
import IPAddresses
import NIOCore
import TailcfgWire
import TestKit
import Testing

/// A login by SSH from one node to another, decided as the destination's client decides it: by the SSH rules of its map, and where
/// these say so by asking the server.
struct SSHSession: Sendable {
    let source: ClientNode
    let destination: SimulatedNode
    let map: MapSession
    let account: String

    enum Outcome: Hashable, Sendable {
        case accepted(AnyJSON)
        /// By the server, with its text.
        case rejected(String)
        /// By the rules.
        case denied

        var isAccepted: Bool { if case .accepted = self { true } else { false } }
        /// The action that let it in; empty if none did.
        var action: [String: AnyJSON] { if case .accepted(let action) = self { action.members } else { [:] } }
    }

    /// - Parameter map: of the destination.
    init(
        from source: MapSession,
        to destination: (client: SimulatedNode, map: MapSession),
        as account: String
    ) throws {
        self.source = try #require(source.view.own)
        self.destination = destination.client
        map = destination.map
        self.account = account
    }

    /// What the rules say: the action of the first that fits, and the local account.
    var action: (action: [String: AnyJSON], account: String)? {
        let addresses = Set(source.addresses.map(\.address.description))
        for rule in map.view.sshRules.map(\.members) {
            let principals = rule["principals"]?.list.compactMap { $0.members["nodeIP"]?.text } ?? []
            let users = rule["sshUsers"]?.members ?? [:]
            let local = (users[account] ?? users["*"])?.text ?? ""
            guard !addresses.isDisjoint(with: principals), !local.isEmpty else { continue }
            return (rule["action"]?.members ?? [:], local == "=" ? account : local)
        }
        return nil
    }

    /// Where the rules send the session to be decided.
    func firstQuestion() throws -> String {
        try #require(action?.action["holdAndDelegate"]?.text)
    }

    /// Whether the destination's packet filter lets SSH through at all.
    var isReachable: Bool {
        let own = map.view.own?.addresses.map(\.address.description) ?? []
        let theirs = source.addresses.map(\.address.description)
        return map.view.filters.values.joined().contains { rule in
            rule.takes(theirs)
                && rule.destinations?.contains { target in
                    (target.ip == "*" || own.contains(target.ip))
                        && (target.ports.first...target.ports.last).contains(22)
                } == true
        }
    }

    /// Goes all the way, and waits for whoever has to decide.
    func open(shown: (String) async throws -> Void = { _ in }) async throws -> Outcome {
        guard let first = action?.action else { return .denied }
        var action = first
        while let url = action["holdAndDelegate"]?.text {
            action = try await ask(url).members
            if let text = action["message"]?.text, action["holdAndDelegate"] != nil { try await shown(text) }
        }
        if action["reject"] == .bool(true) { return .rejected(action["message"]?.text ?? "") }
        guard action["accept"] == .bool(true) else { throw SSHFault(text: "no verdict: \(action)") }
        return .accepted(.object(action))
    }

    /// Asks the server once, with the names put into the URL.
    func ask(_ url: String) async throws -> AnyJSON {
        let answer = try await send(url)
        return try JSONDecoder().decode(AnyJSON.self, from: Data(answer.success().readableBytesView))
    }

    /// - Parameter client: who asks, instead of the destination.
    func send(_ url: String, by client: SimulatedNode? = nil, method: String = "GET") async throws -> ControlAnswer {
        let own = try #require(map.view.own)
        let letters = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        let local = action?.account ?? account
        let name = try #require(local.addingPercentEncoding(withAllowedCharacters: letters))
        let path = url.pathAndQuery.replacing("$SRC_NODE_ID", with: "\(source.id)")
            .replacing("$DST_NODE_ID", with: "\(own.id)").replacing("$LOCAL_USER", with: name)
        return try await (client ?? destination).request(ControlRequest(method, path))
    }
}

struct SSHFault: Error {
    let text: String
}

extension AnyJSON {
    /// The members of an object.
    var members: [String: AnyJSON] { if case .object(let members) = self { members } else { [:] } }
    var list: [AnyJSON] { if case .array(let list) = self { list } else { [] } }
    var text: String { if case .string(let text) = self { text } else { "" } }
}

extension SimulatedNode {
    /// Asks with a JSON body.
    func post(_ path: String, _ json: String, method: String = "POST") async throws -> ControlAnswer {
        try await request(ControlRequest(method, path, body: ByteBuffer(string: json)))
    }
}

extension String {
    /// The address that a session shows to its user.
    var shownAddress: String {
        split(separator: " ").last.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
    }
}

extension ClientFilterRule {
    /// Whether one of these addresses is among the sources.
    func takes(_ addresses: [String]) -> Bool { sources.contains { $0.covers(anyOf: addresses) } }
}

extension String {
    /// Whether one of these addresses lies in what this says: `*`, an address, a prefix or a range.
    func covers(anyOf addresses: [String]) -> Bool {
        if self == "*" { return true }
        let wanted = addresses.compactMap { IPAddress($0) }
        let ends = split(separator: "-").compactMap { IPAddress($0) }
        if ends.count == 2 { return wanted.contains { ends[0] <= $0 && $0 <= ends[1] } }
        if let prefix = IPPrefix(self) { return wanted.contains { prefix.contains($0) } }
        return wanted.contains { $0 == ends.first }
    }
}
