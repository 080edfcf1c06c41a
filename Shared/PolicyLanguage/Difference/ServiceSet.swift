/// What may be used at a destination: ports by protocol.
struct ServiceSet: Hashable, Sendable {
    /// Protocol numbers to sorted ranges that neither overlap nor touch; no entry is empty.
    private var ports: [Int: [PortRange]] = [:]

    /// What a rule without a protocol means.
    static let usual = [1, 6, 17, 58]

    init() {}

    init(_ services: [Grant.Service]) {
        for service in services {
            for number in service.protocol.map({ [$0.number] }) ?? Self.usual {
                ports[number, default: []] += service.ports
            }
        }
        ports = ports.mapValues(Self.merged).filter { !$0.value.isEmpty }
    }

    var isEmpty: Bool { ports.isEmpty }

    mutating func formUnion(_ other: ServiceSet) {
        for (number, ranges) in other.ports { ports[number] = Self.merged((ports[number] ?? []) + ranges) }
    }

    func subtracting(_ other: ServiceSet) -> ServiceSet {
        var result = ServiceSet()
        for (number, ranges) in ports {
            let rest = Self.difference(ranges, other.ports[number] ?? [])
            if !rest.isEmpty { result.ports[number] = rest }
        }
        return result
    }

    /// As a policy writes them: `22`, `tcp:80-90`, `*`.
    var words: [String] {
        var rest = ports
        var list: [String] = []
        if let common = rest[Self.usual[0]], Self.usual.allSatisfy({ rest[$0] == common }) {
            list += common.map(\.description)
            for number in Self.usual { rest[number] = nil }
        }
        for (number, ranges) in rest.sorted(by: { $0.key < $1.key }) {
            let name = IPProtocol(number: number)?.description ?? "\(number)"
            list += ranges.map { "\(name):\($0)" }
        }
        return list
    }

    private static func merged(_ ranges: [PortRange]) -> [PortRange] {
        var result: [PortRange] = []
        for range in ranges.sorted() {
            guard let tail = result.last, tail.last == .max || range.first <= tail.last + 1 else {
                result.append(range)
                continue
            }
            result[result.count - 1].last = max(tail.last, range.last)
        }
        return result
    }

    private static func difference(_ ranges: [PortRange], _ holes: [PortRange]) -> [PortRange] {
        var result: [PortRange] = []
        for range in ranges {
            var from = Int(range.first)
            for hole in holes where Int(hole.last) >= from && hole.first <= range.last {
                if Int(hole.first) > from { result.append(PortRange(first: UInt16(from), last: hole.first - 1)) }
                from = Int(hole.last) + 1
            }
            if from <= Int(range.last) { result.append(PortRange(first: UInt16(from), last: range.last)) }
        }
        return result
    }
}
