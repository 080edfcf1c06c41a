import Foundation
import PolicyLanguage

/// Reads the files that the offline commands take; `-` is standard input.
enum PolicyFiles {
    /// Longest file that is read, in bytes: more than any policy or network may have, so that those say what is wrong.
    private static let lengthLimit = 64 << 20

    static func bytes(_ path: String) throws(CommandFailure) -> [UInt8] {
        do {
            let handle = path == "-" ? FileHandle.standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
            let data = try handle.read(upToCount: lengthLimit + 1) ?? Data()
            guard data.count <= lengthLimit else { throw CommandFailure("\(path) is longer than \(lengthLimit) bytes") }
            return Array(data)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("\(path) cannot be read: \((error as NSError).localizedDescription)")
        }
    }

    static func text(_ path: String) throws(CommandFailure) -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw CommandFailure("\(path) is not valid UTF-8")
        }
        return text
    }

    /// Refuses a policy that does not read, with all its faults.
    static func check(_ path: String) throws(CommandFailure) {
        let bytes = try bytes(path)
        do {
            _ = try PolicyDocument.parse(bytes)
        } catch {
            throw CommandFailure("the policy in \(path) is refused:\n\(error)")
        }
    }

    static func network(_ path: String) throws(CommandFailure) -> PolicyNetwork {
        let bytes = try bytes(path)
        do {
            return try PolicyNetwork.parse(bytes)
        } catch {
            throw CommandFailure("the network in \(path): \(error)")
        }
    }

    /// A policy compiled for a network; one that does not read is a failure with all its faults.
    static func engine(_ path: String, for network: PolicyNetwork) throws(CommandFailure) -> PolicyEngine {
        let bytes = try bytes(path)
        do {
            return PolicyEngine(try PolicyDocument.parse(bytes), for: network)
        } catch {
            throw CommandFailure("the policy in \(path) is refused:\n\(error)")
        }
    }
}

extension JSONValue {
    /// A value of a policy; numbers beyond 64 bits lose digits.
    init(_ value: PolicyLanguage.JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .string(let text): self = .text(text)
        case .array(let items): self = .list(items.map(JSONValue.init))
        case .object(let members):
            self = .object(Dictionary(members.map { ($0.name, JSONValue($0.value)) }) { first, _ in first })
        case .number(let text):
            if let integer = Int64(text) {
                self = .integer(integer)
            } else if let number = Double(text), number.isFinite {
                self = .number(number)
            } else {
                self = .text(text)
            }
        }
    }
}
