import IPAddresses
import NIOCore
import ServiceKit

extension ConnectionInfo {
    /// For whom limits count: the address, of IPv6 the network that one household or machine has; `nil` where unknown.
    var source: String? {
        guard let address = remoteAddress?.ipAddress.flatMap({ IPAddress($0)?.unmapped }) else { return nil }
        guard case .v6 = address, let network = IPPrefix(address, length: 64) else { return "\(address)" }
        return "\(network.masked)"
    }
}
