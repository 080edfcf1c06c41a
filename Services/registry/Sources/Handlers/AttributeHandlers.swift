import Bus
import ControlModel
import CoreMetrics
import Foundation
import Logging
import ServiceKit
import Storage

extension Registry {
    /// Nodes with attributes that have ended, looked at in one round.
    private static let endsPerRound = 1000

    func serveAttributes(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(SetNodeAttribute.self, in: &group) { try await self.setAttribute($0) }
        serve(ClaimNodeAttributes.self, in: &group) { try await self.claimAttributes($0) }
    }

    private func setAttribute(_ request: SetNodeAttribute) async throws -> Node {
        try check(request.name)
        if let attribute = request.attribute { try check(attribute, named: request.name) }
        return try await committing {
            var node = try await requireNode(request.node)
            let had = node.attributes.contains { $0.name == request.name }
            guard request.attribute != nil || had else {
                throw RequestFailure(.notFound, "node \(node.id) has no attribute \(request.name)")
            }
            node.setAttribute(request.name, to: request.attribute)
            try checkCount(of: node)
            return Plan(.replaceNode(node), of: node)
        }
    }

    /// Nothing is looked up for a client that may not set what it wants to.
    private func claimAttributes(_ request: ClaimNodeAttributes) async throws -> Done {
        let names = request.set.map(\.name) + request.removed
        guard Set(names).count == names.count, names.count <= DeviceAttribute.countLimit else {
            throw RequestFailure(.invalid, "too many attributes, or one of them twice")
        }
        for name in names { try check(name) }
        for attribute in request.set { try check(attribute, named: attribute.name) }
        let refused = Set(names).subtracting(configuration.clientAttributes).sorted()
        guard refused.isEmpty else {
            throw RequestFailure(
                .unauthorized,
                "devices may not set \(refused.joined(separator: ", ")) themselves here; an administrator can"
            )
        }
        return try await committing {
            guard var node = try await store.node(withNodeKey: request.nodeKey, tailnet: tailnet),
                node.machineKey == request.machineKey, !node.isExpired(at: dependencies.now())
            else { throw RequestFailure(.unauthorized, "this node is not registered, or its key has expired") }
            for name in request.removed { node.setAttribute(name, to: nil) }
            for attribute in request.set { node.setAttribute(attribute.name, to: attribute) }
            try checkCount(of: node)
            return Plan(writes: [.replaceNode(node)]) { _ in Done() }
        }
    }

    private func check(_ name: String) throws(RequestFailure) {
        if let fault = DeviceAttribute.nameFault(name) { throw RequestFailure(.invalid, fault) }
    }

    private func check(_ attribute: DeviceAttribute, named name: String) throws(RequestFailure) {
        guard attribute.name == name else { throw RequestFailure(.invalid, "the attribute has two names") }
        if let fault = attribute.fault { throw RequestFailure(.invalid, fault) }
        guard !attribute.isOver(at: dependencies.now()) else {
            throw RequestFailure(.invalid, "an attribute ends in the future, or not at all")
        }
    }

    private func checkCount(of node: Node) throws(RequestFailure) {
        guard node.attributes.count <= DeviceAttribute.countLimit else {
            throw RequestFailure(.invalid, "a device has at most \(DeviceAttribute.countLimit) attributes")
        }
    }
}

extension Registry {
    /// Takes away attributes whose time is over; where several registries do so, one wins.
    func endAttributes() async {
        let now = dependencies.now()
        do {
            let nodes = try await store.nodes(
                withAttributesEndingBy: now,
                limit: Self.endsPerRound,
                tailnet: tailnet
            )
            for node in nodes {
                await AuditAction.$current.withValue(AuditAction.attributeEnd) {
                    await endAttributes(of: node.id, at: now)
                }
            }
        } catch {
            logger.warning("ends of attributes were not looked for", metadata: [LogKey.error: "\(error)"])
        }
    }

    private func endAttributes(of id: NodeID, at now: Date) async {
        do {
            let count = try await committing {
                guard var node = try await store.node(id, tailnet: tailnet) else { return .nothing(0) }
                let count = node.attributes.count
                node.attributes.removeAll { $0.isOver(at: now) }
                let removed = count - node.attributes.count
                guard removed > 0 else { return .nothing(0) }
                return Plan(writes: [.replaceNode(node)]) { _ in removed }
            }
            metrics.attributesEnded.increment(by: count)
        } catch {
            logger.warning(
                "attributes of a node did not end",
                metadata: [LogKey.node: "\(id)", LogKey.error: "\(error)"]
            )
        }
    }
}
