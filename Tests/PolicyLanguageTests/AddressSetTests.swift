import IPAddresses
import Testing

@testable import PolicyLanguage

@Suite("Sets of addresses")
struct AddressSetTests {
    private func set(_ texts: String...) throws -> AddressSet {
        AddressSet(try texts.map { try #require(PolicyReader.prefix($0)) })
    }

    @Test("touching and overlapping ranges become one, families stay apart")
    func union() throws {
        let found = try set("10.0.0.0/25", "10.0.0.128/25", "10.0.0.7", "fd00::/64", "fd00::1", "192.168.0.0/16")
        #expect(found.ranges.map(\.description) == ["10.0.0.0/24", "192.168.0.0/16", "fd00::/64"])
        #expect(try set("10.0.0.1", "10.0.0.2").ranges.map(\.description) == ["10.0.0.1-10.0.0.2"])
    }

    @Test("the limits of both families do not overflow")
    func limits() throws {
        let all = try set("0.0.0.0/0", "::/0", "255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
        #expect(all.ranges.map(\.description) == ["0.0.0.0/0", "::/0"])
        #expect(all.ranges.map { $0.prefixes.map(\.description) } == [["0.0.0.0/0"], ["::/0"]])
        #expect(all.subtracting(all).isEmpty)
        let rest = all.subtracting(try set("255.255.255.255", "::"))
        #expect(
            rest.ranges.map(\.spelledOut) == [
                "0.0.0.0-255.255.255.254", "::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            ]
        )
        #expect(rest.ranges[0].prefixes.count == 32)
        #expect(rest.ranges[1].prefixes.count == 128)
    }

    @Test("what is taken out is out, and the rest stays")
    func subtraction() throws {
        #expect(
            AddressSet.tailnet.ranges.map(\.description) == [
                "100.64.0.0-100.115.91.255", "100.115.94.0-100.127.255.255", "fd7a:115c:a1e0::/48",
            ]
        )
        #expect(AddressSet.internet.overlaps(AddressRange(try #require(PolicyReader.prefix("10.1.2.3")))) == false)
        #expect(AddressSet.internet.contains(AddressRange(try #require(PolicyReader.prefix("8.8.8.0/24")))))
        #expect(AddressSet.internet.contains(try set("10.0.0.0/7")) == false)
    }

    @Test("prefixes cover a range exactly, for random ranges")
    func prefixes() {
        var random = SplitMix(7)
        for _ in 0..<500 {
            let ends = [UInt128(random.next() >> 32), UInt128(random.next() >> 32)].sorted()
            let range = AddressRange(isIPv6: false, first: ends[0], last: ends[1])
            #expect(AddressSet(range.prefixes).ranges == [range])
        }
    }

    @Test("a set that ranges are put into and taken out of is the one that is made at once")
    func edits() {
        var random = SplitMix(13)
        var (set, model) = (AddressSet(), Set<UInt128>())
        for step in 0..<3000 {
            let first = UInt128(random.next() % 60)
            let range = AddressRange(isIPv6: step % 3 == 0, first: first, last: first + UInt128(random.next() % 3))
            let marks = (range.first...range.last).map { $0 + (range.isIPv6 ? 1000 : 0) }
            if random.next() % 2 == 0 {
                set.insert(range)
                model.formUnion(marks)
            } else {
                set.remove(range)
                model.subtract(marks)
            }
            let wanted = AddressSet(
                model.map { mark in
                    let value = mark % 1000
                    return AddressRange(isIPv6: mark >= 1000, first: value, last: value)
                }
            )
            #expect(set == wanted, "step \(step)")
        }
        for isIPv6 in [false, true] {
            let whole = AddressRange(isIPv6: isIPv6, first: 0, last: isIPv6 ? .max : UInt128(UInt32.max))
            set.insert(whole)
            set.insert(AddressRange(isIPv6: isIPv6, first: whole.last, last: whole.last))
            #expect(set.ranges.contains(whole))
        }
        #expect(set.ranges.count == 2)
    }

    @Test("overlap and containment agree with counting single addresses")
    func model() {
        var random = SplitMix(11)
        for _ in 0..<300 {
            let ranges = (0..<4).map { _ in
                let first = UInt128(random.next() % 60)
                return AddressRange(isIPv6: false, first: first, last: first + UInt128(random.next() % 8))
            }
            let set = AddressSet(ranges)
            for value in UInt128(0)..<70 {
                let single = AddressRange(isIPv6: false, first: value, last: value)
                #expect(set.contains(single) == ranges.contains { $0.contains(single) })
                #expect(set.overlaps(single) == set.contains(single))
            }
        }
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
