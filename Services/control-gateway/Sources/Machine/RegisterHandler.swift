import Bus
import ControlModel
import Foundation
import Keys
import Logging
import NIOCore
import ServiceKit
import TailcfgWire

/// `POST /machine/register`: logs nodes in and out.
///
/// Refusals go in the answer's `Error` with status 200: clients show that text, and retry other statuses for ever.
struct RegisterHandler: Sendable {
    let bus: any Bus
    let tailnet: TailnetID
    let engine: NetmapEngine
    let logger: Logger

    func handle(_ request: MachineRequest) async -> MachineResponse {
        let wire: RegisterRequest
        do {
            wire = try RegisterRequest.decode(request.body)
        } catch {
            ControlGatewayMetrics.requestsRefused("undecodable")
            return .text(400, "register request: \(error)")
        }
        if let fault = Self.fault(of: wire.version) { return Self.answer(.refused(fault)) }
        guard !wire.nodeKey.isZero else { return Self.answer(.refused("the request has no node key")) }
        do {
            let result = try await bus.request(Self.question(wire, request.machineKey), tailnet: tailnet)
            if case .registered(let node, _) = result {
                await engine.apply(ahead: node, askingOn: bus, tailnet: tailnet)
            }
            ControlGatewayMetrics.registered(result)
            return Self.answer(result)
        } catch {
            return failure(error)
        }
    }

    /// Why clients of this version are refused, or `nil`.
    ///
    /// Peers are told each other's versions, and some read them as 16 bits: that is also what the handshake has.
    static func fault(of version: CapabilityVersion) -> String? {
        guard version >= .minimum else { return tooOld(version) }
        return version.rawValue <= Int(UInt16.max) ? nil : "there is no capability version \(version)"
    }

    private static func tooOld(_ version: CapabilityVersion) -> String {
        "this client is too old (capability version \(version)): update it to Tailscale 1.80 or newer"
    }

    private static func question(_ wire: RegisterRequest, _ machineKey: MachinePublicKey) -> RegisterNode {
        RegisterNode(
            machineKey: machineKey,
            nodeKey: wire.nodeKey,
            oldNodeKey: wire.oldNodeKey.isZero ? nil : wire.oldNodeKey,
            authKey: wire.authKey.isEmpty ? nil : wire.authKey,
            hostinfo: wire.hostinfo,
            isEphemeral: wire.isEphemeral,
            expiry: wire.expiry,
            capabilityVersion: wire.version
        )
    }

    /// A registry that is away or busy is a passing fault: the client backs off and tries again.
    private func failure(_ error: BusError) -> MachineResponse {
        switch error {
        case .refused(let failure) where failure.reason != .unavailable && failure.reason != .internalError:
            return Self.answer(.refused(failure.message))
        case .refused, .noResponder, .timeout, .unavailable, .cancelled, .undecodable:
            logger.warning("registration failed", metadata: [LogKey.error: "\(error)"])
            return .text(503, "registration is not possible right now, try again")
        }
    }

    private static func answer(_ result: RegisterNode.Response) -> MachineResponse {
        var response = RegisterResponse()
        switch result {
        case .registered(let node, let user):
            response.user = NodeFormats.profile(of: node, user)
            response.isMachineAuthorized = true
        case .keyExpired(let node, let user):
            response.user = NodeFormats.profile(of: node, user)
            response.isNodeKeyExpired = true
        case .loggedOut:
            response.isNodeKeyExpired = true
        case .loginRequired:
            response.error = "this server admits nodes by auth key: tailscale up --auth-key KEY"
        case .refused(let text):
            response.error = text
        }
        return .json(response.encoded())
    }
}
