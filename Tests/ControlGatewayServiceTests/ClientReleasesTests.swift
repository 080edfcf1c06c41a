import ControlModel
import TailcfgWire
import Testing

@testable import ControlGatewayService

@Suite("What clients are told of newer releases")
struct ClientReleasesTests {
    private func told(
        _ version: String,
        goVersion: String = "go1.26",
        _ change: (inout ClientReleases) -> Void = { _ in }
    ) throws -> WireClientVersion? {
        var releases = ClientReleases(latest: try #require(ClientRelease("1.96.5")))
        change(&releases)
        var hostinfo = Hostinfo()
        (hostinfo.clientVersion, hostinfo.goVersion) = (version, goVersion)
        return releases.notice(to: hostinfo)
    }

    @Test(
        "who has it, or something newer, is told that there is nothing",
        arguments: ["1.96.5", "1.96.5-tabc-g123", "1.96.6", "1.97.12-dev20260101-tabc", "1.98.0", "2.0.0"]
    )
    func latest(version: String) throws {
        #expect(try told(version) { $0.isNotifying = true } == .latest)
    }

    @Test(
        "who has an older one, or one of an unstable line before it, is told of it",
        arguments: ["1.96.4-tabc-g123", "1.95.200-dev20251101", "1.80.0", "0.100.0"]
    )
    func older(version: String) throws {
        #expect(try told(version) == .update(.init(version: "1.96.5")))
    }

    @Test("who lacks a fix that should not wait is told so, and nobody else")
    func urgent() throws {
        let fix = try #require(ClientRelease("1.96.2"))
        #expect(try told("1.96.1") { $0.urgentBelow = fix } == .update(.init(version: "1.96.5", isUrgent: true)))
        #expect(try told("1.96.2") { $0.urgentBelow = fix } == .update(.init(version: "1.96.5")))
    }

    @Test("a notice goes with an update alone")
    func notice() throws {
        let notice = WireClientVersion.Notice(url: "https://example.com", text: "Please.")
        let expected = WireClientVersion.update(.init(version: "1.96.5", notice: notice))
        let change: (inout ClientReleases) -> Void = {
            ($0.isNotifying, $0.url, $0.text) = (true, notice.url, notice.text)
        }
        #expect(try told("1.90.0", change) == expected)
        #expect(try told("1.90.0") { $0.url = "https://example.com" } == .update(.init(version: "1.96.5")))
    }

    @Test("who does not say which release it is, or counts otherwise, is told nothing")
    func others() throws {
        for version in ["", "unknown", "1.96"] { #expect(try told(version) == nil) }
        #expect(try told("0.6.1", goVersion: "") == nil)
    }

    @Test("it is in full maps, and in no other message")
    func map() throws {
        var fixture = NetmapFixture(nodes: 1...2, viewers: [])
        fixture.netmap.formats.clientReleases = ClientReleases(latest: try #require(ClientRelease("1.96.5")))
        fixture.change(1) { ($0.hostinfo.clientVersion, $0.hostinfo.goVersion) = ("1.90.0", "go1.25") }
        _ = fixture.netmap.flush(now: fixture.now)
        fixture.open(1)
        let full = try fixture.full(for: 1)["ClientVersion"] as? [String: String]
        #expect(full == ["LatestVersion": "1.96.5"])
        #expect(try fixture.full(for: 2)["ClientVersion"] == nil)
        fixture.change(2) { $0.tags = ["tag:x"] }
        fixture.change(1) { $0.hostinfo.clientVersion = "1.90.1" }
        let told = try #require(try fixture.tick(for: 1))
        #expect(told["ClientVersion"] == nil && told["Node"] != nil)
    }
}
