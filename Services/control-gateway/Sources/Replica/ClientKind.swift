package import ControlModel

/// Clients that take some messages in different ways.
enum ClientKind: Hashable {
    /// The clients written in Go.
    case go
    /// All others, the Rust client among them.
    case other

    init(_ hostinfo: Hostinfo) {
        self = hostinfo.goVersion.isEmpty ? .other : .go
    }
}

/// The relays, as each kind of client is told of them.
///
/// Go clients that hear that there is none forget to connect when one comes back, so they are told of the last one until there is
/// another. The Rust client never dials again where it lost a relay, unless that left the map and came back: it is told the truth.
package struct RelayMaps: Equatable, Sendable {
    var go: DERPMap
    var other: DERPMap

    package init(_ map: DERPMap = DERPMap()) {
        go = map
        other = map
    }

    subscript(kind: ClientKind) -> DERPMap {
        switch kind {
        case .go: go
        case .other: other
        }
    }

    /// Whether all clients are told the same.
    var isSame: Bool { go == other }

    /// Takes the relays that there are now.
    mutating func set(_ map: DERPMap) {
        other = map
        if !map.regions.isEmpty || go.regions.isEmpty { go = map }
    }
}
