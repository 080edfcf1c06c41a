import ArgumentParser
import Foundation

/// `swiftscale nodes attributes`.
struct NodesAttributes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attributes",
        abstract: "List, set and delete what policies know of a device, for posture conditions.",
        subcommands: [NodesAttributesList.self, NodesAttributesSet.self, NodesAttributesDelete.self],
        aliases: ["attrs"]
    )

    /// A table of attributes, as the admin API writes them.
    static func text(_ reply: JSONValue, now: Date) -> String {
        let time = RelativeTime(now: now)
        var table = Table("ATTRIBUTE", "VALUE", "ENDS", "COMMENT")
        for (name, value) in (reply["attributes"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
            table.add([
                name, value.posture, time.text(reply["expiries"]?[name], unset: "never"),
                reply["comments"]?[name]?.text ?? "",
            ])
        }
        return table.text(whenEmpty: "The device has no attributes.")
    }

    static func requireSettable(_ name: String) throws {
        guard name.hasPrefix("custom:") else {
            throw ValidationError("Attributes that can be set begin with custom:, as in custom:tier.")
        }
    }
}

extension JSONValue {
    /// A scalar as conditions of policies write it.
    fileprivate var posture: String {
        switch self {
        case .text(let value): "'\(value)'"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .null, .list, .object: ""
        }
    }
}
