import ControlModel
import Foundation
import HTTPTypes
import IPAddresses
import Keys
import Testing

@Suite("admin API: nodes")
struct AdminNodeRoutesTests {
    @Test("a node has headscale's members, unset ones null")
    func shape() async throws {
        try await AdminHarness.with { harness async throws in
            try await harness.registry.add(Self.node(7, user: nil))
            let answer = try await harness.send(.get, "/api/v1/node/7")
            let zero = String(repeating: "0", count: 64)
            #expect(
                answer.text
                    == #"{"node":{"approved":true,"approvedRoutes":["10.0.0.0/8"],"availableRoutes":["10.0.0.0/8","10.1.0.0/16"],"#
                    + #""createdAt":"2027-01-15T08:00:00Z","discoKey":"discokey:\#(zero)","expiry":null,"#
                    + #""givenName":"laptop","id":"7","ipAddresses":["100.64.0.7"],"lastSeen":null,"#
                    + #""machineKey":"mkey:\#(zero)","name":"Laptop","nodeKey":"nodekey:\#(zero)","online":true,"#
                    + #""preAuthKey":null,"registerMethod":"REGISTER_METHOD_AUTH_KEY","subnetRoutes":["10.0.0.0/8"],"#
                    + #""tags":["tag:a"],"user":null}}"#
            )
        }
    }

    @Test("nodes are listed by id, or those of one user by name or id")
    func list() async throws {
        try await AdminHarness.with { harness async throws in
            _ = try await harness.send(.post, "/api/v1/user", body: #"{"name":"anna"}"#)
            try await harness.registry.add(Self.node(30, user: 1))
            try await harness.registry.add(Self.node(4, user: nil))
            func ids(_ query: String) async throws -> [String] {
                try await harness.send(.get, "/api/v1/node" + query).list("nodes").compactMap { $0["id"] as? String }
            }
            #expect(try await ids("") == ["4", "30"])
            #expect(try await ids("?user=anna") == ["30"])
            #expect(try await ids("?user=1") == ["30"])
            #expect(try await harness.send(.get, "/api/v1/node?user=bert").status == 404)
        }
    }

    @Test("a node expires now, at a time, or never, but not two of them")
    func expire() async throws {
        try await AdminHarness.with { harness async throws in
            try await harness.registry.add(Self.node(7, user: nil))
            let path = "/api/v1/node/7/expire"
            #expect(try await harness.send(.post, path).value("node", "expiry") == "2027-01-15T08:00:00Z")
            let later = try await harness.send(.post, path, body: #"{"expiry":"2030-01-31T14:00:00+02:00"}"#)
            #expect(later.value("node", "expiry") == "2030-01-31T12:00:00Z")
            let never = try await harness.send(.post, path, body: #"{"disableExpiry":true}"#)
            #expect(never.text.contains(#""expiry":null"#))
            let both = #"{"disableExpiry":true,"expiry":"2030-01-31T12:00:00Z"}"#
            #expect(try await harness.send(.post, path, body: both).status == 400)
            #expect(try await harness.send(.post, path, body: #"{"expiry":"soon"}"#).status == 400)
        }
    }

    @Test("a node is renamed and deleted; one that is not there is not found")
    func renameAndDelete() async throws {
        try await AdminHarness.with { harness async throws in
            try await harness.registry.add(Self.node(7, user: nil))
            #expect(try await harness.send(.post, "/api/v1/node/7/rename/box").value("node", "givenName") == "box")
            #expect(try await harness.send(.post, "/api/v1/node/7/rename/a%20b").status == 400)
            #expect(try await harness.send(.delete, "/api/v1/node/7").text == "{}")
            #expect(try await harness.send(.get, "/api/v1/node/7").status == 404)
            #expect(try await harness.send(.get, "/api/v1/node/seven").status == 400)
        }
    }

    @Test("a device is approved, and the approval taken back")
    func approve() async throws {
        try await AdminHarness.with { harness async throws in
            try await harness.registry.add(Self.node(7, user: nil))
            let path = "/api/v1/node/7/approve"
            #expect(
                try await harness.send(.post, path, body: #"{"approved":false}"#).text.contains(#""approved":false"#)
            )
            #expect(try await harness.send(.post, path).text.contains(#""approved":true"#))
            #expect(try await harness.send(.post, path, body: #"{"approved":"yes"}"#).status == 400)
            #expect(try await harness.send(.post, "/api/v1/node/8/approve").status == 404)
        }
    }

    @Test("tags of a node are replaced; none, unknown ones, and those of a node that is not there are refused")
    func tags() async throws {
        try await AdminHarness.with { harness async throws in
            try await harness.registry.add(Self.node(7, user: nil))
            let path = "/api/v1/node/7/tags"
            let answer = try await harness.send(.post, path, body: #"{"tags":["tag:b","tag:c"]}"#)
            #expect(answer.status == 200)
            #expect(answer.text.contains(#""tags":["tag:b","tag:c"],"user":null"#))
            for body in [#"{"tags":[]}"#, "{}", #"{"tags":"tag:a"}"#, #"{"tags":["tag:unknown"]}"#] {
                #expect(try await harness.send(.post, path, body: body).status == 400, "\(body)")
            }
            let absent = try await harness.send(.post, "/api/v1/node/8/tags", body: #"{"tags":["tag:b"]}"#)
            #expect(absent.status == 404)
            #expect(try await harness.send(.post, "/api/v1/node/x/tags", body: #"{"tags":["tag:b"]}"#).status == 400)
        }
    }

    @Test("routes are approved in place of those before; what is no list of prefixes is refused")
    func approveRoutes() async throws {
        try await AdminHarness.with { harness async throws in
            try await harness.registry.add(Self.node(7, user: nil))
            let path = "/api/v1/node/7/approve_routes"
            let both = try await harness.send(.post, path, body: #"{"routes":["10.1.0.0/16","fd00::/8"]}"#)
            #expect(both.text.contains(#""approvedRoutes":["10.1.0.0/16","fd00::/8"]"#))
            #expect(both.text.contains(#""subnetRoutes":["10.1.0.0/16"]"#))
            let none = try await harness.send(.post, path, body: #"{"routes":[]}"#)
            #expect(none.text.contains(#""approvedRoutes":[],"#))
            #expect(none.text.contains(#""subnetRoutes":[],"#))
            for body in ["{}", #"{"routes":"10.0.0.0/8"}"#, #"{"routes":["10.0.0.0"]}"#, #"{"routes":["a/8"]}"#, "["] {
                #expect(try await harness.send(.post, path, body: body).status == 400, "\(body)")
            }
            let unknown = try await harness.send(.post, "/api/v1/node/8/approve_routes", body: #"{"routes":[]}"#)
            #expect(unknown.status == 404)
        }
    }

    @Test("of two routers of one route the primary alone is told to serve it, alone and in a list")
    func primary() async throws {
        try await AdminHarness.with { harness async throws in
            _ = try await harness.send(.post, "/api/v1/user", body: #"{"name":"anna"}"#)
            var (first, second) = (try Self.node(8, user: 1), try Self.node(7, user: nil))
            first.lastSeen = AdminFakeRegistry.epoch
            second.lastSeen = AdminFakeRegistry.epoch.addingTimeInterval(1)
            await harness.registry.add(first)
            await harness.registry.add(second)
            func serving(_ path: String) async throws -> Bool {
                try await harness.send(.get, "/api/v1/node" + path).text.contains(#""subnetRoutes":["10.0.0.0/8"]"#)
            }
            #expect(try await serving("/8"))
            #expect(try await !serving("/7"))
            #expect(try await serving("?user=anna"))
        }
    }

    static func node(_ id: Int64, user: Int64?) throws -> Node {
        var node = Node(
            id: try #require(NodeID(id)),
            tailnet: .default,
            stableID: "n\(id)",
            machineKey: .zero,
            nodeKey: .zero,
            user: try user.map { try #require(UserID($0)) },
            tags: user == nil ? ["tag:a"] : [],
            hostname: "Laptop",
            givenName: "laptop",
            ipv4: IPv4Address("100.64.0.\(id)"),
            ipv6: nil,
            capabilityVersion: .minimum,
            registerMethod: .authKey,
            isOnline: true,
            createdAt: AdminFakeRegistry.epoch
        )
        let prefixes = ["10.1.0.0/16", "10.0.0.0/8"].compactMap { IPPrefix($0) }
        node.hostinfo.routableIPs = prefixes
        node.approvedRoutes = [prefixes[1]]
        return node
    }
}
