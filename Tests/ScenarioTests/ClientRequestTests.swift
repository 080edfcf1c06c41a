import Bus
import ControlModel
import Foundation
import NIOCore
import TailcfgWire
import TestKit
import Testing

@testable import ControlGatewayService

extension Scenarios {
    /// Requests to clients, which they answer themselves.
    @Suite("Requests to clients")
    struct ClientRequests {
        /// As a client writes an answer.
        private static func answer(_ status: String, _ body: String) -> ByteBuffer {
            ByteBuffer(string: "HTTP/1.1 \(status)\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n\(body)")
        }

        @Test("a client answers what it was asked, at whichever gateway the administrator asks")
        func echo() async throws {
            try await LocalSystem.run { system in
                let (client, map, node) = try await system.connected("laptop")
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        await client.answerQuestions { question in
                            let text = question.requestText
                            let isEcho = question.types == "c2n" && text.hasPrefix("POST /echo?a=b HTTP/1.1\r\n")
                            guard isEcho else { return Self.answer("400 Bad Request", "unknown c2n path") }
                            return Self.answer("200 OK", String(text.split(separator: "\r\n").last ?? ""))
                        }
                    }
                    for _ in 0..<4 {
                        let body = #"{"path":"/echo?a=b","body":"hello"}"#
                        let (status, json) = try await system.post("node/\(node.id)/c2n", body)
                        #expect(status == 200)
                        #expect(json["status"] as? Int == 200)
                        #expect(json["body"] as? String == "hello")
                        #expect((json["headers"] as? [String: String])?["Content-Type"] == "text/plain")
                    }
                    let (status, json) = try await system.post("node/\(node.id)/c2n", #"{"path":"/other?x"}"#)
                    #expect(status == 200)
                    #expect(json["status"] as? Int == 400)
                    #expect(json["body"] as? String == "unknown c2n path")
                    group.cancelAll()
                }
                #expect(map.snapshot.faults == [])
                let records = try await system.ask(ListAuditRecords(query: AuditQuery()))
                    .filter { $0.cause.action == RecordClientQuestion.subject }
                #expect(records.count == 5)
                let last = try #require(records.first)
                #expect(last.after == ["method": "GET", "path": "/other?x"])
                #expect(last.cause.actor.hasPrefix("API key "))
                #expect(last.cause.source == "127.0.0.1")
                #expect(last.target.name == "laptop")
                #expect(records.last?.after == ["method": "POST", "path": "/echo?a=b"])
            }
        }

        @Test("the answer may come to another gateway, with a body of megabytes and of any bytes")
        func elsewhere() async throws {
            try await LocalSystem.run { system in
                let (client, _, node) = try await system.connected("laptop")
                let other = await system.elsewhere(client)
                try await withThrowingTaskGroup { group in
                    for turn in 0..<4 {
                        let known = await client.session?.snapshot.pings ?? []
                        group.addTask {
                            let (status, json) = try await system.post("node/\(node.id)/c2n", #"{"path":"/\#(turn)"}"#)
                            #expect(status == 200)
                            let body = (json["base64"] as? String).flatMap { Data(base64Encoded: $0) }
                            let isRight = body == Data(repeating: 0xFF, count: 1 << 20)
                            #expect(isRight, "turn \(turn): \(body?.count ?? 0) bytes")
                        }
                        let question = try await client.question(besides: known)
                        var answer = ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n")
                        answer.writeRepeatingByte(0xFF, count: 1 << 20)
                        let post = ControlRequest("POST", question.path, body: answer)
                        #expect(try await other.request(post).status == 200)
                        try await group.next()
                    }
                }
            }
        }

        @Test("only the machine that was asked can answer, and only over Noise; the question waits on")
        func stranger() async throws {
            try await LocalSystem.run { system in
                let (client, _, node) = try await system.connected("laptop")
                let thieves = [try await system.registered("thief"), try await system.registered("thief")]
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        let (_, json) = try await system.post("node/\(node.id)/c2n", #"{"path":"/echo"}"#)
                        #expect(json["body"] as? String == "true")
                    }
                    let question = try await client.question()
                    let forged = Self.answer("200 OK", "forged")
                    for thief in thieves {
                        let post = ControlRequest("POST", question.path, body: forged)
                        #expect(try await thief.request(post).status == 403)
                        var long = Self.answer("200 OK", "")
                        long.writeRepeatingByte(0, count: WireLimit.requestLength)
                        #expect(
                            try await thief.request(ControlRequest("POST", question.path, body: long)).status == 413
                        )
                    }
                    let plain = Browser(await system.address)
                    #expect(
                        [404, 405].contains(try await plain.post(question.path, form: "HTTP/1.1 200 OK\r\n\r\n").status)
                    )
                    #expect(try await client.request(ControlRequest("GET", question.path)).status == 405)
                    let post = ControlRequest("POST", question.path, body: Self.answer("200 OK", "true"))
                    #expect(try await client.request(post).status == 200)
                    try await group.waitForAll()
                    #expect(try await client.request(post).status == 404)
                }
            }
        }

        @Test("a client that is silent, or answers what is no answer or too long a one, is told apart")
        func bad() async throws {
            try await LocalSystem.run { system in
                let (client, _, node) = try await system.connected("laptop")
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        await client.answerQuestions { question in
                            if question.requestText.hasPrefix("GET /long") {
                                return ByteBuffer(repeating: 0, count: ClientDesk.answerLimit + 1)
                            }
                            guard question.requestText.hasPrefix("GET /bad") else { return nil }
                            return ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort")
                        }
                    }
                    for (path, status, detail) in [
                        ("/bad", 502, "does not read as HTTP"), ("/long", 502, "longer than 4 MiB"),
                        ("/silent", 504, "did not answer within 1 s"),
                    ] {
                        let (given, json) = try await system.post(
                            "node/\(node.id)/c2n",
                            #"{"path":"\#(path)","timeout":\#(status == 504 ? 1 : 20)}"#
                        )
                        #expect(given == status, "\(path)")
                        #expect((json["detail"] as? String)?.contains(detail) == true, "\(path): \(json)")
                    }
                    group.cancelAll()
                }
            }
        }

        @Test("a client that went away cannot be asked")
        func offline() async throws {
            try await LocalSystem.run { system in
                let (client, _, node) = try await system.connected("laptop")
                await client.disconnect()
                try await eventually("it is offline") {
                    // Again and again: the grace begins when the gateway has told of it.
                    system.time.advance(by: .seconds(1))
                    return try await system.nodes().first?.isOnline == false
                }
                for (path, body) in [("c2n", #"{"path":"/echo"}"#), ("ping", "{}"), ("ping", #"{"to":"100.64.0.1"}"#)] {
                    let (status, json) = try await system.post("node/\(node.id)/\(path)", body)
                    #expect(status == 409)
                    #expect((json["detail"] as? String)?.contains("is not connected") == true)
                }
            }
        }
    }
}
