import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// Why a listener cannot start.
///
/// `description` is one line for the operator: what, where, and what to do.
public enum ListenerError: Error, CustomStringConvertible {
    /// Somebody else answers there.
    case addressInUse(ListenerAddress)
    case permissionDenied(ListenerAddress)
    /// The address means nothing on this machine.
    case badAddress(ListenerAddress, reason: String)
    case failed(ListenerAddress, cause: any Error)

    public var description: String {
        switch self {
        case .addressInUse(let address):
            "cannot listen on \(address): the address is in use; stop the other program or choose another address"
        case .permissionDenied(.tcp(let host, let port)):
            "cannot listen on \(ListenerAddress.tcp(host: host, port: port)): permission denied; "
                + "choose a port from 1024 up, or give the program CAP_NET_BIND_SERVICE"
        case .permissionDenied(let address):
            "cannot listen on \(address): permission denied; make its folder writable or choose another path"
        case .badAddress(let address, let reason):
            "cannot listen on \(address): \(reason)"
        case .failed(let address, let cause):
            "cannot listen on \(address): \(cause)"
        }
    }

    init(_ cause: any Error, at address: ListenerAddress) {
        if let known = cause as? ListenerError {
            self = known
            return
        }
        switch cause {
        case let error as IOError where error.errnoCode == EADDRINUSE: self = .addressInUse(address)
        case let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM:
            self = .permissionDenied(address)
        case let error as IOError where error.errnoCode == EADDRNOTAVAIL:
            self = .badAddress(address, reason: "this machine does not have the address; choose one of its own")
        case let error as IOError where error.errnoCode == ENOENT:
            self = .badAddress(address, reason: "its folder does not exist; create it or choose another path")
        case is SocketAddressError.UnknownHost:
            self = .badAddress(address, reason: "the host is unknown; use an IP address or a name that resolves")
        case SocketAddressError.unixDomainSocketPathTooLong:
            self = .badAddress(address, reason: "the path is too long; keep it under 100 bytes")
        default: self = .failed(address, cause: cause)
        }
    }
}
