import Bus
import Metrics

/// Every metric of the gateway, by name.
enum ControlGatewayMetrics {
    static let handshakesTotal = "gateway_noise_handshakes_total"
    static let registrationsTotal = "gateway_registrations_total"
    static let requestsRefusedTotal = "gateway_requests_refused_total"
    static let mapStreams = "gateway_map_streams"
    static let mapMessagesTotal = "gateway_map_messages_total"
    static let mapBytesTotal = "gateway_map_bytes_total"
    static let flushSeconds = "gateway_map_flush_seconds"

    static func handshake(_ result: String) {
        Counter(label: handshakesTotal, dimensions: [("result", result)]).increment()
    }

    static func registered(_ result: RegisterNode.Response) {
        let name =
            switch result {
            case .registered: "registered"
            case .keyExpired: "key_expired"
            case .loggedOut: "logged_out"
            case .loginRequired: "login_required"
            case .refused: "refused"
            }
        Counter(label: registrationsTotal, dimensions: [("result", name)]).increment()
    }

    static func requestsRefused(_ reason: String) {
        Counter(label: requestsRefusedTotal, dimensions: [("reason", reason)]).increment()
    }
}
