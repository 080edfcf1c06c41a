import Bus
import ControlModel
import Foundation
import Logging
import ServiceKit
import Storage

extension Registry {
    /// How long the policy service may take to look at tags.
    private static let tagPatience = Duration.seconds(5)

    func setTags(_ request: SetNodeTags) async throws -> Node {
        let tags = Set(request.tags).sorted()
        guard !tags.isEmpty else {
            throw RequestFailure(.invalid, "a node keeps one tag at least: without any it would belong to nobody")
        }
        if let fault = TagRules.fault(tags) { throw RequestFailure(.invalid, fault) }
        _ = try await requireNode(request.node)
        let unknown = try await check(tags, for: nil).unknown
        guard unknown.isEmpty else {
            throw RequestFailure(
                .invalid,
                "the policy does not know \(unknown.sorted().joined(separator: ", ")); add it to tagOwners first"
            )
        }
        let now = dependencies.now()
        return try await committing {
            var node = try await requireNode(request.node)
            try await requireNoOther(of: node)
            // A device that must log in again still must: its key alone does not make it what the tags stand for.
            if !node.isTagged, !node.isExpired(at: now) { node.expiry = nil }
            (node.user, node.tags) = (nil, tags)
            return Plan(.replaceNode(node), of: node)
        }
    }

    /// A device has one tagged node at most.
    private func requireNoOther(of node: Node) async throws {
        let device = try await store.nodes(withMachineKey: node.machineKey, tailnet: tailnet)
        guard let other = device.first(where: { $0.isTagged && $0.id != node.id }) else { return }
        throw RequestFailure(
            .conflict,
            "the device of this node has a tagged node already, node \(other.id); tag that one, or delete it first"
        )
    }

    /// What the policy says about the tags that a device asks for, where nobody gave it an auth key.
    func tagCheck(of request: RegisterNode, approval: LoginApproval?) async throws -> RegistrationFacts.TagCheck {
        let asked = Set(request.hostinfo.requestTags)
        guard !asked.isEmpty, approval != nil || request.authKey == nil else { return .passed }
        guard TagRules.fault(asked.sorted()) == nil else { return .refused(asked) }
        var user: User?
        if let approval { user = try await requireUser(approval.user) }
        let answer = try await check(asked.sorted(), for: user)
        let refused = Set(answer.unknown + answer.unowned)
        return refused.isEmpty ? .passed : .refused(refused)
    }

    private func check(_ tags: [String], for user: User?) async throws -> CheckTags.Response {
        do {
            return try await dependencies.bus.request(
                CheckTags(tags: tags, user: user),
                tailnet: tailnet,
                timeout: Self.tagPatience
            )
        } catch {
            logger.warning("tags cannot be checked", metadata: [LogKey.error: "\(error)"])
            throw RequestFailure(
                .unavailable,
                "the policy service, which knows who may use tags, does not answer; try again in a moment"
            )
        }
    }
}
