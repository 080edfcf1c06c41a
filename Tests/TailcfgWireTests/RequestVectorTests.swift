import ControlModel
import Foundation
import IPAddresses
import Keys
import NIOCore
import Testing

@testable import TailcfgWire

@Suite("Requests of real clients")
struct RequestVectorTests {
    @Test("a Go client's registration decodes")
    func registerGo() throws {
        let request = try RegisterRequest.decode(Vector.bytes("register-go"))
        #expect(request.version == CapabilityVersion(131))
        #expect(request.nodeKey == (try Vector.nodeKey()))
        #expect(request.oldNodeKey.isZero)
        #expect(request.networkLockKey.hasPrefix("nlpub:3c3c"))
        #expect(request.authKey == "ss-auth-abcdef-0123456789")
        #expect(request.expiry == nil)
        #expect(request.isEphemeral)
        #expect(request.nodeKeySignature.isEmpty)
        #expect(request.hostinfo.clientVersion == "1.92.3-t1234567-g89abcdef")
        #expect(request.hostinfo.hostname == "web-1")
        #expect(request.hostinfo.distroCodeName == "bookworm")
        #expect(request.hostinfo.container == false)
        #expect(request.hostinfo.routableIPs == (try Vector.prefixes("10.7.0.0/16", "0.0.0.0/0", "::/0")))
        #expect(request.hostinfo.requestTags == ["tag:web", "tag:prod"])
        #expect(request.hostinfo.sshHostKeys == ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0 root@web"])
        #expect(request.hostinfo.netInfo?.preferredDERP == 900)
        #expect(request.hostinfo.netInfo?.workingUDP == true)
        #expect(request.hostinfo.netInfo?.workingIPv6 == false)
        #expect(request.hostinfo.netInfo?.firewallMode == "nft-default")
    }

    @Test("a Go client's logout carries its expiry in the past")
    func logout() throws {
        let request = try RegisterRequest.decode(Vector.bytes("register-go-logout"))
        #expect(request.expiry == Date(timeIntervalSince1970: 123))
        #expect(request.authKey.isEmpty)
        #expect(request.hostinfo.os == "windows")
    }

    @Test("a Rust client's registration decodes, spelled as it spells")
    func registerRust() throws {
        let request = try RegisterRequest.decode(Vector.bytes("register-rust"))
        #expect(request.hostinfo.clientVersion == "0.6.1")
        #expect(request.hostinfo.app == "tailscale-rs (ts_python)")
        #expect(request.hostinfo.hostname == "alpha")
        #expect(request.oldNodeKey.isZero)
        #expect(request.isEphemeral)
    }

    @Test("a Go client's stream request decodes")
    func mapGoStream() throws {
        let request = try MapRequest.decode(Vector.bytes("map-go-stream"))
        #expect(request.kind == .stream)
        #expect(request.wantsZstd && request.keepAlive)
        #expect(request.discoKey == (try Vector.discoKey()))
        #expect(request.endpoints.isEmpty)
        #expect(request.debugFlags == ["warn-ip-forwarding-off"])
        let hostinfo = try #require(request.hostinfo)
        #expect(hostinfo.services.map(\.proto) == ["peerapi4", "peerapi6", "peerapi-dns-proxy"])
        #expect(hostinfo.services.map(\.port) == [41021, 41021, 1])
        #expect(hostinfo.location?.cityCode == "VIE")
        #expect(hostinfo.location?.latitude == 48.2)
        #expect(hostinfo.location?.priority == 100)
        #expect(hostinfo.wakeOnLANMACs == ["02:00:5e:10:00:01"])
    }

    @Test("a status report keeps its endpoints with their types, without those that have a zone")
    func mapGoLite() throws {
        let request = try MapRequest.decode(Vector.bytes("map-go-lite"))
        #expect(request.kind == .statusReport)
        let seen = request.endpoints.map { "\($0.endpoint) \($0.type)" }
        #expect(seen == ["203.0.113.7:41641 2", "192.168.1.5:41641 1", "[2001:db8::5]:41641 1"])
        #expect(request.hostinfo?.netInfo?.preferredDERP == 901)
    }

    @Test("a Rust client's map requests decode, spelled as it spells")
    func mapRust() throws {
        let stream = try MapRequest.decode(Vector.bytes("map-rust-stream"))
        #expect(stream.kind == .stream)
        #expect(!stream.wantsZstd)
        #expect(stream.hostinfo?.os == "linux")
        #expect(stream.hostinfo?.osVersion == "6.1")
        #expect(stream.hostinfo?.routableIPs == (try Vector.prefixes("10.9.0.0/24")))
        let report = try MapRequest.decode(Vector.bytes("map-rust-lite"))
        #expect(report.kind == .statusReport)
        #expect(report.endpoints.map(\.type) == [1])
        let netInfo = try #require(report.hostinfo?.netInfo)
        #expect(netInfo.preferredDERP == 900)
        #expect(netInfo.osHasIPv6 == true && netInfo.workingIPv6 == true && netInfo.workingICMPv4 == false)
        #expect(netInfo.mappingVariesByDestIP == false)
    }

    @Test("the three flags make the kind of a map request")
    func kinds() {
        var request = MapRequest()
        #expect(request.kind == .singleResponse)
        request.omitPeers = true
        #expect(request.kind == .statusReport)
        request.isReadOnly = true
        #expect(request.kind == .singleResponse)
        request.isStream = true
        #expect(request.kind == .stream)
    }
}

@Suite("Small requests")
struct SmallRequestTests {
    @Test("each decodes")
    func vectors() throws {
        let dns = try SetDNSRequest.decode(Vector.bytes("rpc-set-dns"))
        #expect([dns.name, dns.type, dns.value] == ["_acme-challenge.web-1.example.net", "TXT", "token"])
        let token = try TokenRequest.decode(Vector.bytes("rpc-token"))
        #expect(token.audience == "sts.example" && token.version == CapabilityVersion(131))
        #expect(try QueryFeatureRequest.decode(Vector.bytes("rpc-query-feature")).feature == "funnel")
        let health = try HealthChangeRequest.decode(Vector.bytes("rpc-health"))
        #expect(health.subsystem == "router" && health.error == "no route")
        let audit = try AuditLogRequest.decode(Vector.bytes("rpc-audit-log"))
        #expect(audit.action == "DISCONNECT_NODE" && audit.details == "going home")
        #expect(audit.timestamp == (try Vector.date("2026-01-02T03:04:05.25Z")))
        #expect(audit.nodeKey == (try Vector.nodeKey()))
    }

    @Test("attribute names keep their case, values their type")
    func attributes() throws {
        let request = try SetDeviceAttributesRequest.decode(Vector.bytes("rpc-device-attributes"))
        #expect(
            request.update == [
                "custom:Owner": .string("ops"), "custom:score": .number(7.5), "custom:ok": .bool(true),
                "custom:old": .remove,
            ]
        )
    }

    @Test("an attribute that is an object, or too many of them, is refused by name")
    func badAttributes() {
        let many = (0...WireLimit.entries).map { #""a\#($0)":1"# }.joined(separator: ",")
        for update in [#"{"a":{"b":1}}"#, "[1]", #""x""#, "{\(many)}"] {
            #expect {
                try SetDeviceAttributesRequest.decode(.init(string: #"{"Update":\#(update)}"#))
            } throws: { error in
                guard case .invalid(let key, _) = error as? TailcfgDecodingError else { return false }
                return key == "Update"
            }
        }
    }

    @Test("an SSH event keeps the recording attempts that decode")
    func sshEvent() throws {
        let event = try SSHEventNotifyRequest.decode(Vector.bytes("rpc-ssh-event"))
        #expect(event.eventType == 2 && event.connectionID == "ssh-conn-1")
        #expect(event.sourceNode == NodeID(77))
        #expect(event.sshUser == "root" && event.localUser == "alice")
        #expect(event.recordingAttempts.map(\.recorder) == ["100.64.0.9:80"])
        #expect(event.recordingAttempts.map(\.failure) == ["refused"])
    }
}
