import Metrics

/// Every metric of the relay.
struct DERPMetrics: Sendable {
    let connections = Meter(label: "derp_connections")
    let homeConnections = Meter(label: "derp_home_connections")
    let accepts = Counter(label: "derp_accepts_total")
    let receivedPackets = Counter(label: "derp_received_packets_total")
    let receivedBytes = Counter(label: "derp_received_bytes_total")
    let sentPackets = Counter(label: "derp_sent_packets_total")
    let sentBytes = Counter(label: "derp_sent_bytes_total")
    let pings = Counter(label: "derp_pings_total")
    let peerGoneDisconnected = Counter(label: "derp_peer_gone_total", dimensions: [("reason", "disconnected")])
    let peerGoneNotHere = Counter(label: "derp_peer_gone_total", dimensions: [("reason", "not_here")])
    let duplicates = Counter(label: "derp_duplicate_connections_total")
    let stunRequests = Counter(label: "derp_stun_requests_total", dimensions: [("result", "answered")])
    let stunIgnored = Counter(label: "derp_stun_requests_total", dimensions: [("result", "ignored")])
    private let drops = Dictionary(
        uniqueKeysWithValues: DropReason.allCases.map { reason in
            (reason, Counter(label: "derp_dropped_packets_total", dimensions: [("reason", reason.rawValue)]))
        }
    )

    /// Why a packet did not reach its destination; words of upstream.
    enum DropReason: String, CaseIterable {
        case unknownDestination = "unknown_dest"
        case disconnected = "gone_disconnected"
        case queueHead = "queue_head"
    }

    func dropped(_ count: Int, _ reason: DropReason) {
        guard count > 0 else { return }
        drops[reason]?.increment(by: count)
    }

    /// - Parameter reason: a constant word.
    func closed(_ reason: String) {
        Counter(label: "derp_closes_total", dimensions: [("reason", reason)]).increment()
    }
}
