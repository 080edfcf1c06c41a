import Bus
import ControlModel
import NIOCore

/// The relays that are there: configured ones, and announced ones for as long as their lease holds; and those that left lately.
struct DERPDirectory {
    private struct Place: Hashable {
        var region: Int
        var node: String
    }

    private var announced: [Place: (region: DERPRegion, until: NIODeadline)] = [:]
    private var left: [Place: (region: DERPRegion, until: NIODeadline)] = [:]
    private let configured: [DERPRegion]

    /// How long a relay that said that it leaves is told of to those who would not come back to it.
    static let farewell = TimeAmount.seconds(60)

    init(configured: [DERPRegion]) {
        self.configured = configured
    }

    /// Takes an announcement; returns whether the map may have changed.
    mutating func receive(_ announcement: DERPAnnounced, now: NIODeadline) -> Bool {
        var changed = false
        for node in announcement.region.nodes {
            let place = Place(region: announcement.region.id, node: node.name)
            let before = announced[place]?.region
            left[place] = nil
            if announcement.isLeaving {
                announced[place] = nil
                if let before { left[place] = (before, now + Self.farewell) }
            } else {
                var region = announcement.region
                region.nodes = [node]
                announced[place] = (region, now + TimeAmount(DERPAnnounced.lease))
            }
            if before != announced[place]?.region { changed = true }
        }
        return changed
    }

    /// Drops relays whose lease has ended, and those that left a while ago; returns whether there were any.
    mutating func expire(now: NIODeadline) -> Bool {
        let before = announced.count + left.count
        announced = announced.filter { $0.value.until > now }
        left = left.filter { $0.value.until > now }
        return announced.count + left.count != before
    }

    /// The map: regions by id, nodes by name; an announced region replaces a configured one of the same id.
    var map: DERPMap { map(of: Array(announced.values)) }

    /// The same with relays that left lately.
    var mapWithLeft: DERPMap { map(of: Array(announced.values) + Array(left.values)) }

    private func map(of entries: [(region: DERPRegion, until: NIODeadline)]) -> DERPMap {
        var regions: [Int: DERPRegion] = [:]
        for entry in entries {
            if regions[entry.region.id] == nil {
                regions[entry.region.id] = entry.region
            } else {
                regions[entry.region.id]?.nodes += entry.region.nodes
            }
        }
        for region in configured where regions[region.id] == nil { regions[region.id] = region }
        return DERPMap(
            regions: regions.values.sorted { $0.id < $1.id }.map { region in
                var region = region
                region.nodes.sort { $0.name < $1.name }
                return region
            }
        )
    }
}
