import Foundation
import TestKit
import Testing

/// A page of a real browser: what a person does with it, and what they see.
struct BrowserPage: Sendable {
    enum Scheme: String, CaseIterable {
        case light, dark
    }

    private let browser: Chromium
    private let session: String

    static func open(_ browser: Chromium) async throws -> BrowserPage {
        let target = try await browser.send("Target.createTarget", #"{"url":"about:blank"}"#)
        let id = try #require(Self.object(target)["targetId"] as? String)
        let attached = try await browser.send("Target.attachToTarget", #"{"targetId":"\#(id)","flatten":true}"#)
        let session = try #require(Self.object(attached)["sessionId"] as? String)
        let page = BrowserPage(browser: browser, session: session)
        _ = try await page.send("Network.enable")
        try await page.size(width: 900, height: 1000)
        return page
    }

    func go(to url: String) async throws {
        let answer = try await send("Page.navigate", "{\"url\":\(Self.quoted(url))}")
        let fault = Self.object(answer)["errorText"] as? String
        guard fault == nil else { throw Chromium.Failure(description: "\(url): \(fault ?? "")") }
    }

    /// Waits until the page with this heading is shown.
    func untilHeading(_ text: String) async throws {
        try await eventually("a page with the heading \(text)", within: .seconds(60)) {
            let heading = try? await evaluate(
                "document.readyState === 'complete' ? document.querySelector('h1')?.textContent ?? '' : ''"
            )
            return heading == text
        }
    }

    /// The value of an expression, as text.
    func evaluate(_ expression: String) async throws -> String {
        let answer = try await send(
            "Runtime.evaluate",
            "{\"expression\":\(Self.quoted(expression)),\"returnByValue\":true,\"awaitPromise\":true}"
        )
        let object = Self.object(answer)
        guard object["exceptionDetails"] == nil, let result = object["result"] as? [String: Any] else {
            throw Chromium.Failure(description: String(decoding: answer, as: UTF8.self))
        }
        return (result["value"] as? String) ?? "\(result["value"] ?? "")"
    }

    /// Presses the mouse on the middle of an element.
    func click(_ selector: String) async throws {
        let place = try await evaluate(
            """
            (() => {
              const element = document.querySelector(\(Self.quoted(selector)));
              element.scrollIntoView({block: 'center'});
              const box = element.getBoundingClientRect();
              return (box.x + box.width / 2) + ' ' + (box.y + box.height / 2);
            })()
            """
        ).split(separator: " ").compactMap { Double($0) }
        try #require(place.count == 2)
        for kind in ["mousePressed", "mouseReleased"] {
            let parameters =
                "{\"type\":\"\(kind)\",\"x\":\(place[0]),\"y\":\(place[1]),\"button\":\"left\",\"clickCount\":1}"
            _ = try await send("Input.dispatchMouseEvent", parameters)
        }
    }

    /// Types into the element that a click or the page has given the focus.
    func type(_ text: String) async throws {
        _ = try await send("Input.insertText", "{\"text\":\(Self.quoted(text))}")
    }

    func size(width: Int, height: Int) async throws {
        _ = try await send(
            "Emulation.setDeviceMetricsOverride",
            "{\"width\":\(width),\"height\":\(height),\"deviceScaleFactor\":1,\"mobile\":false}"
        )
    }

    func prefer(_ scheme: Scheme) async throws {
        _ = try await send(
            "Emulation.setEmulatedMedia",
            "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"\(scheme.rawValue)\"}]}"
        )
    }

    /// The page as it is shown, as a PNG file.
    func screenshot() async throws -> Data {
        let answer = try await send("Page.captureScreenshot", #"{"format":"png"}"#)
        let text = try #require(Self.object(answer)["data"] as? String)
        return try #require(Data(base64Encoded: text))
    }

    private func send(_ method: String, _ parameters: String = "{}") async throws -> Data {
        try await browser.send(method, parameters, session: session)
    }

    private static func object(_ data: Data) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
    }

    /// A text as JSON and JavaScript write it.
    static func quoted(_ text: String) -> String {
        guard let data = try? JSONSerialization.data(withJSONObject: text, options: .fragmentsAllowed) else {
            return "\"\""
        }
        return String(decoding: data, as: UTF8.self)
    }
}
