public import ControlModel
public import Foundation
import IPAddresses
public import Keys

extension Identifier {
    /// An id for tests; outside the range it is 1.
    public static func fixture(_ number: Int64) -> Self {
        guard let id = Self(number) ?? Self(1) else { preconditionFailure("1 is an identifier") }
        return id
    }
}

extension PublicKey {
    /// A key made of a number: equal numbers give equal keys, others do not.
    public static func fixture(_ number: Int) -> Self {
        let bytes = withUnsafeBytes(of: UInt64(truncatingIfNeeded: number).bigEndian) { Array($0) }
        return Self(Array(repeating: 0xA5, count: 24) + bytes) ?? .zero
    }
}

extension Date {
    /// When tests take place: a round number of seconds.
    public static let fixture = Date(timeIntervalSinceReferenceDate: 800_000_000)
}

extension User {
    public static func fixture(_ number: Int64 = 1, name: String? = nil) -> User {
        User(id: .fixture(number), tailnet: .default, name: name ?? "user\(number)", createdAt: .fixture)
    }
}

extension Node {
    /// A node whose keys, name and addresses follow from its number; owned by `user`, or tagged.
    public static func fixture(
        _ number: Int64 = 1,
        user: UserID? = .fixture(1),
        tags: [String] = [],
        authKey: AuthKeyID? = nil
    ) -> Node {
        Node(
            id: .fixture(number),
            tailnet: .default,
            stableID: "n\(number)",
            machineKey: .fixture(Int(number)),
            nodeKey: .fixture(Int(number)),
            user: tags.isEmpty ? user : nil,
            tags: tags,
            hostname: "host\(number)",
            givenName: "host\(number)",
            ipv4: IPv4Address(0x6440_0000 + UInt32(truncatingIfNeeded: number)),
            ipv6: IPv6Address(0xFD7A_115C_A1E0 << 80 + UInt128(number)),
            capabilityVersion: .minimum,
            registerMethod: .authKey,
            authKey: authKey,
            createdAt: .fixture
        )
    }
}

extension AuthKey {
    public static func fixture(
        _ number: Int64 = 1,
        user: UserID? = .fixture(1),
        tags: [String] = [],
        isReusable: Bool = false
    ) -> AuthKey {
        AuthKey(
            id: .fixture(number),
            tailnet: .default,
            prefix: "prefix\(number)",
            hash: Data([1, 2, UInt8(number & 0xFF)]),
            user: user,
            tags: tags,
            isReusable: isReusable,
            expiry: .fixture.addingTimeInterval(3600),
            createdAt: .fixture
        )
    }
}

extension APIKey {
    public static func fixture(_ number: Int64 = 1) -> APIKey {
        APIKey(
            id: .fixture(number),
            tailnet: .default,
            prefix: "prefix\(number)",
            hash: Data([3, 4, UInt8(number & 0xFF)]),
            expiry: .fixture.addingTimeInterval(3600),
            createdAt: .fixture
        )
    }
}

extension Hostinfo {
    /// A host with something in every kind of field.
    public static func fixture(hostname: String = "host") -> Hostinfo {
        var hostinfo = Hostinfo()
        hostinfo.clientVersion = "1.80.0"
        hostinfo.os = "linux"
        hostinfo.hostname = hostname
        hostinfo.container = true
        hostinfo.routableIPs = [IPPrefix("10.1.0.0/16")].compactMap(\.self)
        hostinfo.services = [HostService(proto: "peerapi4", port: 4242)]
        hostinfo.location = HostLocation()
        var netInfo = NetInfo()
        netInfo.workingUDP = true
        netInfo.preferredDERP = 900
        hostinfo.netInfo = netInfo
        return hostinfo
    }
}
