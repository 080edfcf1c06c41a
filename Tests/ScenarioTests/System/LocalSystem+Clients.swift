import Bus
import ControlModel
import Foundation
import TestKit
import Testing

extension LocalSystem {
    /// Asks the admin API over the network; status and body.
    nonisolated func post(_ path: String, _ body: String) async throws -> (status: Int, json: [String: Any]) {
        let browser = Browser(await address)
        let answer = try await browser.post("/api/v1/" + path, form: body, headers: try await authorization())
        return try Self.parsed(answer)
    }

    nonisolated func get(_ path: String) async throws -> (status: Int, json: [String: Any]) {
        let browser = Browser(await address)
        return try Self.parsed(try await browser.get("/api/v1/" + path, headers: try await authorization()))
    }

    private func authorization() async throws -> [String: String] {
        ["Authorization": "Bearer " + (try await ask(CreateAPIKey(expiry: nil)).secret)]
    }

    private static func parsed(_ answer: Browser.Page) throws -> (status: Int, json: [String: Any]) {
        let json = try JSONSerialization.jsonObject(with: Data(answer.text.utf8))
        return (answer.status, json as? [String: Any] ?? [:])
    }

    /// A client with a map stream, as its gateway and the registry know.
    func connected(_ hostname: String) async throws -> (client: SimulatedNode, map: MapSession, node: Node) {
        let (client, map) = try await joined(hostname)
        let node = try await eventually("\(hostname) is online", read: nodes) { nodes in
            nodes.contains { $0.givenName == hostname && $0.isOnline }
        }.first { $0.givenName == hostname }
        return (client, map, try #require(node))
    }

    /// The same machine at the next gateway, beside its connection here.
    func elsewhere(_ client: SimulatedNode) -> SimulatedNode {
        SimulatedNode(address, hostname: "elsewhere", machineKey: client.machineKey)
    }
}
