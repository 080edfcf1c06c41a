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
    let configuration: ControlGatewayConfiguration
    let engine: NetmapEngine
    let waits: LoginWaits
    /// Auth keys that were refused.
    let failures = AttemptLimiter(burst: 20, interval: .seconds(6))
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
        let question = Self.question(wire, request)
        if let login = question.followup { return await follow(question, login) }
        if question.authKey != nil, let delay = failures.delay(for: request.source) {
            ControlGatewayMetrics.limited("auth_key")
            return .tooMany(retryAfter: delay.retrySeconds, "too many refused auth keys, try again later")
        }
        do {
            let result = try await bus.request(question, tailnet: configuration.tailnet)
            if case .refused = result, question.authKey != nil { failures.note(request.source) }
            return await answer(result)
        } catch {
            return failure(error)
        }
    }

    /// Holds the request of a client that waits for a person, until there is an answer or its patience ends.
    ///
    /// A registry that is away in between is waited for too: clients take a failure here for the end of the login.
    private func follow(_ question: RegisterNode, _ login: LoginID) async -> MachineResponse {
        let end = ContinuousClock.now.advanced(by: configuration.loginPatience)
        while true {
            let wait = waits.add(login)
            defer { waits.remove(wait) }
            do {
                let result = try await bus.request(question, tailnet: configuration.tailnet)
                guard result == .loginRequired(login: login) else { return await answer(result) }
            } catch {
                guard Self.isPassing(error) else { return failure(error) }
                logger.debug("a held login is not answered yet", metadata: [LogKey.error: "\(error)"])
            }
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero, !Task.isCancelled else { break }
            if await wait.wake(within: min(left, configuration.loginRecheck)) == .superseded { break }
        }
        return await answer(.loginRequired(login: login))
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

    private static func question(_ wire: RegisterRequest, _ request: MachineRequest) -> RegisterNode {
        RegisterNode(
            machineKey: request.machineKey,
            nodeKey: wire.nodeKey,
            oldNodeKey: wire.oldNodeKey.isZero ? nil : wire.oldNodeKey,
            authKey: wire.authKey.isEmpty ? nil : wire.authKey,
            hostinfo: wire.hostinfo,
            isEphemeral: wire.isEphemeral,
            expiry: wire.expiry,
            capabilityVersion: wire.version,
            followup: LoginID(endOf: wire.followup),
            source: request.source
        )
    }

    /// A registry that is away or busy is a passing fault: the client backs off and tries again.
    private func failure(_ error: BusError) -> MachineResponse {
        switch error {
        case .refused(let failure) where failure.reason == .exhausted:
            ControlGatewayMetrics.limited("login")
            return .tooMany(retryAfter: 60, failure.message)
        case .refused(let failure) where !Self.isPassing(error):
            return Self.answer(.refused(failure.message), serverURL: configuration.serverURL)
        case .refused, .noResponder, .timeout, .unavailable, .cancelled, .undecodable:
            logger.warning("registration failed", metadata: [LogKey.error: "\(error)"])
            return .text(503, "registration is not possible right now, try again")
        }
    }

    private static func isPassing(_ error: BusError) -> Bool {
        guard case .refused(let failure) = error else { return true }
        return failure.reason == .unavailable || failure.reason == .internalError
    }

    private func answer(_ result: RegisterNode.Response) async -> MachineResponse {
        if case .registered(let node, _) = result {
            await engine.apply(ahead: node, askingOn: bus, tailnet: configuration.tailnet)
        }
        ControlGatewayMetrics.registered(result)
        return Self.answer(result, serverURL: configuration.serverURL)
    }

    private static func answer(_ result: RegisterNode.Response, serverURL: String = "") -> MachineResponse {
        var response = RegisterResponse()
        switch result {
        case .registered(let node, let user):
            response.user = NodeFormats.profile(of: node, user)
            response.isMachineAuthorized = node.isApproved
        case .keyExpired(let node, let user):
            response.user = NodeFormats.profile(of: node, user)
            response.isNodeKeyExpired = true
        case .loggedOut:
            response.isNodeKeyExpired = true
        case .loginRequired(let login?):
            response.authURL = "\(serverURL)/register/\(login)"
        case .loginRequired(nil):
            response.error = "this server admits nodes by auth key: tailscale up --auth-key KEY"
        case .refused(let text):
            response.error = text
        }
        return .json(response.encoded())
    }
}
