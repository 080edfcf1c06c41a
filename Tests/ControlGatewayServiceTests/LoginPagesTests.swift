import ControlModel
import Foundation
import HTTPTypes
import Hummingbird
import Keys
import NIOCore
import OpenIDConnect
import Synchronization
import TestKit
import Testing

@testable import ControlGatewayService

@Suite("Login pages")
struct LoginPagesTests {
    private let pages = LoginPages()
    private let configuration = ControlGatewayConfiguration(
        serverURL: "https://vpn.test",
        instance: "g",
        addressPrefixes: [],
        version: "0"
    )

    @Test("every template parses")
    func templates() throws {
        _ = try LoginPages.templates()
    }

    @Test("the page says which device asks and what to run")
    func waiting() async throws {
        let login = PendingLogin.fixture(1)
        let page = try await PageReading(pages.page(of: login, configuration))
        #expect(page.status == 200)
        #expect(page.text.contains("<dd>host1</dd>"))
        #expect(page.text.contains("<dd>192.0.2.1</dd>"))
        #expect(page.text.contains("swiftscale auth register --auth-id \(login.id) --user USER"))
        #expect(page.text.contains("nodekey:"))
        #expect(!page.text.contains(login.nodeKey.text))
    }

    @Test("tags that the device asks for are shown, and why it was turned away because of them")
    func tags() async throws {
        var login = PendingLogin.fixture(1)
        #expect(try await !PageReading(pages.page(of: login, configuration)).text.contains("Asks for tags"))
        login.hostinfo.requestTags = ["tag:a", "tag:<b>"]
        let page = try await PageReading(pages.page(of: login, configuration))
        #expect(page.text.contains("<dt>Asks for tags</dt><dd>tag:a tag:&lt;b&gt;</dd>"))
        (login.state, login.refusal) = (.rejected, "requested tags [tag:a] are invalid or not permitted")
        let refused = try await PageReading(pages.page(of: login, configuration))
        #expect(refused.text.contains("<p>requested tags [tag:a] are invalid or not permitted</p>"))
    }

    @Test(
        "what a device calls itself is shown as text, whatever it is",
        arguments: [
            "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{{style}}}", "{{#title}}x{{/title}}",
            "'\u{0338} onload=x", "\"\u{0301} autofocus", "<\u{20DD}b>", "a\u{202E}gpj.exe", "\u{0}\u{8}\u{1B}[31m",
            "&amp;<", String(repeating: "<b>", count: 5000), "]]><!--", "🤖<i>",
        ]
    )
    func hostileName(name: String) async throws {
        var login = PendingLogin.fixture(1)
        login.hostinfo.hostname = name
        (login.hostinfo.os, login.hostinfo.clientVersion, login.source) = (name, name, name)
        let calm = try await PageReading(pages.page(of: .fixture(1), configuration))
        for state in [PendingLogin.State.waiting, .rejected, .done(node: .fixture(1))] {
            login.state = state
            let page = try await PageReading(pages.page(of: login, configuration))
            if state == .waiting { #expect(page.tags == calm.tags) }
            #expect(!page.tags.contains { $0.contains("script") || $0.contains("img") })
            for scalar in page.text.unicodeScalars where scalar != "\n" {
                #expect(scalar.properties.generalCategory != .control)
                #expect(scalar.properties.generalCategory != .format)
            }
        }
    }

    private func choice(_ titles: [String]) -> Response {
        let providers = titles.enumerated().map { number, title in
            var settings = OIDCSettings(
                issuer: "https://id\(number).test",
                clientID: "x",
                clientSecret: "",
                redirectURL: "https://vpn.test/oidc/callback"
            )
            (settings.name, settings.title) = ("p\(number)", title)
            return OIDCProvider(settings)
        }
        return pages.choice(of: providers, .fixture(1), configuration)
    }

    @Test("who may choose a provider sees their titles, else their hosts, with a way to each")
    func choosing() async throws {
        let page = try await PageReading(choice(["Example <Corp>", ""]))
        let id = PendingLogin.fixture(1).id
        #expect(page.status == 200)
        #expect(page.text.contains("href=\"/register/\(id)/p0\">Log in with Example &lt;Corp&gt;</a>"))
        #expect(page.text.contains("href=\"/register/\(id)/p1\">Log in with id1.test</a>"))
        #expect(page.text.contains("<dd>host1</dd>"))
    }

    @Test(
        "the page of a login by SSH shows its names as text, and how to confirm it",
        arguments: ["root", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{{style}}}"]
    )
    func check(account: String) async throws {
        var login = PendingLogin.fixture(1)
        login.check = SSHCheck(source: .fixture(1), destination: .fixture(2), localUser: "calm")
        let calm = try await PageReading(pages.page(of: login, "server", configuration))
        login.check?.localUser = account
        login.hostinfo.hostname = account
        let page = try await PageReading(pages.page(of: login, account, configuration))
        #expect(page.status == 200)
        #expect(page.tags == calm.tags)
        #expect(page.text.contains("swiftscale auth approve --auth-id \(login.id)"))
        #expect(page.text.contains("href=\"/auth/\(login.id)\""))
        for (state, text) in [
            (PendingLogin.State.rejected, "turned away"), (.done(node: .fixture(1)), "was confirmed"),
        ] {
            login.state = state
            #expect(try await PageReading(pages.page(of: login, account, configuration)).text.contains(text))
        }
    }

    @Test("every page is sealed off: nothing from elsewhere, no script, no frame, no cache")
    func policy() async throws {
        for response in [
            pages.page(of: .fixture(1), configuration), pages.noLogin(configuration),
            pages.unavailable(configuration, again: "/x"), pages.tooMany(configuration, retryAfter: 3),
            choice(["a", "b"]),
        ] {
            let policy = try #require(response.headers[.contentSecurityPolicy])
            #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-"))
            #expect(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"))
            #expect(!policy.contains("unsafe"))
            #expect(response.headers[.cacheControl] == "no-store")
            let page = try await PageReading(response)
            #expect(page.text.contains("<html lang=\"en\">") && page.text.contains("<h1>"))
            #expect(!page.text.contains("<script") && !page.text.contains("src="))
            #expect(page.text.firstRange(of: #/(href|action)="(?!\/)/#) == nil)
        }
    }
}

/// A page as a browser would get it.
struct PageReading {
    let status: Int
    let text: String
    /// What stands between angle brackets, but for closing tags.
    let tags: [String]

    init(_ response: Response) async throws {
        status = response.status.code
        let writer = PageBodyWriter()
        try await response.body.write(writer)
        text = String(buffer: writer.bytes.withLock { $0 })
        tags = text.matches(of: #/<([^\/][^>]*)>/#).map { String($0.1) }
    }
}

private final class PageBodyWriter: ResponseBodyWriter {
    let bytes = Mutex(ByteBuffer())

    func write(_ buffer: ByteBuffer) async throws {
        bytes.withLock { _ = $0.writeImmutableBuffer(buffer) }
    }

    func finish(_ trailers: HTTPFields?) async throws {}
}
