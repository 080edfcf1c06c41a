/// Nodes that the policy treats alike.
///
/// Routers are classes of their own.
struct NodeClass: Sendable {
    let key: Key
    /// Numbers of the names its nodes answer to.
    let aliases: BitSet
    /// Ids in ascending order.
    var members: [Int64] = []
    /// Rules in which its nodes are sources, by address or by route.
    var sourceRules: [Int] = []
    /// Rules in which they are sources by their own addresses.
    var directRules = BitSet()
    /// Rules in which they are destinations.
    var destinationRules: [Int] = []
    /// Rules that may put something into their packet filters.
    var filterRules: [Int] = []
    /// Whether some rule lets its nodes reach the other nodes of their users.
    var reachesOwn = false
    /// Classes whose nodes they see and are seen by.
    var peers = BitSet()

    struct Key: Hashable, Sendable {
        /// Sorted, without repetition.
        var aliases: [Int]
        var isTagged: Bool
        /// Postures that its nodes have, sorted.
        var postures: [String]
        /// The node itself where it has routes.
        var router: Int64?
    }

    init(_ key: Key) {
        self.key = key
        aliases = BitSet(key.aliases)
    }
}
