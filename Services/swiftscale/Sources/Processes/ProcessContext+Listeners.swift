import ControlGatewayService
import Foundation
import ServiceKit

extension ProcessContext {
    /// Long policies that the network address takes in at once: strangers can send as much.
    private static let longPolicies = 4

    /// Where clients connect, unless whoever started the process passed on a socket.
    func clients(_ tls: ServerTLS, _ surface: HTTPSurface) -> Listener {
        let settings = configuration.listener
        var listener = ListenerConfiguration(
            address: .tcp(host: settings.address.host, port: settings.address.port),
            tls: tls,
            trustedProxies: settings.trustedProxies,
            balancers: settings.balancers
        )
        listener.inherited = InheritedSocket.tcp(
            environment: ProcessInfo.processInfo.environment,
            processID: Int(ProcessInfo.processInfo.processIdentifier)
        )
        listener.limits.longBodies = LongBodies(
            path: AdminAPI.policyPath,
            bodyLength: AdminAPI.policyBodyLimit,
            count: Self.longPolicies
        )
        return make("clients", listener, surface)
    }

    /// For the admin commands on this machine.
    func localSocket(_ surface: HTTPSurface) -> Listener {
        let address = ListenerAddress.unixSocket(
            path: configuration.data.socketPath,
            permissions: UInt32(configuration.listener.socketPermission)
        )
        var listener = ListenerConfiguration(address: address)
        // Who may open the socket may administer, and policies may be long.
        listener.limits.bodyLength = AdminAPI.policyBodyLimit
        return make("local socket", listener, surface)
    }

    /// Metrics and health; `nil` where no address is configured.
    func operations() -> OperationsListener? {
        guard let address = configuration.listener.operationsAddress else { return nil }
        return OperationsListener(
            configuration: ListenerConfiguration(address: .tcp(host: address.host, port: address.port)),
            checks: checks,
            metrics: metrics,
            eventLoopGroup: group,
            logger: logger("operations")
        )
    }

    private func make(_ name: String, _ configuration: ListenerConfiguration, _ surface: HTTPSurface) -> Listener {
        Listener(
            name: name,
            configuration: configuration,
            surface: surface,
            eventLoopGroup: group,
            logger: logger("listener")
        )
    }
}
