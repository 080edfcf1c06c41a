import Bus
import ControlModel
import Foundation
import Keys
import Logging
import NIOCore
import ServiceKit
import TailcfgWire

/// Asks clients wherever they hold their map streams.
struct ClientAsker: Sendable {
    /// How much longer other gateways know a question than it is waited for, in seconds.
    private static let grace = 5

    let desk: ClientDesk
    let engine: NetmapEngine
    let bus: any Bus
    let tailnet: TailnetID
    let serverURL: String
    /// This gateway, to which others' questions are not its own.
    let gateway: String
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    let logger: Logger

    /// Asks a client, and waits for its answer as it was sent.
    ///
    /// - Parameter node: as it is now; only its own machine may answer.
    func ask(
        _ question: ClientQuestion,
        of node: Node,
        within limit: Duration
    ) async throws(ClientSilence) -> ByteBuffer {
        do {
            let answer = try await desk.ask(node, within: limit, clock: clock) { token throws(ClientSilence) in
                try await send(question, to: node, token, patience: max(1, Int(limit.components.seconds)))
            }
            ControlGatewayMetrics.clientAsked(question, nil)
            return answer
        } catch {
            ControlGatewayMetrics.clientAsked(question, error)
            throw error
        }
    }

    /// Asks for others, and takes what came to them; until cancelled.
    func follow() async throws {
        let asked = try await bus.events(ClientAsked.self, tailnet: tailnet)
        let answered = try await bus.events(ClientAnswered.self, tailnet: tailnet)
        await withTaskGroup { group in
            group.addTask {
                for await event in asked where event.gateway != gateway { await take(event) }
            }
            group.addTask {
                for await event in answered where event.gateway == gateway {
                    let answer = event.body.map { ClientDesk.Answer.body(ByteBuffer(bytes: $0)) } ?? .tooLong
                    _ = desk.take(answer, to: event.token, from: event.machineKey)
                }
            }
            // Either ends only with the bus or with the caller.
            await group.next()
            group.cancelAll()
        }
    }

    private func send(
        _ question: ClientQuestion,
        to node: Node,
        _ token: String,
        patience: Int
    ) async throws(ClientSilence) {
        let event = ClientAsked(
            gateway: gateway,
            node: node.id,
            machineKey: node.machineKey,
            token: token,
            types: question.types,
            address: question.address,
            payload: question.payload(patience: patience),
            patience: patience
        )
        let isHere = await engine.holdsStream(of: node.id)
        guard isHere || node.isOnline else { throw .offline }
        do {
            // First: the client may answer at another gateway.
            try await bus.publish(event, tailnet: tailnet)
        } catch {
            logger.debug("other gateways do not ask", metadata: [LogKey.error: "\(error)"])
            guard isHere else { throw .offline }
        }
        await pass(event)
    }

    private func take(_ event: ClientAsked) async {
        let now = now()
        let end = now.addingTimeInterval(TimeInterval(min(max(event.patience, 0), 3600) + Self.grace))
        desk.expect(event.token, of: event.machineKey, for: event.gateway, until: end, now: now)
        await pass(event)
    }

    /// Sends the question to the client's stream, if it is here.
    private func pass(_ event: ClientAsked) async {
        let question = PingRequest(
            url: "\(PingDesk.origin(of: serverURL))\(ClientDesk.path)\(event.token)",
            types: event.types,
            address: event.address,
            payload: event.payload
        )
        _ = await engine.send(question.message(), to: event.node)
    }
}
