import ControlModel
import Testing

@testable import ControlGatewayService

@Suite("Relays, for each kind of client")
struct RelayMapsTests {
    private func map(_ ids: Int...) -> DERPMap {
        DERPMap(regions: ids.map { DERPRegion(id: $0, code: "r\($0)", name: "R\($0)", nodes: []) })
    }

    /// A network of a Go client, another one, and one that nobody looks at.
    private func makeFixture() throws -> NetmapFixture {
        var fixture = NetmapFixture(nodes: 1...3, viewers: [])
        fixture.change(1) { $0.hostinfo.goVersion = "go1.26" }
        _ = fixture.netmap.flush(now: fixture.now)
        fixture.open(1)
        fixture.open(2)
        return fixture
    }

    private func regions(_ message: [String: Any]?) -> Set<String>? {
        ((message?["DERPMap"] as? [String: Any])?["Regions"] as? [String: Any]).map { Set($0.keys) }
    }

    private func set(_ map: DERPMap, _ fixture: inout NetmapFixture) {
        fixture.netmap.replica.relays.set(map)
        fixture.netmap.pendingSections = [.derpMap]
    }

    @Test("the last region stays told of to Go clients until there is another one; others are told the truth")
    func maps() {
        var maps = RelayMaps()
        #expect(maps.isSame)
        maps.set(map(1))
        #expect(maps.isSame && maps[.go] == map(1))
        maps.set(map())
        #expect(maps[.go] == map(1) && maps[.other] == map())
        maps.set(map(2))
        #expect(maps.isSame && maps[.other] == map(2))
    }

    @Test("when the last relay leaves and comes back, only other clients than Go's hear of it")
    func leaves() throws {
        var fixture = try makeFixture()
        set(map(7), &fixture)
        let batch = fixture.netmap.flush(now: fixture.now).batch
        #expect(regions(try fixture.message(batch, for: 1)) == ["7"])
        #expect(regions(try fixture.message(batch, for: 2)) == ["7"])
        for present in [map(), map(7)] {
            set(present, &fixture)
            let batch = fixture.netmap.flush(now: fixture.now).batch
            #expect(try fixture.message(batch, for: 1) == nil)
            #expect(regions(try fixture.message(batch, for: 2)) == Set(present.regions.map { "\($0.id)" }))
        }
    }

    @Test("full maps that are made while the last relay is away say to each kind what it was told")
    func full() throws {
        var fixture = try makeFixture()
        set(map(7), &fixture)
        _ = fixture.netmap.flush(now: fixture.now)
        set(map(), &fixture)
        _ = fixture.netmap.flush(now: fixture.now)
        #expect(regions(try fixture.full(for: 2)) == [])
        #expect(regions(try fixture.full(for: 1)) == ["7"])
        #expect(regions(try fixture.full(for: 3)) == [])
        set(map(8), &fixture)
        let batch = fixture.netmap.flush(now: fixture.now).batch
        for viewer: Int64 in [1, 2] {
            #expect(regions(try fixture.message(batch, for: viewer)) == ["8"])
            #expect(regions(try fixture.full(for: viewer)) == ["8"])
        }
    }
}
