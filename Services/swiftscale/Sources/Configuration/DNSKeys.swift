import ControlModel
import DNSService
import IPAddresses

/// Name resolution, from the keys under `dns`.
enum DNSKeys {
    static let magicDNS = ConfigurationKey("dns.magic_dns")
    static let baseDomain = ConfigurationKey("dns.base_domain")
    static let overrideLocalDNS = ConfigurationKey("dns.override_local_dns")
    static let globalNameservers = ConfigurationKey("dns.nameservers.global", .list)
    static let splitNameservers = ConfigurationKey("dns.nameservers.split", .structure)
    static let searchDomains = ConfigurationKey("dns.search_domains", .list)
    static let extraRecords = ConfigurationKey("dns.extra_records", .structure)
    static let extraRecordsPath = ConfigurationKey("dns.extra_records_path")
    static let keys = [
        magicDNS, baseDomain, overrideLocalDNS, globalNameservers, splitNameservers, searchDomains, extraRecords,
        extraRecordsPath,
    ]

    static let defaultBaseDomain = "tailnet.internal"
    /// Used only where a device has no resolver of its own.
    static let defaultNameservers = ["1.1.1.1", "1.0.0.1"]

    static func settings(_ reader: inout SettingsReader, serverURL: ServerURL) -> DNSSettings {
        let configured = reader.list(globalNameservers)
        let settings = DNSSettings(
            isMagicDNSEnabled: reader.flag(magicDNS, or: true),
            baseDomain: withoutFinalDot(reader.text(baseDomain) ?? defaultBaseDomain),
            nameservers: configured ?? defaultNameservers,
            overridesLocalDNS: reader.flag(overrideLocalDNS, or: !(configured ?? []).isEmpty),
            splitNameservers: split(&reader),
            searchDomains: reader.list(searchDomains).map { $0.map(withoutFinalDot) } ?? [],
            extraRecords: records(&reader)
        )
        for fault in DNSSettingsValidation.faults(of: settings) {
            reader.refuse(key(of: fault.subject), value: fault.value, expecting: fault.expected)
        }
        let host = serverURL.host.lowercased()
        let domain = settings.baseDomain.lowercased()
        if host == domain || host.hasSuffix("." + domain) {
            reader.refuse(
                baseDomain,
                value: settings.baseDomain,
                expecting: "a domain that does not hold the host of server_url, \(serverURL.host)"
            )
        }
        return settings
    }

    /// The file of further records; `nil`: none.
    static func extraRecordsFile(_ reader: inout SettingsReader, paths: SettingsPaths) -> String? {
        guard let path = reader.text(extraRecordsPath) else { return nil }
        if reader.structure(extraRecords) != nil {
            reader.refuse(extraRecordsPath, value: path, expecting: "this key or \(extraRecords.name), not both")
        }
        return paths.resolve(path, for: extraRecordsPath)
    }

    private static func key(of subject: DNSSettingsFault.Subject) -> ConfigurationKey {
        switch subject {
        case .baseDomain: baseDomain
        case .nameservers: globalNameservers
        case .overridesLocalDNS: overrideLocalDNS
        case .splitNameservers: splitNameservers
        case .searchDomains: searchDomains
        case .extraRecords: extraRecords
        }
    }

    private static func split(_ reader: inout SettingsReader) -> [String: [String]] {
        guard let structure = reader.structure(splitNameservers) else { return [:] }
        var servers: [String: [String]] = [:]
        guard case .mapping(let domains) = structure else {
            reader.refuse(splitNameservers, value: nil, expecting: "a mapping of domains to lists of nameservers")
            return [:]
        }
        for (domain, value) in domains {
            guard let list = value.texts else {
                reader.refuse(splitNameservers, value: domain, expecting: "a list of nameservers under this domain")
                continue
            }
            servers[withoutFinalDot(domain)] = list
        }
        return servers
    }

    private static func records(_ reader: inout SettingsReader) -> [DNSRecord] {
        guard let structure = reader.structure(extraRecords) else { return [] }
        guard case .list(let items) = structure else {
            reader.refuse(extraRecords, value: nil, expecting: "a list of records with name, type and value")
            return []
        }
        return items.compactMap { item in
            guard case .mapping(let parts) = item, case .text(let name)? = parts["name"],
                case .text(let value)? = parts["value"]
            else {
                reader.refuse(extraRecords, value: nil, expecting: "name, type and value in each record")
                return nil
            }
            var type = IPAddress(value).map { $0.bitLength == 32 ? "A" : "AAAA" } ?? "A"
            if case .text(let given)? = parts["type"] { type = given.uppercased() }
            return DNSRecord(name: withoutFinalDot(name), type: type, value: value)
        }
    }

    private static func withoutFinalDot(_ domain: String) -> String {
        domain.hasSuffix(".") ? String(domain.dropLast()) : domain
    }
}

extension ConfigurationFile.Structure {
    /// A list of texts; one text alone is a list of one; empty where nothing stands.
    fileprivate var texts: [String]? {
        switch self {
        case .text(let text):
            return text.isEmpty ? [] : [text]
        case .list(let items):
            let texts = items.compactMap { item -> String? in
                guard case .text(let text) = item else { return nil }
                return text
            }
            return texts.count == items.count ? texts : nil
        case .mapping:
            return nil
        }
    }
}
