import IPAddresses
import PolicyLanguage

/// Answers to a question of access, as the commands show them.
struct PolicyAnswers {
    /// The same members as in the admin API's answers.
    var rows: [JSONValue]

    init(rows: [JSONValue]) {
        self.rows = rows
    }

    init(_ answers: [AccessAnswer]) {
        rows = answers.map { answer in
            let (question, decision) = (answer.question, answer.decision)
            return .object([
                "source": .text(answer.sourceName), "sourceAddress": .text(question.source.description),
                "destination": .text(answer.destinationName),
                "destinationAddress": .text(question.destination.description),
                "port": question.port.map { .integer(Int64($0)) } ?? .null,
                "protocol": question.protocol.map { .text($0.description) } ?? .null,
                "allowed": .bool(decision.isAllowed), "reason": .text(decision.reason),
                "rule": decision.rule.map(Self.rule) ?? .null,
                "sourceMatch": decision.sourceName.map { .text($0.description) } ?? .null,
                "destinationMatch": decision.destinationName.map { .text($0.description) } ?? .null,
            ])
        }
    }

    private static func rule(_ origin: Grant.Origin) -> JSONValue {
        .object([
            "section": .text(origin.section.rawValue), "index": .integer(Int64(origin.index)),
            "line": .integer(Int64(origin.position.line)), "column": .integer(Int64(origin.position.column)),
        ])
    }

    /// One line for each pair.
    var report: Report {
        let lines = rows.map { row in
            let from = Self.party(row["source"], row["sourceAddress"])
            let to = Self.party(row["destination"], row["destinationAddress"])
            let port: String =
                if case .integer(let port)? = row["port"] { ":\(port)" } else { "" }
            return Table.printable("\(from) -> \(to)\(port): \(row["reason"]?.text ?? "")")
        }
        let isAllowed = !rows.isEmpty && rows.allSatisfy { $0["allowed"] == .bool(true) }
        return Report(
            text: lines.joined(separator: "\n"),
            value: .object(["allowed": .bool(isAllowed), "answers": .list(rows)])
        )
    }

    private static func party(_ name: JSONValue?, _ address: JSONValue?) -> String {
        let (name, address) = (name?.text ?? "", address?.text ?? "")
        return name.isEmpty ? address : "\(name) (\(address))"
    }
}
