import Bus
import Metrics

/// The metrics of requests, by name; those of map streams are ``MapMetrics``.
enum ControlGatewayMetrics {
    static let handshakesTotal = "gateway_noise_handshakes_total"
    static let registrationsTotal = "gateway_registrations_total"
    static let limitedTotal = "gateway_limited_total"
    static let policiesRefusedTotal = "gateway_policies_refused_total"
    static let requestsRefusedTotal = "gateway_requests_refused_total"

    static let routerProbesTotal = "gateway_router_probes_total"
    static let postureIdentitiesTotal = "gateway_posture_identities_total"

    /// A client was asked what it runs on.
    static func postureCollected(_ result: String) {
        Counter(label: postureIdentitiesTotal, dimensions: [("result", result)]).increment()
    }

    static let clientRequestsTotal = "gateway_client_requests_total"
    static let peerPingsTotal = "gateway_peer_pings_total"

    /// - Parameter silence: why there was no answer; `nil`: there was one.
    static func clientAsked(_ question: ClientQuestion, _ silence: ClientSilence?) {
        let result =
            switch silence {
            case nil: "answered"
            case .offline?: "offline"
            case .silent?: "silent"
            case .tooLong?: "too_long"
            case .busy?: "busy"
            }
        switch question {
        case .request: Counter(label: clientRequestsTotal, dimensions: [("result", result)]).increment()
        case .ping: Counter(label: peerPingsTotal, dimensions: [("result", result)]).increment()
        }
    }

    static func routerProbed(_ outcome: PingDesk.Outcome) {
        let result =
            switch outcome {
            case .answered: "answered"
            case .silent: "silent"
            case .unasked: "unasked"
            }
        Counter(label: routerProbesTotal, dimensions: [("result", result)]).increment()
    }

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

    /// Something was refused because its source tries too often.
    static func limited(_ what: String) {
        Counter(label: limitedTotal, dimensions: [("what", what)]).increment()
    }

    static func policyRefused() {
        Counter(label: policiesRefusedTotal).increment()
    }

    static func requestsRefused(_ reason: String) {
        Counter(label: requestsRefusedTotal, dimensions: [("reason", reason)]).increment()
    }
}
