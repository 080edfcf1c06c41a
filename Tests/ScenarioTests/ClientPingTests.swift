import ControlModel
import Foundation
import IPAddresses
import NIOCore
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    /// Pings on demand: of clients, and by clients.
    @Suite("Pings on demand")
    struct ClientPings {
        @Test("a client that is there answers, at whichever gateway it is asked about; a silent one does not")
        func here() async throws {
            try await LocalSystem.run { system in
                let (client, map, node) = try await system.connected("laptop")
                let (status, json) = try await system.post("node/\(node.id)/ping", #"{"timeout":1}"#)
                #expect(status == 504, "\(json)")
                try await withThrowingTaskGroup { group in
                    group.addTask { await client.answerPings() }
                    for _ in 0..<4 {
                        let (status, json) = try await system.post("node/\(node.id)/ping", "{}")
                        #expect(status == 200, "\(json)")
                        let latency = try #require(json["latencySeconds"] as? Double)
                        #expect(latency > 0 && latency < 10)
                    }
                    group.cancelAll()
                }
                #expect(map.snapshot.faults == [])
            }
        }

        @Test("a client pings another one by name, id or address, and tells what came of it")
        func peer() async throws {
            try await LocalSystem.run { system in
                let (client, _, node) = try await system.connected("laptop")
                let (_, _, printer) = try await system.connected("printer")
                let address = try #require(printer.addresses.first).address
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        await client.answerQuestions { question in
                            guard let address = question.address else { return nil }
                            return ByteBuffer(
                                string: #"{"Type":"\#(question.types)","IP":"\#(address)","NodeName":"printer","#
                                    + #""LatencySeconds":0.002,"DERPRegionID":901,"DERPRegionCode":"test"}"#
                            )
                        }
                    }
                    let names = ["printer", "Printer.tailnet.test", "\(printer.id)", "\(address)"]
                    for (name, type) in zip(names, ["disco", "tsmp", "icmp", "peerapi"]) {
                        let body = #"{"to":"\#(name)","type":"\#(type)"}"#
                        let (status, json) = try await system.post("node/\(node.id)/ping", body)
                        #expect(status == 200, "\(json)")
                        #expect(json["address"] as? String == "\(address)")
                        #expect((json["type"] as? String)?.lowercased() == type)
                        #expect(json["derpRegionCode"] as? String == "test")
                        #expect(json["latencySeconds"] as? Double == 0.002)
                    }
                    #expect(try await system.post("node/\(node.id)/ping", #"{"to":"nobody"}"#).status == 404)
                    group.cancelAll()
                }
            }
        }
    }
}
