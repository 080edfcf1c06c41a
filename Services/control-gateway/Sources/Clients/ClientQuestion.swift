import Foundation
import IPAddresses
import TailcfgWire

/// What a client can be asked that has more than one answer.
enum ClientQuestion: Hashable, Sendable {
    /// A request that it answers as an HTTP server would.
    case request(C2NRequest)
    /// A ping that it sends to a peer.
    case ping(PeerPing, IPAddress)

    /// As the map stream names it.
    var types: String {
        switch self {
        case .request: PingRequest.clientRequest
        case .ping(let kind, _): kind.rawValue
        }
    }

    var address: IPAddress? {
        guard case .ping(_, let address) = self else { return nil }
        return address
    }

    /// - Parameter patience: how long the client may work on it, in whole seconds.
    func payload(patience: Int) -> Data? {
        guard case .request(let request) = self else { return nil }
        return request.encoded(patience: patience)
    }
}

/// A way in which a client pings a peer.
///
/// - Source: `tailcfg.PingType`.
enum PeerPing: String, Hashable, Sendable, CaseIterable {
    /// Between the clients alone, without any packet of the network.
    case disco
    /// In the tunnel, answered by the client.
    case tsmp = "TSMP"
    /// In the tunnel, answered by the peer's operating system.
    case icmp = "ICMP"
    /// By the peer's own HTTP server.
    case peerAPI = "peerapi"
}

/// Why there is no answer of a client.
enum ClientSilence: Error, Hashable, Sendable {
    /// The client has no map stream anywhere, as far as is known.
    case offline
    /// Nothing came in time.
    case silent
    /// The answer is longer than ``ClientDesk/answerLimit``.
    case tooLong
    /// Too many questions wait already, for this client or at this gateway.
    case busy
}
