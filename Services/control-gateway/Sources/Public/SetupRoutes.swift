import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit

/// How devices are pointed to this server, for people and as profiles.
struct SetupRoutes: Sendable {
    let serverURL: String
    let pages: LoginPages

    func register(on router: Router<SurfaceContext>) {
        router.get("/apple") { _, _ in page(.apple, title: "Apple devices") }
        router.get("/windows") { _, _ in page(.windows, title: "Windows devices") }
        router.get("/apple/{platform}") { _, context in profile(context.parameters.get("platform") ?? "") }
    }

    private func page(_ page: LoginPages.Page, title: String) -> Response {
        pages.response(.ok, page, ["title": title, "server": serverURL])
    }

    private func profile(_ platform: String) -> Response {
        guard let type = Self.payloadTypes[platform] else {
            let text = "There is no profile for this platform."
            return pages.response(.notFound, .notice, ["title": "No such profile", "text": text, "server": serverURL])
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/x-apple-aspen-config; charset=utf-8",
                .contentDisposition: "attachment; filename=\"swiftscale-\(platform).mobileconfig\"",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: Self.profile(type: type, serverURL: serverURL)))
        )
    }

    /// The app's own settings, by the platform's name in the path.
    private static let payloadTypes = [
        "ios": "io.tailscale.ipn.ios", "macos-app-store": "io.tailscale.ipn.macos",
        "macos-standalone": "io.tailscale.ipn.macsys",
    ]

    /// A configuration profile with the server's address and nothing else.
    ///
    /// Its identifiers follow from server and platform, so that a newer one replaces an older one.
    private static func profile(type: String, serverURL: String) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <plist version="1.0">
        <dict>
          <key>PayloadDisplayName</key><string>Tailscale at \(escaped(serverURL))</string>
          <key>PayloadIdentifier</key><string>swiftscale.\(type)</string>
          <key>PayloadUUID</key><string>\(identifier("profile", type, serverURL))</string>
          <key>PayloadType</key><string>Configuration</string>
          <key>PayloadVersion</key><integer>1</integer>
          <key>PayloadRemovalDisallowed</key><false/>
          <key>PayloadContent</key>
          <array>
            <dict>
              <key>PayloadType</key><string>\(type)</string>
              <key>PayloadIdentifier</key><string>swiftscale.\(type).settings</string>
              <key>PayloadUUID</key><string>\(identifier("settings", type, serverURL))</string>
              <key>PayloadVersion</key><integer>1</integer>
              <key>PayloadEnabled</key><true/>
              <key>ControlURL</key><string>\(escaped(serverURL))</string>
            </dict>
          </array>
        </dict>
        </plist>

        """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private static func identifier(_ parts: String...) -> String {
        var bytes = Array(SHA256.hash(data: Data(parts.joined(separator: "\n").utf8)).prefix(16))
        // Version 8 and the variant of RFC 9562: made by a rule of one's own.
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let groups = [digits[0..<4], digits[4..<6], digits[6..<8], digits[8..<10], digits[10..<16]]
        return groups.map { $0.joined() }.joined(separator: "-").uppercased()
    }
}
