/// What of the nodes' own parts a change renews.
extension PolicyEngine {
    /// The lists of sources at one time.
    public struct SourceTable: Sendable {
        let lists: [SourceList?]
    }

    public var sourceTable: SourceTable { SourceTable(lists: sourceLists) }

    /// Whose packet filters allow other things than before.
    public struct FilterRenewal: Sendable {
        let classes: BitSet
        /// Users all of whose nodes are meant.
        public let users: Set<Int64>
        /// Nodes that are different themselves.
        public let nodes: Set<Int64>

        public var isEmpty: Bool { classes.isEmpty && users.isEmpty && nodes.isEmpty }

        public var hasClasses: Bool { !classes.isEmpty }

        public func contains(classNumber: Int) -> Bool { classes.contains(classNumber) }
    }

    /// Compares lists of sources, so that nothing is renewed for a list that came out as before.
    ///
    /// - Precondition: the engine is settled, and `table` was taken before the change.
    public func filterRenewal(after change: PolicyChange, since table: SourceTable) -> FilterRenewal {
        var changed = BitSet()
        for number in sourceLists.indices where table.lists[number] != sourceLists[number] { changed.insert(number) }
        var renewed = change.companionClasses
        if !changed.isEmpty {
            for (index, rule) in rules.enumerated() where changed.contains(rule.sourceList) {
                renewed.formUnion(destinationClasses[index])
            }
        }
        return FilterRenewal(classes: renewed, users: change.ownUsers, nodes: change.ownNodes)
    }

    /// Nodes with equal SSH rules are those of one unit; `nil` where the policy has none.
    public func sshUnit(of id: Int64) -> ViewerUnit? {
        guard !document.ssh.isEmpty, let entry = entries[id] else { return nil }
        let isAboutUsers = sshNames.contains(where: \.isAboutUsers) && !entry.node.isTagged
        return ViewerUnit(classNumber: entry.classNumber, user: isAboutUsers ? entry.node.user : nil)
    }

    /// Whether a change may be seen in the SSH rules of a unit's nodes.
    public func renewsSSH(_ change: PolicyChange, of unit: ViewerUnit) -> Bool {
        let names = classes[unit.classNumber].aliases
        return change.sshRules.contains { number in
            if names.intersects(sshNames[number].destinations) { return true }
            return sshNames[number].isAboutUsers && unit.user.map(change.users.contains) ?? false
        }
    }
}
