import DERPProtocol
import Keys

/// What one client sent in one read, joined by destination.
struct OutgoingPackets {
    /// Packets of one kind for one destination.
    struct Delivery {
        let destination: NodePublicKey
        let isDisco: Bool
        var batch: PacketBatch
    }

    /// How far back a batch to join is looked for; beyond it a second one begins, in order.
    private static let lookback = 8

    private(set) var deliveries: [Delivery] = []
    private(set) var byteCount = 0

    var isEmpty: Bool { deliveries.isEmpty }

    mutating func append(_ packets: DERPPackets, from source: NodePublicKey) {
        byteCount += packets.byteCount
        let known = deliveries.indices.suffix(Self.lookback).last { index in
            deliveries[index].destination == packets.destination && deliveries[index].isDisco == packets.isDisco
        }
        if let known {
            deliveries[known].batch.append(packets, from: source)
        } else {
            deliveries.append(
                Delivery(
                    destination: packets.destination,
                    isDisco: packets.isDisco,
                    batch: PacketBatch(packets, from: source)
                )
            )
        }
    }

    mutating func takeAll() -> [Delivery] {
        defer { self = OutgoingPackets() }
        return deliveries
    }
}
