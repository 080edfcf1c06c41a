public import NIOCore

/// The address and port from which a request came.
public struct STUNMappedAddress: Hashable, Sendable {
    /// An address as a number, most significant byte first on the wire.
    public enum Host: Hashable, Sendable {
        case v4(UInt32)
        case v6(high: UInt64, low: UInt64)
    }

    public let host: Host
    public let port: UInt16

    /// An IPv4 address written as IPv6 (`::ffff:a.b.c.d`) becomes the IPv4 address it means.
    public init(host: Host, port: UInt16) {
        self.port = port
        self.host =
            switch host {
            case .v6(high: 0, let low) where low >> 32 == 0xFFFF: .v4(UInt32(truncatingIfNeeded: low))
            case .v4, .v6: host
            }
    }

    /// Returns `nil` for an address of another family.
    public init?(_ address: SocketAddress) {
        guard let port = address.port.flatMap(UInt16.init(exactly:)) else { return nil }
        let isV4: Bool
        switch address {
        case .v4: isV4 = true
        case .v6: isV4 = false
        case .unixDomainSocket: return nil
        }
        let host = address.withSockAddr { pointer, length -> Host? in
            let bytes = UnsafeRawBufferPointer(start: pointer, count: length)
            // Offsets of sin_addr in sockaddr_in and of sin6_addr in sockaddr_in6, the same on Linux and Darwin.
            if isV4 {
                guard bytes.count >= 8 else { return nil }
                return .v4(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
            }
            guard bytes.count >= 24 else { return nil }
            return .v6(
                high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
            )
        }
        guard let host else { return nil }
        self.init(host: host, port: port)
    }

    public var socketAddress: SocketAddress? {
        var packed = ByteBuffer()
        switch host {
        case .v4(let address): packed.writeInteger(address)
        case .v6(let high, let low): packed.writeMultipleIntegers(high, low)
        }
        return try? SocketAddress(packedIPAddress: packed, port: Int(port))
    }
}
