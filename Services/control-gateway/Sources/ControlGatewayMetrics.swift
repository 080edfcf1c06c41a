import Bus
import Metrics

/// The metrics of requests, by name; those of map streams are ``MapMetrics``.
enum ControlGatewayMetrics {
    static let handshakesTotal = "gateway_noise_handshakes_total"
    static let registrationsTotal = "gateway_registrations_total"
    static let policiesRefusedTotal = "gateway_policies_refused_total"
    static let requestsRefusedTotal = "gateway_requests_refused_total"

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

    static func policyRefused() {
        Counter(label: policiesRefusedTotal).increment()
    }

    static func requestsRefused(_ reason: String) {
        Counter(label: requestsRefusedTotal, dimensions: [("reason", reason)]).increment()
    }
}
