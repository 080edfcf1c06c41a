/// How a node gets its name in DNS.
///
/// - Source: `util/dnsname` of the Go client, `SanitizeHostname`.
enum NodeNaming {
    /// Longest DNS label, in bytes.
    static let labelLimit = 63
    /// What is left of a label when a dash and a number follow.
    private static let stemLimit = labelLimit - 6

    /// The DNS label that stands for a client's hostname; `node` when nothing is left of it.
    static func label(for hostname: String) -> String {
        var name = hostname.lowercased()
        for suffix in [".local", ".localdomain", ".lan"] where name.hasSuffix(suffix) {
            name.removeLast(suffix.count)
        }
        let label = trimmed(name.utf8.compactMap(labelByte), limit: labelLimit)
        return label.isEmpty ? "node" : label
    }

    /// Why a name that an administrator chose is refused, or `nil`.
    static func fault(_ name: String) -> String? {
        guard !name.isEmpty else { return "a node name is not empty" }
        guard name.utf8.count <= labelLimit else { return "a node name has at most \(labelLimit) characters" }
        guard name.utf8.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "-") }) else {
            return "a node name consists of a-z, 0-9 and '-'"
        }
        guard name.first != "-", name.last != "-" else { return "a node name starts and ends with a letter or digit" }
        return nil
    }

    /// Prefixes under which names in use are to be looked up before ``choose(_:taken:)``.
    static func prefixes(of label: String) -> Set<String> {
        [label, stem(of: label)]
    }

    /// `label`, or with the lowest number that makes it free, after `skip` others that would.
    static func choose(_ label: String, taken: Set<String>, skip: Int = 0) -> String {
        guard taken.contains(label) else { return label }
        let stem = stem(of: label)
        var number = 0
        for _ in 0...skip {
            repeat { number += 1 } while taken.contains("\(stem)-\(number)")
        }
        return "\(stem)-\(number)"
    }

    /// Whether a node of this name may keep it while its client calls itself `label`.
    static func fits(_ name: String, label: String) -> Bool {
        guard name != label else { return true }
        let prefix = stem(of: label) + "-"
        guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.count)) else { return false }
        return number > 0 && name == prefix + String(number)
    }

    private static func stem(of label: String) -> String {
        trimmed(Array(label.utf8), limit: stemLimit)
    }

    private static func labelByte(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "."), UInt8(ascii: "@"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            UInt8(ascii: "-")
        case let byte where isAlphanumeric(byte): byte
        default: nil
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func trimmed(_ bytes: [UInt8], limit: Int) -> String {
        let start = bytes.drop { !isAlphanumeric($0) }.prefix(limit)
        let end = start.lastIndex(where: isAlphanumeric) ?? start.startIndex
        return start.isEmpty ? "" : String(decoding: start[...end], as: UTF8.self)
    }
}
