import ControlModel
import Testing

@Suite("Releases of clients")
struct ClientReleaseTests {
    @Test(
        "a release is its three numbers, whatever says how it was built",
        arguments: ["1.96.5", "1.96.5-tab12cd3-gef45", "1.96.5-dev20260101-tabc-dirty", "1.96.5+build", "1.96.05"]
    )
    func numbers(text: String) throws {
        let release = try #require(ClientRelease(text))
        #expect(release.description == "1.96.5")
        #expect(release.isStable)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "1", "1.96", "1.96.5.1", "v1.96.5", "1.96.x", "1..5", "-1.96.5", "1.96.-5", " 1.96.5", "1.96.5 ",
            "1.96.٥",
            "1.96.99999999999999999999", "latest",
        ]
    )
    func others(text: String) {
        #expect(ClientRelease(text) == nil)
    }

    @Test("releases are ordered by number, and an unstable line comes before the stable one it becomes")
    func order() throws {
        let texts = ["0.6.1", "1.9.9", "1.96.5", "1.96.10", "1.97.0-dev", "1.97.210", "1.98.0", "2.0.0"]
        let releases = try texts.map { try #require(ClientRelease($0)) }
        #expect(releases.shuffled().sorted() == releases)
        #expect(releases.map(\.isStable) == [true, false, true, true, false, false, true, true])
    }
}
