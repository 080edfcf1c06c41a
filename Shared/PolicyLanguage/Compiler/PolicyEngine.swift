public import IPAddresses

/// A policy compiled for a network: who sees whom, and what each node is told.
///
/// Nodes that the policy treats alike form classes; sources, destinations and visibility are kept for classes, never for
/// pairs of nodes. A change of one node costs what it changes.
///
/// - Order: everything comes out in the order of the policy and of node ids, so that equal input gives equal output.
public struct PolicyEngine: Sendable {
    public let document: PolicyDocument
    public let domains: Set<String>
    /// ``PolicyDocument/askedAttributes`` of the document.
    public let askedAttributes: Set<String>
    var users: [Int64: PolicyUser]
    var entries: [Int64: NodeEntry] = [:]
    /// Ids of untagged nodes, ascending.
    var nodesOfUser: [Int64: [Int64]] = [:]
    /// Who has an address; the lowest id where several have.
    var owners: [IPAddress: [Int64]] = [:]
    /// Ids of nodes with routes, ascending.
    var routers: [Int64] = []
    let aliases: AliasTable
    let rules: [CompiledRule]
    /// One rule for each number of a list of sources.
    let listRules: [Int]
    /// Whether some rule speaks of the nodes of one user.
    public let hasOwnRules: Bool
    /// Classes whose nodes see nodes of their users that they would not see otherwise.
    var ownSights = BitSet()
    /// The names in each SSH rule.
    let sshNames: [SSHRuleNames]
    var classes: [NodeClass] = []
    var classNumbers: [NodeClass.Key: Int] = [:]
    /// Classes whose nodes are sources, or destinations, of each rule.
    var sourceClasses: [BitSet]
    var destinationClasses: [BitSet]
    /// What `settle()` makes.
    var sourceLists: [SourceList?]
    var filterOrder = FilterOrder()
    var allRoutes: [IPPrefix] = []
    var routeViewers: [Int64: [RouteViewers]] = [:]
    /// The sets of classes in `routeViewers`, each once.
    var routeSets: [BitSet] = []
    /// Grows when `routeViewers` may be different, or classes came.
    public internal(set) var routeRevision = 0
    var areRoutesSettled = false
    var isOrderSettled = false

    /// Compiles a policy for a network; faults that only the network shows are in ``faults()``.
    public init(_ document: PolicyDocument, for network: PolicyNetwork) {
        self.document = document
        domains = network.domains
        askedAttributes = document.askedAttributes
        users = Dictionary(network.users.map { ($0.id, $0) }) { first, _ in first }
        aliases = AliasTable(document)
        var lists: [[String]: Int] = [:]
        var listRules: [Int] = []
        var rules: [CompiledRule] = []
        let grants = document.hasRules ? document.grants : [Self.allowAll]
        for grant in grants where !grant.sources.isEmpty && !grant.destinations.isEmpty {
            let key = Set(grant.sources.map(\.description)).sorted() + grant.sourcePosture.sorted()
            let list = lists[key] ?? listRules.count
            if lists.updateValue(list, forKey: key) == nil { listRules.append(rules.count) }
            rules.append(CompiledRule(grant, aliases: aliases, sourceList: list))
        }
        self.rules = rules
        hasOwnRules = rules.contains { $0.hasOwn && !$0.isVia }
        sshNames = document.ssh.map { [aliases] in SSHRuleNames($0, aliases: aliases) }
        self.listRules = listRules
        sourceClasses = Array(repeating: BitSet(), count: rules.count)
        destinationClasses = sourceClasses
        sourceLists = Array(repeating: nil, count: listRules.count)
        for node in network.nodes { _ = upsert(node) }
        settle()
    }

    /// What holds while there are no rules.
    private static let allowAll = Grant(
        sources: [.wildcard],
        destinations: [.wildcard],
        ip: [.init(protocol: nil, ports: [.all])],
        origin: .init(section: .none, index: 0, position: .start)
    )

    /// Ids of all nodes, ascending.
    public var nodeIDs: [Int64] { entries.keys.sorted() }

    /// Ids of all users, ascending.
    public var userIDs: [Int64] { users.keys.sorted() }

    public func node(_ id: Int64) -> PolicyNode? { entries[id]?.node }

    /// The routes of a node that are announced and approved, by an administrator or by the policy.
    public func routes(of id: Int64) -> [IPPrefix] {
        guard let entry = entries[id] else { return [] }
        return entry.node.announcedRoutes.filter { entry.subnets.contains($0) || entry.exits.contains($0) }
    }
}
