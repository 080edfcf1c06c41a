/// What clients may do, beyond reaching each other.
struct FeatureSettings: Hashable, Sendable {
    static let taildrop = ConfigurationKey("taildrop.enabled")
    static let logtail = ConfigurationKey("logtail.enabled")
    static let posture = ConfigurationKey("posture.identity_collection")
    static let keys = [taildrop, logtail, posture]

    /// Whether users may send files between their nodes.
    var isTaildropEnabled: Bool
    /// Whether clients may upload their logs to their vendor.
    var isLogUploadAllowed: Bool
    /// Whether devices are asked for serial numbers and hardware addresses.
    var collectsPostureIdentity: Bool

    init(_ reader: inout SettingsReader) {
        isTaildropEnabled = reader.flag(Self.taildrop, or: true)
        isLogUploadAllowed = reader.flag(Self.logtail, or: false)
        collectsPostureIdentity = reader.flag(Self.posture, or: false)
    }
}
