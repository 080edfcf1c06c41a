/// What clients may do, beyond reaching each other.
struct FeatureSettings: Hashable, Sendable {
    static let taildrop = ConfigurationKey("taildrop.enabled")
    static let logtail = ConfigurationKey("logtail.enabled")
    static let keys = [taildrop, logtail]

    /// Whether users may send files between their nodes.
    var isTaildropEnabled: Bool
    /// Whether clients may upload their logs to their vendor.
    var isLogUploadAllowed: Bool

    init(_ reader: inout SettingsReader) {
        isTaildropEnabled = reader.flag(Self.taildrop, or: true)
        isLogUploadAllowed = reader.flag(Self.logtail, or: false)
    }
}
