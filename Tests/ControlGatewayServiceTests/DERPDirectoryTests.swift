import Bus
import ControlModel
import NIOCore
import Testing

@testable import ControlGatewayService

@Suite("Relays of the map")
struct DERPDirectoryTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func region(_ id: Int, _ name: String, port: Int = 443) -> DERPRegion {
        DERPRegion(
            id: id,
            code: "r\(id)",
            name: "Region \(id)",
            nodes: [DERPNode(name: name, hostName: "\(name).example.com", derpPort: port)]
        )
    }

    private func receive(_ directory: inout DERPDirectory, _ event: DERPAnnounced, now: NIODeadline) -> Bool {
        directory.receive(event, now: now)
    }

    private func expire(_ directory: inout DERPDirectory, now: NIODeadline) -> Bool {
        directory.expire(now: now)
    }

    @Test("relays of a region come together, in stable order")
    func grouped() {
        var directory = DERPDirectory(configured: [])
        #expect(receive(&directory, DERPAnnounced(region: region(2, "b")), now: start))
        #expect(receive(&directory, DERPAnnounced(region: region(2, "a")), now: start))
        #expect(receive(&directory, DERPAnnounced(region: region(1, "c")), now: start))
        #expect(directory.map.regions.map(\.id) == [1, 2])
        #expect(directory.map.regions[1].nodes.map(\.name) == ["a", "b"])
    }

    @Test("a repeated announcement is no change, a different one is")
    func repeated() {
        var directory = DERPDirectory(configured: [])
        #expect(receive(&directory, DERPAnnounced(region: region(1, "a")), now: start))
        #expect(!receive(&directory, DERPAnnounced(region: region(1, "a")), now: start + .seconds(10)))
        #expect(receive(&directory, DERPAnnounced(region: region(1, "a", port: 8443)), now: start + .seconds(20)))
    }

    @Test("a relay leaves when it says so, or when its lease ends")
    func leaves() {
        var directory = DERPDirectory(configured: [region(9, "fixed")])
        _ = directory.receive(DERPAnnounced(region: region(1, "a")), now: start)
        _ = directory.receive(DERPAnnounced(region: region(1, "b")), now: start)
        #expect(receive(&directory, DERPAnnounced(region: region(1, "a"), isLeaving: true), now: start))
        #expect(!expire(&directory, now: start + .seconds(29)))
        #expect(expire(&directory, now: start + .seconds(31)))
        #expect(directory.map.regions.map(\.id) == [9])
    }
}
