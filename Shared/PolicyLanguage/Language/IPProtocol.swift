/// An IP protocol as a policy names it.
public struct IPProtocol: Hashable, Sendable {
    public var number: Int

    /// 1 to 255.
    public init?(number: Int) {
        guard (1...255).contains(number) else { return nil }
        self.number = number
    }

    static let tcp = IPProtocol(unchecked: 6)
    static let udp = IPProtocol(unchecked: 17)
    static let sctp = IPProtocol(unchecked: 132)

    private init(unchecked number: Int) {
        self.number = number
    }

    static let names: [String: Int] = [
        "icmp": 1, "igmp": 2, "ipv4": 4, "ip-in-ip": 4, "tcp": 6, "egp": 8, "igp": 9, "udp": 17, "gre": 47, "esp": 50,
        "ah": 51, "ipv6-icmp": 58, "sctp": 132, "fc": 133,
    ]

    /// A name or a number without leading zeros; an empty text is no protocol.
    ///
    /// - Errors: the wording of the service.
    public static func parse(_ text: String) -> Result<IPProtocol?, InvalidProtocol> {
        let name = text.lowercased()
        if name.isEmpty { return .success(nil) }
        if let number = names[name] { return .success(IPProtocol(unchecked: number)) }
        let isNumber = (1...3).contains(name.utf8.count) && name.utf8.allSatisfy { (48...57).contains($0) }
        guard isNumber else { return .failure(InvalidProtocol(message: "unknown protocol \"\(text)\"")) }
        guard name.first != "0", let value = Int(name), let parsed = IPProtocol(number: value) else {
            let message = "protocol \"\(text)\": the number must be 1 to 255, without leading zeros"
            return .failure(InvalidProtocol(message: message))
        }
        return .success(parsed)
    }

    /// Whether its packets carry ports.
    public var hasPorts: Bool { self == .tcp || self == .udp || self == .sctp }
}

/// Why a text is no protocol.
public struct InvalidProtocol: Error, Hashable, Sendable {
    public var message: String
}

extension IPProtocol: CustomStringConvertible {
    public var description: String {
        let names = Self.names.filter { $0.value == number }.keys.sorted { ($0.count, $0) > ($1.count, $1) }
        return names.last ?? "\(number)"
    }
}
