import ControlModel
import IPAddresses
import NIOCore
import Testing

@testable import TailcfgWire

@Suite("Tolerant Hostinfo")
struct HostinfoTests {
    static func hostinfo(_ fields: String) throws -> Hostinfo {
        try #require(try MapRequest.decode(ByteBuffer(string: "{\"Hostinfo\":{\(fields)}}")).hostinfo)
    }

    @Test("a Hostinfo that was not sent is not an empty one")
    func absent() throws {
        #expect(try MapRequest.decode(ByteBuffer(string: "{}")).hostinfo == nil)
        #expect(try Self.hostinfo("") == Hostinfo())
    }

    @Test(
        "a field of the wrong type counts as not sent",
        arguments: RequestFieldTests.hostinfoKeys,
        ["5", "-1.5e300", "[[]]", #"{"X":[null]}"#, "1e999", "[null,7,{}]"]
    )
    func wrongTypes(key: String, value: String) throws {
        let hostinfo = try Self.hostinfo("\"\(key)\":\(value),\"Hostname\":\"kept\",\"OSVersion\":\"6\"")
        if key != "Hostname" { #expect(hostinfo.hostname == "kept") }
        #expect(hostinfo.routableIPs.isEmpty && hostinfo.services.isEmpty && hostinfo.requestTags.isEmpty)
    }

    @Test("routes that are no prefixes are dropped, the others kept in order")
    func routes() throws {
        let list = #""10.0.0.0/8","","10.0.0.0","10.0.0.0/33",null,7,"::/0","fe80::%eth0/64",{},"192.168.0.0/16""#
        let hostinfo = try Self.hostinfo("\"RoutableIPs\":[\(list)]")
        #expect(hostinfo.routableIPs == (try Vector.prefixes("10.0.0.0/8", "::/0", "192.168.0.0/16")))
    }

    @Test("services without protocol or with an impossible port are dropped")
    func services() throws {
        let list = """
            {"Proto":"tcp","Port":22,"Description":"sshd"},{"Proto":"tcp","Port":65536},{"Proto":"tcp","Port":-1},
            {"Proto":"","Port":1},{"Port":80},{"Proto":"udp"},{"Proto":"udp","Port":"53"},null,[],"tcp",
            {"proto":"udp","PORT":53,"Description":null},{"Proto":"tcp","Port":1e99}
            """
        let hostinfo = try Self.hostinfo("\"Services\":[\(list)]")
        #expect(
            hostinfo.services == [
                HostService(proto: "tcp", port: 22, description: "sshd"), HostService(proto: "udp", port: 53),
            ]
        )
    }

    @Test(
        "a home region outside 0...65535 is none",
        arguments: ["-1", "65536", "1e30", "99999999999999999999", "\"9\""]
    )
    func region(value: String) throws {
        let hostinfo = try Self.hostinfo("\"NetInfo\":{\"PreferredDERP\":\(value),\"WorkingUDP\":true}")
        #expect(hostinfo.netInfo?.preferredDERP == 0)
        #expect(hostinfo.netInfo?.workingUDP == true)
    }

    @Test("a text beyond its limit counts as not sent")
    func longText() throws {
        let text = String(repeating: "a", count: WireLimit.hostinfoTextLength)
        let hostinfo = try Self.hostinfo(
            #""Hostname":"\#(text)","OS":"\#(text)a","RequestTags":["\#(text)a","tag:a",""]"#
        )
        #expect(hostinfo.hostname == text)
        #expect(hostinfo.os.isEmpty)
        #expect(hostinfo.requestTags == ["tag:a"])
    }

    @Test("lists are cut at their limits")
    func limits() throws {
        let services = Array(repeating: #"{"Proto":"tcp","Port":1}"#, count: WireLimit.services + 5)
        let tags = (0..<WireLimit.tags + 5).map { "\"tag:\($0)\"" }
        let routes = (0..<WireLimit.routableIPs + 5).map { "\"10.\($0 / 256).\($0 % 256).0/24\"" }
        let hostinfo = try Self.hostinfo(
            [("Services", services), ("RequestTags", tags), ("RoutableIPs", routes)]
                .map { "\"\($0)\":[\($1.joined(separator: ","))]" }.joined(separator: ",")
        )
        #expect(hostinfo.services.count == WireLimit.services)
        #expect(hostinfo.requestTags.count == WireLimit.tags)
        #expect(hostinfo.routableIPs.count == WireLimit.routableIPs)
        #expect(hostinfo.routableIPs.last == IPPrefix("10.15.255.0/24"))
    }

    @Test("endpoints are cut at their limit, keep their types, and have an address and a port")
    func endpoints() throws {
        let many = (1...WireLimit.endpoints + 5).map { "\"192.0.2.1:\($0)\"" }.joined(separator: ",")
        let request = try MapRequest.decode(ByteBuffer(string: "{\"Endpoints\":[\(many)]}"))
        #expect(request.endpoints.count == WireLimit.endpoints)
        #expect(request.endpoints.allSatisfy { $0.type == 0 })
        let list = #"["192.0.2.1:0","192.0.2.1:1",null,"x",7,"[2001:db8::1]:2","192.0.2.2:3"]"#
        let odd = try MapRequest.decode(
            ByteBuffer(string: #"{"Endpoints":\#(list),"EndpointTypes":[1,2,3,4,5,"6"]}"#)
        )
        #expect(
            odd.endpoints.map { "\($0.endpoint) \($0.type)" } == [
                "192.0.2.1:1 2", "[2001:db8::1]:2 0", "192.0.2.2:3 0",
            ]
        )
    }
}
