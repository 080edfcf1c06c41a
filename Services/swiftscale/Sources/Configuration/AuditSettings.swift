/// The audit log.
struct AuditSettings: Hashable, Sendable {
    static let retention = ConfigurationKey("audit.retention")
    static let keys = [retention]

    /// After which a record is forgotten; `nil`: never.
    var retention: Duration?

    init(_ reader: inout SettingsReader) {
        let retention = reader.duration(Self.retention, or: .seconds(366 * 86400))
        self.retention = retention == .zero ? nil : retention
    }
}
