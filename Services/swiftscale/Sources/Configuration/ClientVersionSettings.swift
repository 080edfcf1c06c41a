import ControlGatewayService
import ControlModel
import Foundation

/// What clients are told of newer releases of themselves.
enum ClientVersionSettings {
    static let latest = ConfigurationKey("client_version.latest")
    static let urgentBelow = ConfigurationKey("client_version.urgent_below")
    static let notify = ConfigurationKey("client_version.notify")
    static let url = ConfigurationKey("client_version.url")
    static let text = ConfigurationKey("client_version.text")
    static let keys = [latest, urgentBelow, notify, url, text]

    /// Longer words fit no notice; in bytes.
    static let textLimit = 300
    static let urlLimit = 2000

    /// `nil`: nothing is told.
    static func releases(_ reader: inout SettingsReader) -> ClientReleases? {
        let latest = release(&reader, Self.latest, "a stable release like 1.96.5: three numbers, the second even") {
            $0.isStable
        }
        let urgent = release(&reader, urgentBelow, "a release like 1.96.2: three numbers") { _ in true }
        let isNotifying = reader.flag(notify, or: false)
        let link = reader.value(url, or: "", expecting: "an http or https URL of at most \(urlLimit) bytes", parseURL)
        let words = reader.value(text, or: "", expecting: "at most \(textLimit) bytes on one line", parseLine)
        requireCompany(&reader, isNotifying: isNotifying)
        guard let latest else { return nil }
        if let urgent, urgent > latest {
            reader.refuse(
                urgentBelow,
                value: urgent.description,
                expecting: "at most \(Self.latest.name), which is \(latest)"
            )
        }
        return ClientReleases(
            latest: latest,
            urgentBelow: urgent,
            isNotifying: isNotifying,
            url: link,
            text: words
        )
    }

    /// A key that does nothing without another one would go unnoticed.
    private static func requireCompany(_ reader: inout SettingsReader, isNotifying: Bool) {
        for key in keys where key.name != latest.name && reader.text(key) != nil && reader.text(latest) == nil {
            reader.refuse(latest, value: nil, expecting: "a release like 1.96.5, as \(key.name) is set")
            return
        }
        for key in [url, text] where reader.text(key) != nil && !isNotifying {
            reader.refuse(notify, value: reader.text(notify), expecting: "true, as \(key.name) is set")
            return
        }
    }

    /// Numbers alone: what says how a program was built has no place in a rule.
    private static func release(
        _ reader: inout SettingsReader,
        _ key: ConfigurationKey,
        _ expected: String,
        _ isAllowed: (ClientRelease) -> Bool
    ) -> ClientRelease? {
        guard let text = reader.text(key) else { return nil }
        if let release = ClientRelease(text), release.description == text, isAllowed(release) { return release }
        reader.refuse(key, value: text, expecting: expected)
        return nil
    }

    private static func parseURL(_ text: String) -> String? {
        guard text.utf8.count <= urlLimit, let url = URLComponents(string: text),
            let scheme = url.scheme?.lowercased(), scheme == "https" || scheme == "http", url.host?.isEmpty == false
        else { return nil }
        return text
    }

    private static func parseLine(_ text: String) -> String? {
        let isLine = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        return isLine && text.utf8.count <= textLimit ? text : nil
    }
}
