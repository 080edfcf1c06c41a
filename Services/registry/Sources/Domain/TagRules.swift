/// What tags look like, and how many there may be.
enum TagRules {
    /// Most tags of a node or an auth key.
    static let limit = 64

    /// Why a list of tags is refused, or `nil`; whether a policy knows them is another question.
    static func fault(_ tags: [String]) -> String? {
        guard tags.count <= limit else { return "\(tags.count) tags are more than \(limit)" }
        return tags.lazy.compactMap(fault).first
    }

    /// Why a text is no tag, or `nil`.
    private static func fault(_ tag: String) -> String? {
        let name = tag.utf8.dropFirst(4)
        guard tag.hasPrefix("tag:"), let first = name.first, isLetter(first),
            name.allSatisfy({ isLetter($0) || isDigitOrDash($0) })
        else { return "\(tag) is not a tag; tags are 'tag:', a letter, then letters, digits and '-'" }
        return nil
    }

    /// What a device is told whose tags it may not have.
    static func refusal(of tags: some Collection<String>) -> String {
        "requested tags [\(tags.sorted().joined(separator: " "))] are invalid or not permitted"
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigitOrDash(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
    }
}
