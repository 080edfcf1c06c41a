import Foundation
import Testing

@testable import IPAddresses

@Suite("IP addresses")
struct IPAddressTests {
    @Test("IPv4 prints as it was read", arguments: ["0.0.0.0", "100.64.0.1", "255.255.255.255", "1.20.255.0"])
    func ipv4(text: String) throws {
        #expect(try #require(IPv4Address(text)).description == text)
    }

    @Test(
        "what Go does not read as IPv4 is refused",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1..3.4", "1.2.3.",
            "0x1.2.3.4", "1.2.3.-4", "a.b.c.d", "1.2.3.0004",
        ]
    )
    func badIPv4(text: String) {
        #expect(IPv4Address(text) == nil)
    }

    @Test(
        "IPv6 prints in the canonical form",
        arguments: [
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("fd7a:115c:a1e0::1", "fd7a:115c:a1e0::1"),
            ("FE80:0:0:0:0:0:0:1", "fe80::1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
            ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"), ("0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("1::2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
        ]
    )
    func ipv6(text: String, canonical: String) throws {
        #expect(try #require(IPv6Address(text)).description == canonical)
    }

    @Test(
        "what is not IPv6 is refused",
        arguments: [
            "", ":", ":::", "1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1::2", "12345::", "g::", "1:::2",
            "fe80::1%eth0", "::1.2.3", "1.2.3.4::", "::1:2:3:4:5:6:7:8", ":1::2", "1::2:", "1:2:3:4:5:6:7::8:9", "::+1",
            "[::1]",
        ]
    )
    func badIPv6(text: String) {
        #expect(IPv6Address(text) == nil)
    }

    @Test("random IPv6 addresses survive printing and reading")
    func random() throws {
        for _ in 0..<2000 {
            let address = IPv6Address(UInt128.random(in: 0...(.max)) & UInt128.random(in: 0...(.max)))
            #expect(IPv6Address(address.description) == address)
        }
    }

    @Test("a mapped address can be taken as IPv4")
    func mapped() throws {
        #expect(try #require(IPAddress("::ffff:10.0.0.1")).unmapped == IPAddress("10.0.0.1"))
        #expect(try #require(IPAddress("::1")).unmapped == IPAddress("::1"))
    }
}

@Suite("Prefixes")
struct IPPrefixTests {
    @Test(
        "prefixes print as they were read",
        arguments: ["0.0.0.0/0", "100.64.0.0/10", "10.1.2.3/32", "::/0", "fd7a:115c:a1e0::/48", "10.1.2.3/8"]
    )
    func roundTrip(text: String) throws {
        #expect(try #require(IPPrefix(text)).description == text)
    }

    @Test(
        "a prefix needs an address and a length in its range",
        arguments: [
            "", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
            "10.0.0.0/ 8", "10.0.0.0/8/8", "x/8", "10.0.0.0/9999",
        ]
    )
    func refused(text: String) {
        #expect(IPPrefix(text) == nil)
    }

    @Test("the network of a prefix, its first and its last address")
    func bounds() throws {
        let prefix = try #require(IPPrefix("10.1.2.3/8"))
        #expect(prefix.masked.description == "10.0.0.0/8")
        #expect(prefix.last == IPAddress("10.255.255.255"))
        #expect(try #require(IPPrefix("0.0.0.0/0")).last == IPAddress("255.255.255.255"))
        #expect(try #require(IPPrefix("::/0")).last == IPAddress("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"))
        #expect(try #require(IPPrefix("fd00::1/128")).first == IPAddress("fd00::1"))
    }

    @Test("containment and overlap keep to one family")
    func containment() throws {
        let all = try #require(IPPrefix("0.0.0.0/0"))
        let small = try #require(IPPrefix("100.64.0.0/10"))
        #expect(all.contains(small) && !small.contains(all) && small.overlaps(all))
        #expect(small.contains(try #require(IPAddress("100.127.255.255"))))
        #expect(!small.contains(try #require(IPAddress("100.128.0.0"))))
        #expect(!all.contains(try #require(IPAddress("::1"))))
        #expect(!all.overlaps(try #require(IPPrefix("::/0"))))
    }
}

@Suite("Endpoints")
struct IPEndpointTests {
    @Test("endpoints print as they were read", arguments: ["1.2.3.4:5", "[fe80::1]:65535", "0.0.0.0:0"])
    func roundTrip(text: String) throws {
        #expect(try #require(IPEndpoint(text)).description == text)
    }

    @Test(
        "an endpoint needs an address and a port",
        arguments: [
            "", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "fe80::1:5", "[1.2.3.4]:5", "[fe80::1]",
            "fe80::1]:5", "host:5", "1.2.3.4:5x",
        ]
    )
    func refused(text: String) {
        #expect(IPEndpoint(text) == nil)
    }

    @Test("text forms go through JSON, with an error for anything else")
    func json() throws {
        let list = try JSONDecoder().decode([IPEndpoint].self, from: Data(#"["1.2.3.4:5"]"#.utf8))
        #expect(String(decoding: try JSONEncoder().encode(list), as: UTF8.self) == #"["1.2.3.4:5"]"#)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([IPPrefix].self, from: Data(#"["x"]"#.utf8)) }
    }
}
