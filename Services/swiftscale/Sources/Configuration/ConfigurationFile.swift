import Foundation
import Yams

/// A configuration file as keys with values, each with its line.
///
/// YAML, so JSON too. Keys are not case-sensitive; nesting becomes dots.
struct ConfigurationFile: Sendable {
    /// Longest file read, in bytes.
    static let sizeLimit = 1 << 20

    enum Value: Hashable, Sendable {
        case text(String)
        case list([String])
        case structure(Structure)
    }

    /// A value with parts: mappings keep their order out, as no key here needs one.
    indirect enum Structure: Hashable, Sendable {
        case text(String)
        case list([Structure])
        case mapping([String: Structure])
    }

    struct Entry: Hashable, Sendable {
        var value: Value
        /// Counted from 1.
        var line: Int
    }

    let path: String
    private(set) var entries: [String: Entry] = [:]
    /// Names that are neither keys nor sections, with their lines.
    private(set) var unknown: [(name: String, line: Int)] = []
    private(set) var faults: [ConfigurationFault] = []

    /// Reads a file; what is wrong inside its values is in ``faults``.
    static func read(_ path: String) throws(ConfigurationError) -> ConfigurationFile {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw fault(path, "a configuration file that can be read")
        }
        guard data.count <= sizeLimit else { throw fault(path, "a file of at most \(sizeLimit) bytes") }
        guard let text = String(data: data, encoding: .utf8) else { throw fault(path, "UTF-8 text") }
        return try ConfigurationFile(path: path, text: text)
    }

    init(path: String, text: String) throws(ConfigurationError) {
        self.path = path
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw Self.fault(path, "valid YAML: \(String(describing: error).replacing("\n", with: " "))")
        }
        guard let root, !root.isNullScalar else { return }
        guard case .mapping(let mapping) = root else { throw Self.fault(path, "a mapping of keys to values") }
        collect(mapping, below: "")
    }

    func place(line: Int) -> String { "\(path):\(line)" }

    private static func fault(_ path: String, _ expected: String) -> ConfigurationError {
        ConfigurationError(
            faults: [ConfigurationFault(key: "configuration file", value: nil, place: path, expected: expected)]
        )
    }

    private mutating func collect(_ mapping: Node.Mapping, below section: String) {
        for (keyNode, node) in mapping {
            let part = keyNode.scalar?.string.lowercased() ?? "?"
            let name = section.isEmpty ? part : "\(section).\(part)"
            let line = keyNode.mark?.line ?? 0
            if let key = KnownKeys.key(name) {
                take(node, for: key, line: line)
            } else if KnownKeys.isSection(name), case .mapping(let inner) = node {
                collect(inner, below: name)
            } else if !(KnownKeys.isSection(name) && node.isNullScalar) {
                unknown.append((name, line))
            }
        }
    }

    private mutating func take(_ node: Node, for key: ConfigurationKey, line: Int) {
        if node.isNullScalar, key.standing == .read { return }
        if key.shape == .structure {
            if let structure = Structure(node) { entries[key.name] = Entry(value: .structure(structure), line: line) }
            return
        }
        switch (node, key.shape) {
        case (.scalar(let scalar), _):
            entries[key.name] = Entry(value: .text(scalar.string), line: line)
        case (.sequence(let sequence), .list) where sequence.allSatisfy({ $0.scalar != nil }):
            entries[key.name] = Entry(value: .list(sequence.compactMap { $0.scalar?.string }), line: line)
        case (_, _):
            let expected = key.shape == .list ? "a list of values" : "one value"
            faults.append(ConfigurationFault(key: key.name, value: nil, place: place(line: line), expected: expected))
        }
    }
}

extension ConfigurationFile.Structure {
    /// Returns `nil` for an alias, which YAML resolves before.
    fileprivate init?(_ node: Node) {
        switch node {
        case .scalar(let scalar):
            self = .text(scalar.string)
        case .sequence(let sequence):
            self = .list(sequence.compactMap(Self.init))
        case .mapping(let mapping):
            var parts: [String: Self] = [:]
            for (key, value) in mapping {
                guard let name = key.scalar?.string, let part = Self(value) else { continue }
                parts[name] = part
            }
            self = .mapping(parts)
        case .alias:
            return nil
        }
    }
}

extension Node {
    /// An empty value, `~` or `null`, written without quotes.
    fileprivate var isNullScalar: Bool {
        guard let scalar, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
