/// Every key that this program knows, by name.
enum KnownKeys {
    static let all: [ConfigurationKey] = [
        ListenerSettings.keys, DataSettings.keys, DatabaseSettings.keys, BusSettings.keys, PrefixSettings.keys,
        DERPSettings.keys, DNSKeys.keys, NodeSettings.keys, LoginSettings.keys, AuditSettings.keys, OIDCKeys.keys,
        FeatureSettings.keys, ClientVersionSettings.keys, TailnetSettings.keys,
        LogSettings.keys, PolicySettings.keys, ClientSettings.keys, HeadscaleKeys.notYetSupported,
        HeadscaleKeys.removed,
    ].flatMap { $0 }

    private static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    static func key(_ name: String) -> ConfigurationKey? {
        byName[name]
    }

    /// Whether some known key lies below `name`, as `dns.magic_dns` lies below `dns`.
    static func isSection(_ name: String) -> Bool {
        all.contains { $0.name.hasPrefix(name + ".") }
    }

    /// The known key that is most like `name`; `nil` when none is like it.
    static func nearest(to name: String) -> String? {
        let candidates = all.filter { $0.standing == .read || $0.standing == .notYetSupported }
        let ranked = candidates.map { (name: $0.name, distance: EditDistance.between(name, $0.name)) }
        guard let best = ranked.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
        return best.distance <= max(2, name.count / 3) ? best.name : nil
    }
}
