import Storage

/// Logins that wait for a person.
struct LoginSettings: Hashable, Sendable {
    static let lifetime = ConfigurationKey("tuning.register_cache_expiration")
    static let total = ConfigurationKey("tuning.register_cache_max_entries")
    static let perSource = ConfigurationKey("tuning.register_cache_max_entries_per_address")
    static let keys = [lifetime, total, perSource]

    /// After which a device has to ask again.
    var lifetime: Duration
    var limits: PendingLoginLimits

    init(_ reader: inout SettingsReader) {
        lifetime = reader.value(Self.lifetime, or: .seconds(15 * 60), expecting: "a duration from 1m to 7d") { text in
            DurationText.parse(text).flatMap { (.seconds(60)...Duration.seconds(7 * 86400)).contains($0) ? $0 : nil }
        }
        let standard = PendingLoginLimits()
        limits = PendingLoginLimits(
            total: reader.integer(Self.total, or: standard.total, in: 1...100_000),
            perSource: reader.integer(Self.perSource, or: standard.perSource, in: 1...100_000)
        )
    }
}
