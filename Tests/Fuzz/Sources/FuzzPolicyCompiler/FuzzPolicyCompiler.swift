import IPAddresses
import PolicyLanguage

/// Takes a policy, which is compiled for a small network with users, tags, roles, routers and postures.
///
/// Visibility must be symmetric; who is let in must be visible; following one node must give what compiling anew gives; and a
/// policy compared with itself changes nothing.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    _ = try? PolicyEngine.checked(bytes, for: network)
    guard let document = try? PolicyDocument.parse(bytes) else { return 0 }
    let engine = PolicyEngine(document, for: network)
    for one in engine.nodeIDs {
        let peers = engine.peerIDs(of: one)
        precondition(!peers.contains(one))
        for other in peers { precondition(engine.areVisible(other, one), "visibility is not symmetric") }
    }
    let whole = engine.report(server: "https://unused").sorted
    var followed = PolicyEngine(document, for: withoutLast)
    if let last = network.nodes.last { _ = followed.upsert(last) }
    followed.settle()
    precondition(followed.report(server: "https://unused").sorted == whole, "following differs from compiling")
    precondition(engine.difference(to: followed).isEmpty, "a policy differs from itself")
    _ = try? engine.explain(source: "pc", destination: "web:443")
    return 0
}

private let network = PolicyNetwork(
    users: [
        PolicyUser(id: 1, name: "a", email: "a@b.c", role: .owner), PolicyUser(id: 2, name: "b", email: "b@b.c"),
        PolicyUser(id: 3, name: "c", email: "", role: .itAdmin),
    ],
    nodes: [
        PolicyNode(
            id: 1,
            name: "pc",
            user: 1,
            ipv4: IPv4Address("100.64.0.1"),
            ipv6: IPv6Address("fd7a:115c:a1e0::1"),
            attributes: ["node:os": .string("linux")]
        ),
        PolicyNode(id: 2, name: "phone", user: 1, ipv4: IPv4Address("100.64.0.2")),
        PolicyNode(id: 3, name: "other", user: 2, ipv4: IPv4Address("100.64.0.3")),
        PolicyNode(id: 4, name: "web", tags: ["tag:t"], ipv4: IPv4Address("100.64.0.4")),
        PolicyNode(
            id: 5,
            name: "router",
            tags: ["tag:r"],
            ipv4: IPv4Address("100.64.0.5"),
            announcedRoutes: routes,
            approvedRoutes: routes
        ),
        PolicyNode(id: 6, name: "admin", user: 3, ipv4: IPv4Address("100.64.0.6")),
    ]
)
private let routes = ["10.0.0.0/8", "0.0.0.0/0", "::/0"].compactMap { IPPrefix($0) }
private let withoutLast = PolicyNetwork(
    users: network.users,
    nodes: Array(network.nodes.dropLast()),
    domains: network.domains
)
