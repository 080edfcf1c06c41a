import ControlModel
import Foundation
import IPAddresses
import Keys
import NIOCore
import Testing

@testable import TailcfgWire

@Suite("Writing map responses")
struct MapResponseWritingTests {
    static let derpMap = DERPMap(regions: [
        DERPRegion(
            id: 900,
            code: "loc",
            name: "Local",
            latitude: 48.25,
            longitude: -16.5,
            nodes: [
                DERPNode(
                    name: "900a",
                    hostName: "localhost",
                    ipv4: "127.0.0.1",
                    ipv6: "none",
                    stunPort: -1,
                    derpPort: 8443
                )
            ]
        ),
        DERPRegion(
            id: 901,
            code: "far",
            name: "Far away",
            noMeasureNoHome: true,
            nodes: [
                DERPNode(
                    name: "901s",
                    hostName: "stun.example",
                    certName: "sha256-raw:00ff",
                    isSTUNOnly: true,
                    canPort80: true
                )
            ]
        ),
    ])
    static let rules = [
        WireFilterRule(sources: ["*"], destinations: [.init(ip: "*", firstPort: 0, lastPort: 65535)]),
        WireFilterRule(
            sources: ["100.64.0.0/10", "100.64.0.1-100.64.0.9"],
            destinations: [.init(ip: "10.0.0.0/8", firstPort: 22, lastPort: 22)],
            protocols: [6]
        ),
    ]
    static let settings = DNSSettings(
        isMagicDNSEnabled: true,
        baseDomain: "example.net",
        nameservers: ["1.1.1.1", "https://dns.example/q"],
        splitNameservers: ["corp.example": ["10.0.0.53"]],
        searchDomains: ["corp.example", "example.net"],
        extraRecords: [DNSRecord(name: "git.example.net", type: "A", value: "100.64.0.9")]
    )

    @Test("relays")
    func relays() throws {
        #expect(try Vector.parsed { $0.writeDERPMap(Self.derpMap) } == Vector.json("derp-map"))
    }

    @Test("name resolution with MagicDNS answers for the base domain and the reverse zones")
    func dns() throws {
        let prefixes = try Vector.prefixes("100.64.0.0/15", "fd7a:115c:a1e0::/48")
        let config = WireDNSConfig(Self.settings, addressesFrom: prefixes)
        #expect(try Vector.parsed { $0.writeDNSConfig(config) } == Vector.json("dns-config"))
    }

    @Test("overriding nameservers are the resolvers, and without MagicDNS only split domains have routes")
    func dnsOverride() throws {
        var settings = Self.settings
        settings.overridesLocalDNS = true
        settings.isMagicDNSEnabled = false
        let config = WireDNSConfig(settings, addressesFrom: try Vector.prefixes("100.64.0.0/10"))
        #expect(config.resolvers == settings.nameservers && config.fallbackResolvers.isEmpty)
        #expect(config.routes.map(\.suffix) == ["corp.example"])
        #expect(config.domains == ["example.net", "corp.example"])
        #expect(
            try Vector.parsed { $0.writeDNSConfig(config) }.keys == ["Resolvers", "Routes", "Domains", "ExtraRecords"]
        )
    }

    @Test("reverse zones end at a label")
    func reverseZones() throws {
        func zones(_ text: String) throws -> [String] { ReverseZones.names(of: try #require(IPPrefix(text))) }
        let shared = try zones("100.64.0.0/10")
        #expect(shared.count == 64)
        #expect(shared.first == "64.100.in-addr.arpa" && shared.last == "127.100.in-addr.arpa")
        #expect(try zones("10.0.0.0/8") == ["10.in-addr.arpa"])
        #expect(try zones("192.168.1.77/31") == ["76.1.168.192.in-addr.arpa", "77.1.168.192.in-addr.arpa"])
        #expect(try zones("0.0.0.0/0").isEmpty)
        #expect(try zones("128.0.0.0/1").count == 128)
        #expect(try zones("fd7a:115c:a1e0::/48") == ["0.e.1.a.c.5.1.1.a.7.d.f.ip6.arpa"])
        #expect(try zones("2000::/3") == ["2.ip6.arpa", "3.ip6.arpa"])
        #expect(try zones("::1/128").first?.hasPrefix("1.0.0.0.") == true)
    }

    @Test("filters stand under the name base; a rule that allows nothing is left out")
    func filters() throws {
        let rules = [WireFilterRule(sources: ["*"], destinations: [])] + Self.rules
        let parsed = try Vector.parsed { writer in
            writer.beginObject()
            writer.packetFiltersField(rules)
            writer.endObject()
        }
        #expect(parsed == (try Vector.json("packet-filters")))
        #expect(Vector.written { $0.packetFiltersField([]) } == #""PacketFilters":{"base":[]}"#)
    }

    @Test("a keep-alive carries the time and is never the 18 bytes that make clients deaf")
    func keepAlive() throws {
        let text = Vector.written { $0.writeKeepAlive(at: Date(timeIntervalSince1970: 123)) }
        #expect(text == #"{"KeepAlive":true,"ControlTime":"1970-01-01T00:02:03Z"}"#)
        #expect(text.utf8.count != 18)
    }

    @Test("pieces made apart join to the message made whole")
    func pieces() throws {
        let peer = try NodeWritingTests.peer()
        var response = MapResponse()
        response.derpMap = Self.derpMap
        response.peers = [peer, peer]
        response.domain = "example.net"
        response.collectServices = false
        response.userProfiles = [.taggedDevices]
        response.packetFilter = Self.rules
        response.disablesLogTail = true
        response.clientVersion = .latest

        let peers = Vector.written { $0.writeNode(peer) } + "," + Vector.written { $0.writeNode(peer) }
        let joined = [
            Vector.written { $0.derpMapField(Self.derpMap) }, "\"Peers\":[\(peers)]",
            Vector.written { $0.domainField("example.net") }, Vector.written { $0.collectServicesField(false) },
            Vector.written { $0.userProfilesField([.taggedDevices]) },
            Vector.written { $0.packetFiltersField(Self.rules) }, #""Debug":{"DisableLogTail":true}"#,
            #""ClientVersion":{"RunningLatest":true}"#,
        ].joined(separator: ",")
        #expect(String(buffer: response.encoded()) == "{\(joined)}")
    }

    @Test("a newer release is told of with what is set, and nothing else")
    func clientVersion() {
        var update = WireClientVersion.Update(version: "1.96.5")
        #expect(
            Vector.written { $0.clientVersionField(.update(update)) }
                == #""ClientVersion":{"LatestVersion":"1.96.5"}"#
        )
        update.isUrgent = true
        update.notice = .init()
        #expect(
            Vector.written { $0.clientVersionField(.update(update)) }
                == #""ClientVersion":{"LatestVersion":"1.96.5","UrgentSecurityUpdate":true,"Notify":true}"#
        )
        update.isUrgent = false
        update.notice = .init(url: "https://example.com/get", text: #"a "new" one"#)
        #expect(
            Vector.written { $0.clientVersionField(.update(update)) }
                == #""ClientVersion":{"LatestVersion":"1.96.5","Notify":true,"NotifyURL":"https://example.com/get","#
                + #""NotifyText":"a \"new\" one"}"#
        )
    }

    @Test("an empty message is an empty object: no list is empty, nothing is null")
    func empty() {
        #expect(String(buffer: MapResponse().encoded()) == "{}")
    }

    @Test("a profile without display name shows the login name, one without picture has none")
    func profiles() throws {
        let user = User(
            id: try #require(UserID(3)),
            tailnet: .default,
            name: "alice",
            createdAt: Date(timeIntervalSince1970: 0)
        )
        #expect(
            Vector.written { $0.writeUserProfile(WireUserProfile(user)) }
                == #"{"ID":3,"LoginName":"alice","DisplayName":"alice"}"#
        )
    }
}
