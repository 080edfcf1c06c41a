import Bus
import ControlModel
import Foundation
import OpenIDConnect
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    /// One after another: a browser takes what a small machine has.
    @Suite("In a real browser", .serialized, .timeLimit(.minutes(4)))
    struct InRealBrowser {
        private static let server = "http://vpn.test"
        private static let anna = #"""
            {"email":"anna@example.com","email_verified":true,"preferred_username":"anna","name":"Anna Berg"}
            """#

        /// A system that is called `http://vpn.test`, and a browser that finds it there.
        private func with(
            _ providers: [OIDCSettings],
            _ body: (LocalSystem, Chromium) async throws -> Void
        ) async throws {
            try await LocalSystem.run(.init(providers: providers, serverURL: Self.server)) { system in
                let port = await system.address.port
                try await Chromium.run(servers: ["vpn.test:80": port]) { try await body(system, $0) }
            }
        }

        /// Looks at the page in light and dark, wide and narrow, and keeps a picture of each scheme.
        private func inspect(_ page: BrowserPage, _ browser: Chromium, as name: String) async throws {
            for scheme in BrowserPage.Scheme.allCases {
                try await page.prefer(scheme)
                for width in [320, 900] {
                    try await page.size(width: width, height: 1000)
                    let faults = try await page.audit()
                    #expect(faults == "", "\(name), \(scheme), \(width) wide")
                }
                let png = try await page.screenshot()
                try Screenshots.keep(png, as: "\(name)-\(scheme)")
                let picture = try await BrowserPage.open(browser).look(at: png)
                #expect(picture.width == 900 && picture.height == 1000)
                #expect(picture.colors > 16 && picture.groundShare < 0.9, "\(name) is blank: \(picture)")
                #expect(scheme == .dark ? picture.cornerLight < 0.2 : picture.cornerLight > 0.8, "\(picture)")
            }
            try await page.prefer(.light)
        }

        private func expectNothingForeign(_ browser: Chromium) {
            let own = browser.requests.filter { $0.page.hasPrefix(Self.server + "/") }.map(\.url)
            #expect(!own.isEmpty)
            #expect(own.filter { !$0.hasPrefix(Self.server + "/") } == [])
        }

        @Test("a person comes from the device's address, logs in, confirms, and the device is in")
        func login() async throws {
            try await ProviderProcess.run { provider in
                try await provider.set("anna", claims: Self.anna)
                try await with([.test(provider, serverURL: Self.server)]) { system, browser in
                    let client = await system.client("laptop")
                    let url = try await client.register().authURL
                    #expect(url.hasPrefix(Self.server + "/register/"))
                    async let held = client.follow(url)
                    let page = try await BrowserPage.open(browser)
                    try await page.go(to: url)
                    try await page.untilHeading("Authorize Client")
                    try await page.click("input[name=sub]")
                    try await page.type("anna")
                    try await page.click("button[type=submit]")
                    try await page.untilHeading("Add this device?")
                    #expect(try await page.evaluate("document.body.innerText").contains("Anna Berg"))
                    #expect(try await system.nodes().isEmpty)
                    try await inspect(page, browser, as: "confirm")
                    try await page.click("main button")
                    try await page.untilHeading("Welcome")
                    #expect(try await held.isMachineAuthorized)
                    let node = try #require(try await system.nodes().first)
                    #expect(node.registerMethod == .oidc)
                    #expect(try await page.evaluate("document.cookie") == "")
                    try await inspect(page, browser, as: "welcome")

                    // Back and again: what was used is worth nothing.
                    try await page.go(to: url)
                    try await page.untilHeading("Done")
                    expectNothingForeign(browser)
                }
            }
        }

        @Test("with several providers a person chooses")
        func choice() async throws {
            try await ProviderProcess.run { provider in
                try await provider.set("anna", claims: Self.anna)
                var corp = OIDCSettings.test(provider, name: "corp", serverURL: Self.server)
                corp.title = "Example Corp"
                var other = corp
                (other.name, other.title, other.issuer) = ("other", "Guests", "http://localhost:9")
                try await with([other, corp]) { system, browser in
                    let url = try await system.client("laptop").register().authURL
                    let page = try await BrowserPage.open(browser)
                    try await page.go(to: url)
                    try await page.untilHeading("A device wants in")
                    try await inspect(page, browser, as: "choice")
                    try await page.click("li:nth-child(2) a")
                    try await page.untilHeading("Authorize Client")
                    try await page.click("input[name=sub]")
                    try await page.type("anna")
                    try await page.click("button[type=submit]")
                    try await page.untilHeading("Add this device?")
                }
            }
        }

        @Test("the pages that need no login can be read by everybody, and load nothing from elsewhere")
        func pages() async throws {
            try await with([]) { system, browser in
                let url = try await system.client("laptop").register().authURL
                let page = try await BrowserPage.open(browser)
                for (path, heading, name) in [
                    (url.pathAndQuery, "A device wants in", "waiting"),
                    ("/register/hskey-authreq-000000000000000000000000", "No such login", "unknown"),
                    ("/apple", "Apple devices", "apple"), ("/windows", "Windows devices", "windows"),
                ] {
                    try await page.go(to: Self.server + path)
                    try await page.untilHeading(heading)
                    try await inspect(page, browser, as: name)
                }
                _ = try await system.approve(url, for: system.createUser("alice"))
                try await page.go(to: url)
                try await page.untilHeading("Done")
                try await inspect(page, browser, as: "done")
                expectNothingForeign(browser)
            }
        }
    }
}

/// Pictures of pages, for people to look at after a run.
private enum Screenshots {
    static func keep(_ png: Data, as name: String) throws {
        let root = URL(filePath: #filePath).appending(path: "../../..").standardized
        let folder = root.appending(path: ".build/screenshots")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try png.write(to: folder.appending(path: name + ".png"))
    }
}
