import Bus
import ControlModel
import NIOCore

/// The relays that are there: configured ones, and announced ones for as long as their lease holds.
struct DERPDirectory {
    private struct Place: Hashable {
        var region: Int
        var node: String
    }

    private var announced: [Place: (region: DERPRegion, until: NIODeadline)] = [:]
    private let configured: [DERPRegion]

    init(configured: [DERPRegion]) {
        self.configured = configured
    }

    /// Takes an announcement; returns whether the map may have changed.
    mutating func receive(_ announcement: DERPAnnounced, now: NIODeadline) -> Bool {
        var changed = false
        for node in announcement.region.nodes {
            let place = Place(region: announcement.region.id, node: node.name)
            let before = announced[place]?.region
            if announcement.isLeaving {
                announced[place] = nil
            } else {
                var region = announcement.region
                region.nodes = [node]
                announced[place] = (region, now + TimeAmount(DERPAnnounced.lease))
            }
            if before != announced[place]?.region { changed = true }
        }
        return changed
    }

    /// Drops relays whose lease has ended; returns whether there were any.
    mutating func expire(now: NIODeadline) -> Bool {
        let before = announced.count
        announced = announced.filter { $0.value.until > now }
        return announced.count != before
    }

    /// The map: regions by id, nodes by name; an announced region replaces a configured one of the same id.
    var map: DERPMap {
        var regions: [Int: DERPRegion] = [:]
        for entry in announced.values {
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
