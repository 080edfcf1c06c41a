import ControlModel
import Foundation
import NIOCore
import Synchronization
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    /// Serial numbers and hardware addresses, which devices are asked for when they connect.
    @Suite("Posture identity")
    struct PostureIdentities {
        /// What a device says, and what it was asked.
        private final class Device: Sendable {
            let words: Mutex<String>
            let requests = Mutex<[String]>([])

            init(_ words: String) { self.words = Mutex(words) }
        }

        private static func answer(_ json: String) -> ByteBuffer {
            ByteBuffer(string: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n\(json)")
        }

        private static func joined(
            _ system: LocalSystem,
            _ hostname: String,
            goVersion: String
        ) async throws
            -> SimulatedNode
        {
            let client = await system.client(hostname)
            await client.describe { $0.goVersion = goVersion }
            try await client.register(authKey: try await system.key())
            try await client.startMap()
            return client
        }

        @Test("a device is asked at each start of its map stream, and what it says is on its row")
        func collected() async throws {
            try await LocalSystem.run(.init(collectsPostureIdentity: true)) { system in
                let client = try await Self.joined(system, "laptop", goVersion: "go1.25.1")
                let device = Device(
                    #"{"SerialNumbers":["C02XYZ","C02XYZ"],"IfaceHardwareAddrs":["00:00:5e:00:53:01"]}"#
                )
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        await client.answerQuestions { question in
                            device.requests.withLock { $0.append(question.requestText) }
                            return Self.answer(device.words.withLock { $0 })
                        }
                    }
                    try await eventually("the row has it", read: system.nodes) { $0.first?.postureIdentity != nil }
                    let node = try #require(try await system.nodes().first)
                    let identity = try #require(node.postureIdentity)
                    #expect(identity.serialNumbers == ["C02XYZ"])
                    #expect(identity.hardwareAddresses == ["00:00:5e:00:53:01"])
                    #expect(!identity.isDisabled)
                    #expect(
                        device.requests.withLock { $0.first }?.hasPrefix(
                            "GET /posture/identity?hwaddrs=true HTTP/1.1\r\n"
                        )
                            == true
                    )

                    device.words.withLock { $0 = #"{"PostureDisabled":true}"# }
                    try await client.reconnect()
                    try await eventually("the row has that", read: system.nodes) {
                        $0.first?.postureIdentity?.isDisabled == true
                    }
                    #expect(try await system.nodes().first?.postureIdentity?.serialNumbers == [])
                    // Two starts, two questions.
                    #expect(device.requests.withLock { $0.count } == 2)
                    group.cancelAll()
                }
                let (status, json) = try await system.get("node")
                let posture = (json["nodes"] as? [[String: Any]])?.first?["postureIdentity"] as? [String: Any]
                #expect(status == 200)
                #expect(posture?["disabled"] as? Bool == true)
            }
        }

        @Test("nobody is asked where it is off, nor clients that do not know the question; a refusal is no answer")
        func others() async throws {
            try await LocalSystem.run { system in
                let client = try await Self.joined(system, "laptop", goVersion: "go1.25.1")
                try await eventually("the first map") { await client.session?.view.own != nil }
                #expect(await client.session?.snapshot.pings == [])
            }
            try await LocalSystem.run(.init(collectsPostureIdentity: true)) { system in
                let rust = try await Self.joined(system, "rust", goVersion: "")
                let client = try await Self.joined(system, "laptop", goVersion: "go1.25.1")
                let question = try await client.question()
                let refusal = ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\nunknown c2n path")
                #expect(try await client.request(ControlRequest("POST", question.path, body: refusal)).status == 200)
                try await client.update(homeDERP: 901)
                try await eventually("a later report is written", read: system.nodes) { nodes in
                    nodes.contains { $0.homeDERP == 901 }
                }
                #expect(try await system.nodes().allSatisfy { $0.postureIdentity == nil })
                #expect(await rust.session?.snapshot.pings == [])
            }
        }
    }
}
