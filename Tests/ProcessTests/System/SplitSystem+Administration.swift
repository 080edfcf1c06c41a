import Foundation
import TailcfgWire
import TestKit
import Testing

extension SplitSystem {
    /// Runs an admin command through a gateway's local socket and returns what it prints as JSON.
    func admin(_ arguments: [String], through gateway: Int = 0) async throws -> String {
        let socket = try gateways[gateway].socket()
        let outcome = try await Program.run(arguments + ["--socket", socket, "-o", "json", "--force"])
        guard outcome.status == 0 else {
            throw ServiceProcess.Failure(description: "\(arguments.joined(separator: " ")): \(outcome.output)")
        }
        return outcome.output
    }

    /// A new auth key of the user `alice`, who is made if need be.
    func authKey(isReusable: Bool = true, through gateway: Int = 0) async throws -> String {
        struct Answer: Decodable {
            var key: String
        }
        let arguments = ["preauthkeys", "create", "--user", "alice", "--create-user", "--expiration", "30d"]
        let text = try await admin(arguments + (isReusable ? ["--reusable"] : []), through: gateway)
        return try JSONDecoder().decode(Answer.self, from: Data(text.utf8)).key
    }

    /// A client of a gateway that is registered and has its first map.
    func joined(
        _ hostname: String,
        key: String,
        through gateway: Int = 0
    ) async throws -> (client: SimulatedNode, map: MapSession) {
        let client = SimulatedNode(try gateways[gateway].address(), hostname: hostname)
        let answer = try await client.register(authKey: key)
        try #require(answer.error == "")
        let map = try await client.startMap()
        try await eventually("the first map of \(hostname)") { map.view.own != nil }
        return (client, map)
    }
}
