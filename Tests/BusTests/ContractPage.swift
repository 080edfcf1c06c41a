import Foundation

/// `docs/bus.md`, made from the doc comments of `Shared/Bus/Contract`.
struct ContractPage {
    /// One event or request as its source describes it.
    struct Entry {
        var type: String
        var subject: String
        var isEvent: Bool
        var owner: String
        /// Services that read an event or ask a request, some with what for in brackets.
        var users: String
        /// Empty where the source does not say.
        var loss: String
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    static let file = root.appending(path: "docs/bus.md")

    let entries: [Entry]

    init() throws {
        let folder = Self.root.appending(path: "Shared/Bus/Contract")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        entries = try files.sorted { $0.path < $1.path }.flatMap { file in
            Self.entries(in: try String(contentsOf: file, encoding: .utf8))
        }
    }

    var text: String {
        """
        # Bus

        Who talks to whom: every event and request of `Shared/Bus/Contract`, from whose doc comments this page is made
        (`WRITE_DOCS=1 swift test --filter ContractPageTests`). Events go to all who listen, requests to one responder, the
        owner. Subjects stand below the tailnet. Messages are JSON; fields may be added, and a new meaning is a new subject.

        ## Events

        | Subject | Type | Owner | Readers | When one is lost |
        |---|---|---|---|---|
        \(rows(events: true))

        ## Requests

        A request that is lost, or whose answer is, ends at the asker with a time-out after 10 s; unless the table says otherwise
        that becomes an error for whoever asked, and the asker may ask again.

        | Subject | Type | Owner | Askers | When one is lost |
        |---|---|---|---|---|
        \(rows(events: false))

        """
    }

    private func rows(events: Bool) -> String {
        entries.filter { $0.isEvent == events }.map { entry in
            let loss = entry.loss.isEmpty ? "-" : entry.loss
            return "| `\(entry.subject)` | `\(entry.type)` | \(entry.owner) | \(entry.users) | \(loss) |"
        }.joined(separator: "\n")
    }

    /// What a source file declares; sentences in its comments start with `Owner:`, `Reader:` or `Asker:`, and `Loss:`.
    static func entries(in source: String) -> [Entry] {
        var comment = ""
        var common = ""
        var entries: [Entry] = []
        for line in source.split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            if line.hasPrefix("/// ") {
                comment += line.dropFirst(3)
            } else if line.hasPrefix("// ") {
                common += line.dropFirst(2)
            } else if let match = line.firstMatch(of: #/^public struct (\w+): Bus(Event|Request)\b/#) {
                entries.append(
                    Entry(
                        type: String(match.1),
                        subject: "",
                        isEvent: match.2 == "Event",
                        owner: sentence(#/Owner[^:.]*: ([^.]+)\./#, comment, common),
                        users: sentence(#/(?:Reader|Asker)s?: ([^.]+)\./#, comment, common),
                        loss: sentence(#/Loss: ([^.]+)\./#, comment).replacing("``", with: "`")
                    )
                )
                comment = ""
            } else if let match = line.firstMatch(of: #/static let subject = "([^"]+)"/#),
                let last = entries.indices.last
            {
                entries[last].subject = String(match.1)
                comment = ""
            } else if line != "///" {
                comment = ""
            }
        }
        return entries
    }

    /// What the first of the texts says that says anything.
    private static func sentence(_ form: Regex<(Substring, Substring)>, _ texts: String...) -> String {
        texts.lazy.compactMap { $0.firstMatch(of: form) }.first.map { String($0.1) } ?? ""
    }
}
