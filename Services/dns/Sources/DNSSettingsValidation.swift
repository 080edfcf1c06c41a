public import ControlModel
import Foundation
import IPAddresses

/// Rules that DNS settings must keep before a client sees them.
public enum DNSSettingsValidation {
    /// Everything that is wrong, in the order of the settings; empty when they are fine.
    public static func faults(of settings: DNSSettings) -> [DNSSettingsFault] {
        var faults: [DNSSettingsFault] = []
        faults += baseDomainFaults(settings)
        faults += settings.nameservers.compactMap { nameserverFault($0, .nameservers) }
        if settings.overridesLocalDNS, settings.nameservers.isEmpty {
            faults.append(
                DNSSettingsFault(
                    .overridesLocalDNS,
                    value: "true",
                    expected: "at least one global nameserver to override with"
                )
            )
        }
        for (domain, servers) in settings.splitNameservers.sorted(by: { $0.key < $1.key }) {
            faults += domainFault(domain, .splitNameservers).map { [$0] } ?? []
            faults += servers.compactMap { nameserverFault($0, .splitNameservers) }
        }
        faults += settings.searchDomains.compactMap { domainFault($0, .searchDomains) }
        faults += settings.extraRecords.compactMap(fault)
        return faults
    }

    /// Whether this is a resolver that clients understand: an address or an `https://` URL with a host.
    public static func isNameserver(_ text: String) -> Bool {
        if IPAddress(text) != nil { return true }
        guard let url = URLComponents(string: text), url.scheme?.lowercased() == "https" else { return false }
        return url.host.map { !$0.isEmpty } ?? false
    }

    /// Whether this is a domain name of letters, digits, `-` and `_`: labels up to 63 bytes, 253 in all, no final dot.
    public static func isDomain(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    private static func isLabel(_ label: Substring) -> Bool {
        guard (1...63).contains(label.utf8.count), label.first != "-", label.last != "-" else { return false }
        return label.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
    }

    /// In bytes: a name has 253, and a node's label 63 and a dot.
    private static let baseDomainLimit = 189

    private static func baseDomainFaults(_ settings: DNSSettings) -> [DNSSettingsFault] {
        if settings.baseDomain.isEmpty, !settings.isMagicDNSEnabled { return [] }
        guard settings.baseDomain.utf8.count <= baseDomainLimit else {
            return [
                DNSSettingsFault(
                    .baseDomain,
                    value: settings.baseDomain,
                    expected: "a domain of at most \(baseDomainLimit) bytes: names of nodes stand before it"
                )
            ]
        }
        return domainFault(settings.baseDomain, .baseDomain).map { [$0] } ?? []
    }

    private static func domainFault(_ domain: String, _ subject: DNSSettingsFault.Subject) -> DNSSettingsFault? {
        guard !isDomain(domain) else { return nil }
        return DNSSettingsFault(
            subject,
            value: domain,
            expected: "a domain name without final dot, e.g. tailnet.internal"
        )
    }

    private static func nameserverFault(_ text: String, _ subject: DNSSettingsFault.Subject) -> DNSSettingsFault? {
        guard !isNameserver(text) else { return nil }
        return DNSSettingsFault(subject, value: text, expected: "an IP address or an https:// URL")
    }

    static func fault(of record: DNSRecord) -> DNSSettingsFault? {
        guard isDomain(record.name) else {
            return DNSSettingsFault(.extraRecords, value: record.name, expected: "a domain name without final dot")
        }
        switch (record.type, IPAddress(record.value)) {
        case ("A", .v4), ("AAAA", .v6):
            return nil
        case ("A", _):
            return DNSSettingsFault(.extraRecords, value: record.value, expected: "an IPv4 address for \(record.name)")
        case ("AAAA", _):
            return DNSSettingsFault(.extraRecords, value: record.value, expected: "an IPv6 address for \(record.name)")
        case (_, _):
            return DNSSettingsFault(
                .extraRecords,
                value: record.type,
                expected: "the type A or AAAA for \(record.name)"
            )
        }
    }
}
