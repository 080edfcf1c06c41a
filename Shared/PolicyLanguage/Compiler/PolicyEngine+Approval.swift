public import IPAddresses

extension PolicyEngine {
    /// Whether the policy approves a route of a node by itself.
    ///
    /// Exit routes are approved by `exitNode` alone, whatever `routes` says.
    public func approvesAutomatically(_ route: IPPrefix, for node: PolicyNode) -> Bool {
        guard !route.isExitRoute else { return answers(node, to: document.autoApprovers.exitNode) }
        return document.autoApprovers.routes.contains { entry in
            entry.prefix.contains(route) && answers(node, to: entry.approvers)
        }
    }

    /// Whether a node has one of these tags, or its user one of these names.
    private func answers(_ node: PolicyNode, to approvers: [Alias]) -> Bool {
        guard !approvers.isEmpty else { return false }
        let names = node.isTagged ? aliases.names(ofTags: node.tags) : ownNames(node)
        return approvers.contains { aliases[$0].map(names.contains) ?? false }
    }

    private func ownNames(_ node: PolicyNode) -> [Int] {
        guard let id = node.user, let user = users[id] else { return [] }
        return aliases.names(of: user, domains: domains)
    }

    /// The pools from which a new node of these tags or this user takes its IPv4 address; empty: any.
    public func addressPool(user: Int64?, tags: [String]) -> [IPPrefix] {
        let names: [Int] =
            if tags.isEmpty { user.flatMap { users[$0] }.map { aliases.names(of: $0, domains: domains) } ?? [] } else {
                aliases.names(ofTags: tags)
            }
        let rule = document.nodeAttributes.first { rule in
            !rule.ipPool.isEmpty
                && rule.targets.contains { $0 == .wildcard || aliases[$0].map(names.contains) ?? false }
        }
        return rule?.ipPool ?? []
    }
}
