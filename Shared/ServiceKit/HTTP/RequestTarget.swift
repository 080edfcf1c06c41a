/// The target of a request line.
enum RequestTarget {
    /// Origin form of a target that may be in absolute form; `nil` for anything else.
    ///
    /// The authority is dropped: hosts and ports are never matched.
    static func originForm(of target: String) -> String? {
        if target.hasPrefix("/") || target == "*" { return target }
        guard let scheme = target.firstRange(of: "://"), Self.isScheme(target[..<scheme.lowerBound]) else { return nil }
        let rest = target[scheme.upperBound...]
        guard let start = rest.firstIndex(where: { $0 == "/" || $0 == "?" || $0 == "#" }) else { return "/" }
        let tail = rest[start...]
        return tail.hasPrefix("/") ? String(tail) : "/" + tail
    }

    /// The path of an origin-form target.
    static func path(of target: String) -> Substring {
        target.prefix { $0 != "?" && $0 != "#" }
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first.isASCIILetter else { return false }
        return text.utf8.allSatisfy { byte in
            byte.isASCIILetter || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
    }
}

extension UInt8 {
    fileprivate var isASCIILetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
    }
}
