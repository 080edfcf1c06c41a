import CoreMetrics
import Metrics

/// Every metric of the adapter.
struct NATSBusMetrics: Sendable {
    let isConnected = Meter(label: "bus_connected")
    let connections = Counter(label: "bus_connections_total")
    let published = Counter(label: "bus_events_published_total")
    let received = Counter(label: "bus_events_received_total")
    let lostDisconnected = Counter(label: "bus_events_lost_total", dimensions: [("reason", "disconnected")])
    let lostIncomplete = Counter(label: "bus_events_lost_total", dimensions: [("reason", "incomplete")])
    let lostSlowReader = Counter(label: "bus_events_lost_total", dimensions: [("reason", "slow_reader")])
    let lostUndecodable = Counter(label: "bus_events_lost_total", dimensions: [("reason", "undecodable")])
    let requestSeconds = Timer(label: "bus_request_seconds")
    private let requests = Dictionary(
        uniqueKeysWithValues: RequestResult.allCases.map { result in
            (result, Counter(label: "bus_requests_total", dimensions: [("result", result.rawValue)]))
        }
    )
    private let served = Dictionary(
        uniqueKeysWithValues: ServiceResult.allCases.map { result in
            (result, Counter(label: "bus_requests_served_total", dimensions: [("result", result.rawValue)]))
        }
    )

    /// How a request ended for its asker.
    enum RequestResult: String, CaseIterable {
        case answered, cancelled, refused, timeout, unavailable, undecodable
        case noResponder = "no_responder"
    }

    /// What a responder did with a request.
    enum ServiceResult: String, CaseIterable {
        case answered, expired, refused, undecodable
        case turnedAway = "turned_away"
    }

    func request(_ result: RequestResult) {
        requests[result]?.increment()
    }

    func served(_ result: ServiceResult) {
        served[result]?.increment()
    }
}
