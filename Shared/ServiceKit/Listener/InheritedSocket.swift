#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A listening socket that whoever started the process has bound already.
///
/// With it a server can be replaced without refusing anybody: connections that come meanwhile wait in the socket's queue.
///
/// - Source: `sd_listen_fds(3)`: `LISTEN_PID` is this process, `LISTEN_FDS` the number of sockets, from descriptor 3 on.
public struct InheritedSocket: Hashable, Sendable {
    /// First descriptor of the protocol.
    private static let firstDescriptor: CInt = 3

    public let descriptor: CInt

    /// The first inherited TCP socket, `nil` where there is none; descriptors of other kinds are left alone.
    public static func tcp(environment: [String: String], processID: Int) -> InheritedSocket? {
        guard environment["LISTEN_PID"].flatMap(Int.init) == processID,
            let count = environment["LISTEN_FDS"].flatMap({ CInt($0) }), (1...64).contains(count)
        else { return nil }
        let descriptors = firstDescriptor..<(firstDescriptor + count)
        return descriptors.first(where: isListeningTCP).map(InheritedSocket.init)
    }

    private static func isListeningTCP(_ descriptor: CInt) -> Bool {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let named = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        var isListening: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard named == 0, [AF_INET, AF_INET6].contains(CInt(address.ss_family)),
            getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0
        else { return false }
        return isListening == 1
    }
}
