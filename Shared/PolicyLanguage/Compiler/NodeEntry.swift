import IPAddresses

/// A node with what the engine found out about it.
struct NodeEntry: Sendable {
    var node: PolicyNode
    var classNumber: Int
    /// Routes that are announced and approved, without exit routes, in the order of the announcement.
    var subnets: [IPPrefix]
    var exits: [IPPrefix]
    var ranges: [AddressRange]
    var subnetRanges: [AddressRange]

    init(_ node: PolicyNode, routes: [IPPrefix], classNumber: Int) {
        self.node = node
        self.classNumber = classNumber
        subnets = routes.filter { !$0.isExitRoute }
        exits = routes.filter(\.isExitRoute)
        ranges = node.addresses.map(AddressRange.init)
        subnetRanges = subnets.map(AddressRange.init)
    }

    var isRouter: Bool { !subnets.isEmpty || !exits.isEmpty }
}
