import ControlModel
import IPAddresses
import PolicyLanguage
import TailcfgWire
import TestKit
import Testing

@testable import ControlGatewayService

@Suite("Packet filters by name")
struct NamedFilterTests {
    private static let tags = #""tagOwners": {"tag:web": []}"#
    /// The first rule has a long list of sources, the second a short one.
    private static let policy = """
        {"grants": [{"src": ["autogroup:member"], "dst": ["tag:web"], "ip": ["443", "udp:53"]},
          {"src": ["100.64.0.2"], "dst": ["tag:web"], "ip": ["22"]}], \(tags)}
        """

    /// Even numbers, so that no two addresses make a range.
    private static let members = stride(from: Int64(2), through: 120, by: 2)

    /// Node 1 is the web server; the members belong to the user.
    private static func world() throws -> PolicyWorld {
        var world = PolicyWorld()
        var server = Fixture.node(1)
        (server.user, server.tags) = (nil, ["tag:web"])
        world.put(server)
        for raw in members { world.put(Fixture.node(raw)) }
        try world.set(policy: policy)
        try world.flush()
        try world.open(1)
        return world
    }

    private static func names(_ world: PolicyWorld) -> [String]? {
        world.clients[1]?.messages.last?.packetFilters?.keys.sorted()
    }

    @Test("a rule with a long list of sources has a name of its own, the others are the base")
    func whole() throws {
        let world = try Self.world()
        #expect(Self.names(world) == ["*", "base", "grants-0", "grants-0-2"])
        #expect(world.clients[1]?.messages.last?.packetFilters?["*"] == .some(nil))
        let filters = try #require(world.clients[1]?.view.filters)
        #expect(filters["base"]?.map(\.sources) == [["100.64.0.2"]])
        #expect(filters["grants-0"]?.first?.sources == filters["grants-0-2"]?.first?.sources)
        #expect(filters["grants-0"]?.first?.destinations?.first?.ports.first == 443)
        #expect(filters["grants-0-2"]?.first?.protocols == [17])
    }

    @Test("who joins or leaves a large group changes its filters, and nothing else is sent of them")
    func changes() throws {
        var world = try Self.world()
        world.put(Fixture.node(200))
        try world.flush()
        #expect(Self.names(world) == ["grants-0", "grants-0-2"])
        world.remove(200)
        try world.flush()
        #expect(Self.names(world) == ["grants-0", "grants-0-2"])
        try world.check("")
    }

    @Test("a filter that is no longer there is taken back by its name, also where the list becomes short")
    func removed() throws {
        var world = try Self.world()
        try world.set(policy: Self.policy.replacing("\"443\", \"udp:53\"", with: "\"443\""))
        try world.flush()
        #expect(Self.names(world) == ["grants-0-2"])
        #expect(world.clients[1]?.messages.last?.packetFilters?["grants-0-2"] == .some(nil))
        for raw in Self.members.dropFirst() { world.remove(raw) }
        try world.flush()
        #expect(Self.names(world) == ["base", "grants-0"])
        #expect(world.clients[1]?.view.filters.keys.sorted() == ["base"])
        try world.check("")
    }

    @Test("without a policy everything that was told before is taken back, and a new one starts afresh")
    func noPolicy() throws {
        var world = try Self.world()
        world.set(policy: nil)
        try world.flush()
        #expect(world.clients[1]?.view.filters.keys.sorted() == ["base"])
        #expect(world.clients[1]?.view.filters["base"]?.first?.sources == ["*"])
        try world.set(policy: Self.policy)
        try world.flush()
        #expect(Self.names(world) == ["*", "base", "grants-0", "grants-0-2"])
        try world.check("")
    }
}
