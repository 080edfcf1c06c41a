import ControlModel
import Foundation
import IPAddresses
import PolicyLanguage
import ServiceKit

/// A file of further records that clients answer for.
///
/// JSON, in which comments and final commas are allowed: a list of records with `name`, `value` and, unless the value tells, `type`.
enum ExtraRecordsFile {
    /// In bytes; with it the settings fit in one message of the bus.
    static let lengthLimit = 512 << 10
    static let countLimit = 4096
    /// Faults that are told at once.
    private static let faultLimit = 10

    /// The records of a file's text.
    ///
    /// - Throws: what is wrong with it, and where.
    static func records(in text: String) throws(WatchedFile.Fault) -> [DNSRecord] {
        guard !text.allSatisfy(\.isWhitespace) else {
            throw WatchedFile.Fault(message: "it is empty; a list without records is written []")
        }
        let document: HuJSON
        do {
            document = try HuJSON.parse(Array(text.utf8))
        } catch {
            throw WatchedFile.Fault(message: error.description)
        }
        guard case .array(let items) = document.content else {
            throw WatchedFile.Fault(
                message: "\(document.position): expected a list of records with name, type and value"
            )
        }
        guard items.count <= countLimit else {
            throw WatchedFile.Fault(message: "it has \(items.count) records, and \(countLimit) are allowed")
        }
        var (records, faults): ([DNSRecord], [String]) = ([], [])
        var seen: Set<DNSRecord> = []
        for item in items {
            do {
                let record = try record(item)
                if seen.insert(record).inserted { records.append(record) }
            } catch {
                faults.append(error.message)
            }
        }
        guard faults.isEmpty else {
            let told =
                faults.prefix(faultLimit) + (faults.count > faultLimit ? ["and \(faults.count - faultLimit) more"] : [])
            throw WatchedFile.Fault(message: told.joined(separator: "\n"))
        }
        return records
    }

    private static func record(_ item: HuJSON) throws(WatchedFile.Fault) -> DNSRecord {
        guard case .object(let members) = item.content else {
            throw WatchedFile.Fault(message: "\(item.position): expected a record with name, type and value")
        }
        var texts: [String: String] = [:]
        for member in members {
            let name = member.name.lowercased()
            guard ["name", "type", "value"].contains(name) else {
                throw WatchedFile.Fault(
                    message: "\(member.position): a record has name, type and value, not \(member.name)"
                )
            }
            guard case .string(let text) = member.value.content else {
                throw WatchedFile.Fault(message: "\(member.value.position): expected a text for \(name)")
            }
            texts[name] = text
        }
        guard let name = texts["name"], let value = texts["value"] else {
            throw WatchedFile.Fault(message: "\(item.position): a record needs a name and a value")
        }
        let record = DNSRecord(
            name: name.hasSuffix(".") ? String(name.dropLast()) : name,
            type: texts["type"]?.uppercased() ?? (IPAddress(value)?.bitLength == 128 ? "AAAA" : "A"),
            value: value
        )
        if let fault = DNSSettingsValidation.fault(of: record) {
            throw WatchedFile.Fault(message: "\(item.position): \"\(fault.value)\": expected \(fault.expected)")
        }
        return record
    }
}
