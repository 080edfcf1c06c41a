/// Why the service cannot start: its file of records cannot be read, or is wrong.
public struct ExtraRecordsError: Error, Hashable, CustomStringConvertible {
    public var path: String
    public var faults: String

    public var description: String { "the extra records in \(path) cannot be served:\n\(faults)" }
}

/// DNS settings that cannot be served; says everything that is wrong with them.
public struct DNSSettingsError: Error, Hashable, CustomStringConvertible {
    public var faults: [DNSSettingsFault]

    public init(faults: [DNSSettingsFault]) {
        self.faults = faults
    }

    public var description: String {
        faults.map(\.description).joined(separator: "; ")
    }
}

/// One fault of DNS settings.
public struct DNSSettingsFault: Hashable, Sendable, CustomStringConvertible {
    /// Which part of the settings is wrong.
    public enum Subject: Hashable, Sendable {
        case baseDomain
        case nameservers
        case overridesLocalDNS
        case splitNameservers
        case searchDomains
        case extraRecords
    }

    public var subject: Subject
    public var value: String
    /// What would be right, lower case, no final period.
    public var expected: String

    public init(_ subject: Subject, value: String, expected: String) {
        self.subject = subject
        self.value = value
        self.expected = expected
    }

    public var description: String { "\(subject) \"\(value)\": expected \(expected)" }
}
