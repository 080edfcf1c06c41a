import IPAddresses
import Testing

@testable import RegistryService

@Suite("Address allocation")
struct AddressAllocatorTests {
    private func allocator(
        _ prefix: String,
        _ strategy: AddressStrategy = .sequential,
        used: [String] = [],
        released: [String] = []
    ) throws -> AddressAllocator {
        AddressAllocator(
            prefix: try #require(IPPrefix(prefix)),
            strategy: strategy,
            used: Set(used.compactMap { IPAddress($0) }),
            released: released.compactMap { IPAddress($0) }
        )
    }

    private func take(_ count: Int, from allocator: inout AddressAllocator, random: UInt128 = 0) -> [String] {
        (0..<count).map { allocator.next(near: UInt128($0)) { random % $0 }?.description ?? "none" }
    }

    @Test("addresses come in order, without the first, the last and those in use")
    func sequential() throws {
        var allocator = try allocator("100.64.0.0/29", used: ["100.64.0.2", "10.0.0.1"])
        let taken = take(6, from: &allocator)
        #expect(taken == ["100.64.0.1", "100.64.0.3", "100.64.0.4", "100.64.0.5", "100.64.0.6", "none"])
    }

    @Test("what clients keep for themselves is passed over at once, however much it is")
    func reserved() throws {
        for (start, expected) in [
            ("fd7a:115c:a1e0:b1a::7", "fd7a:115c:a1e0:b1b::"), ("fd7a:115c:a1e0::53", "fd7a:115c:a1e0::54"),
        ] {
            var allocator = try allocator("fd7a:115c:a1e0::/48", .random)
            let start = try #require(IPv6Address(start)).value - (try #require(IPv6Address("fd7a:115c:a1e0::1")).value)
            #expect(take(1, from: &allocator, random: start) == [expected])
        }
        var allocator = try allocator("100.115.91.252/29", used: ["100.115.91.249", "100.115.91.250"])
        #expect(take(1, from: &allocator, random: 0) == ["100.115.91.251"])
        allocator = try self.allocator("fd7a:115c:a1e0:b1a::/64")
        #expect(take(1, from: &allocator) == ["none"])
    }

    @Test("a random start goes on from there and around")
    func random() throws {
        var allocator = try allocator("100.64.0.0/29", .random, used: ["100.64.0.5"])
        let taken = take(6, from: &allocator, random: 3)
        #expect(taken == ["100.64.0.4", "100.64.0.6", "100.64.0.1", "100.64.0.2", "100.64.0.3", "none"])
    }

    @Test(
        "addresses that clients use for themselves are never given out",
        arguments: [
            ("100.100.100.96/29", ["100.100.100.97", "100.100.100.98", "100.100.100.99", "100.100.100.101"]),
            ("100.115.91.252/30", ["100.115.91.253", "100.115.91.254", "none"]),
            ("100.115.92.0/24", ["none"]),
            ("100.115.93.0/24", ["none"]),
            ("100.115.94.0/24", ["100.115.94.1"]),
            ("fd7a:115c:a1e0::50/125", ["fd7a:115c:a1e0::51", "fd7a:115c:a1e0::52", "fd7a:115c:a1e0::54"]),
        ]
    )
    func excluded(prefix: String, expected: [String]) throws {
        var allocator = try allocator(prefix)
        #expect(take(expected.count, from: &allocator) == expected)
    }

    @Test("released addresses come last, longest free first", arguments: AddressStrategy.allCases)
    func released(strategy: AddressStrategy) throws {
        var allocator = try allocator("100.64.0.0/29", strategy, released: ["100.64.0.3", "100.64.0.1", "10.0.0.9"])
        #expect(Set(take(4, from: &allocator)) == ["100.64.0.2", "100.64.0.4", "100.64.0.5", "100.64.0.6"])
        allocator.release(.v4(IPv4Address(0x6440_0004)))
        #expect(take(4, from: &allocator) == ["100.64.0.3", "100.64.0.1", "100.64.0.4", "none"])
    }

    @Test("an address that never reached a node is the next one again")
    func cancelled() throws {
        var allocator = try allocator("100.64.0.0/10")
        #expect(take(3, from: &allocator) == ["100.64.0.1", "100.64.0.2", "100.64.0.3"])
        allocator.cancel(.v4(IPv4Address(0x6440_0002)))
        #expect(take(2, from: &allocator) == ["100.64.0.2", "100.64.0.4"])
    }

    @Test("an address follows from the node's number, and around; one that is taken gives the lowest free one")
    func near() throws {
        var allocator = try allocator("100.64.0.0/29", used: ["100.64.0.2"])
        let next = { (allocator: inout AddressAllocator, number: UInt128, skip: Int) in
            allocator.next(near: number, skip: skip) { _ in 0 }?.description ?? "none"
        }
        #expect(next(&allocator, 4, 0) == "100.64.0.5")
        #expect(next(&allocator, 4 + 6, 0) == "100.64.0.1")
        #expect(next(&allocator, 1, 1) == "100.64.0.4")
        #expect(next(&allocator, 1, 9) == "100.64.0.6")
        #expect(next(&allocator, 1, 9) == "100.64.0.3")
        #expect(next(&allocator, .max, 9) == "none")
    }

    @Test("what others have is not given out; what was released is not taken for used by an old message")
    func others() throws {
        var allocator = try allocator("100.64.0.0/29", released: ["100.64.0.4"])
        allocator.note(.v4(IPv4Address(0x6440_0001)))
        allocator.note(.v4(IPv4Address(0x6440_0004)))
        allocator.take(.v4(IPv4Address(0x6440_0002)))
        #expect(take(5, from: &allocator) == ["100.64.0.3", "100.64.0.5", "100.64.0.6", "100.64.0.4", "none"])
    }

    @Test("what was never given out cannot be released")
    func foreignRelease() throws {
        var allocator = try allocator("100.64.0.0/30")
        allocator.release(.v4(IPv4Address(0x6440_0001)))
        allocator.release(.v4(IPv4Address(0x0A00_0001)))
        #expect(take(3, from: &allocator) == ["100.64.0.1", "100.64.0.2", "none"])
    }

    @Test(
        "a prefix without room between its ends gives nothing",
        arguments: ["100.64.0.0/32", "100.64.0.0/31", "fd7a::/128", "fd7a::/127", "0.0.0.0/32"]
    )
    func tiny(prefix: String) throws {
        var allocator = try allocator(prefix)
        #expect(take(1, from: &allocator) == ["none"])
    }

    @Test("the whole of a family is no trap", arguments: ["0.0.0.0/0", "::/0"])
    func whole(prefix: String) throws {
        var allocator = try allocator(prefix, .random)
        let taken = allocator.next(near: 0) { $0 - 1 }
        #expect(taken != nil)
    }
}
