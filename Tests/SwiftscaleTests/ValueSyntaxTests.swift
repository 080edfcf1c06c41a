import Testing

@testable import swiftscale

@Suite("value syntax")
struct ValueSyntaxTests {
    @Test(
        "durations are read as headscale writes them",
        arguments: [
            ("0", 0.0), ("0s", 0), ("30m", 1800), ("180d", 15_552_000), ("1h30m", 5400), ("1.5s", 1.5), ("800ms", 0.8),
            ("1w2d", 777_600), ("1y", 31_536_000),
        ]
    )
    func duration(text: String, seconds: Double) throws {
        #expect(try #require(DurationText.parse(text)) == .seconds(seconds))
    }

    @Test(
        "what is no duration is refused",
        arguments: ["", "1", "s", "1x", "-1s", "1 s", "1e9s", "..s", "99999999999y", "1h30", "١s", "inf", "nans"]
    )
    func noDuration(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "addresses to listen on are read and written alike",
        arguments: ["127.0.0.1:8080", "[::1]:0", "vpn.example.com:443", "localhost:65535"]
    )
    func listenAddress(text: String) {
        #expect(ListenAddress(text)?.description == text)
    }

    @Test("a port alone means all addresses")
    func wildcard() {
        #expect(ListenAddress(":80") == ListenAddress(host: "0.0.0.0", port: 80))
        #expect(ListenAddress(":80")?.isWildcard == true)
        #expect(ListenAddress(":80")?.reachableHost == "127.0.0.1")
    }

    @Test(
        "what is no address to listen on is refused",
        arguments: [
            "", ":", "a", "a:", "a:b", "1:65536", "::1:80", "[::1]", "[a]:1", "[]:1", "a/b:1", "1:1", "a:-1", "a:+1 ",
        ]
    )
    func noListenAddress(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test("a URL loses its final slash and knows its port")
    func serverURL() {
        let url = ServerURL("https://vpn.example.com/")
        #expect(url?.description == "https://vpn.example.com")
        #expect(url?.effectivePort == 443)
        #expect(ServerURL("http://[::1]:8080")?.host == "::1")
        #expect(ServerURL("http://a:8080/base")?.port == 8080)
    }

    @Test("the distance of texts counts letters", arguments: [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3)])
    func editDistance(first: String, second: String, distance: Int) {
        #expect(EditDistance.between(first, second) == distance)
        #expect(EditDistance.between(second, first) == distance)
    }
}
