public import PolicyLanguage

/// The report of the engine and the capture of the service in one form, with everything sorted that is a set.
public enum GoldenView {
    public typealias Line = (field: String, got: String, want: String)

    public static func comparison(_ got: JSONValue, with want: JSONValue) -> [Line] {
        let late = GoldenSetAside.lateCapability
        let hasLate = want["self"]["cap_map"][late] != nil
        let ignored = hasLate ? GoldenSetAside.capabilities : GoldenSetAside.capabilities.union([late])
        return [
            ("packet_filter", lines(got["packet_filter"], rule), lines(want["packet_filter"], rule)),
            ("peers", sortedLines(got["peers"], peer), sortedLines(want["peers"], peer)),
            ("self", own(got["self"], ignored), own(want["self"], ignored)),
            ("ssh", lines(got["ssh"], ssh), lines(want["ssh"], ssh)),
            ("whois_caps", map(got["whois_caps"]), map(want["whois_caps"])),
        ]
    }

    private static func lines(_ list: JSONValue?, _ form: (JSONValue) -> JSONValue) -> String {
        list.items.map { form($0).sorted.description }.joined(separator: "\n")
    }

    private static func sortedLines(_ list: JSONValue?, _ form: (JSONValue) -> JSONValue) -> String {
        list.items.map { form($0).sorted.description }.sorted().joined(separator: "\n")
    }

    private static func map(_ value: JSONValue?) -> String {
        (value ?? .object([])).sorted.description
    }

    private static func set(_ list: JSONValue?) -> JSONValue {
        .array(list.items.map(\.sorted).sorted { $0.description < $1.description })
    }

    private static func object(_ members: (String, JSONValue?)...) -> JSONValue {
        .object(members.map { .init(name: $0, value: $1 ?? .null) })
    }

    private static func rule(_ value: JSONValue) -> JSONValue {
        let grants = value["CapGrant"].items.map { object(("Dsts", set($0["Dsts"])), ("CapMap", $0["CapMap"])) }
        return object(
            ("SrcIPs", set(value["SrcIPs"])),
            ("DstPorts", set(value["DstPorts"])),
            ("IPProto", set(value["IPProto"])),
            ("CapGrant", set(.array(grants)))
        )
    }

    private static func peer(_ value: JSONValue) -> JSONValue {
        object(
            ("name", value["name"]),
            ("allowed_ips", set(value["allowed_ips"])),
            ("tags", set(value["tags"])),
            ("primary_routes", set(value["primary_routes"])),
            ("cap_map", value["cap_map"] ?? .object([]))
        )
    }

    private static func own(_ value: JSONValue?, _ ignored: Set<String>) -> String {
        let caps = value["cap_map"].members.filter { !ignored.contains($0.name) }
        return object(
            ("allowed_ips", set(value["allowed_ips"])),
            ("primary_routes", set(value["primary_routes"])),
            ("cap_map", .object(caps))
        ).sorted.description
    }

    private static func ssh(_ value: JSONValue) -> JSONValue {
        object(
            ("principals", set(value["principals"])),
            ("sshUsers", value["sshUsers"]),
            ("action", value["action"]),
            ("acceptEnv", .array(value["acceptEnv"].items))
        )
    }
}
