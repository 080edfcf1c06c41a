import IPAddresses

/// One packet that a question in words stands for, and what becomes of it.
public struct AccessAnswer: Hashable, Sendable {
    /// The node that has the source address; empty where none has.
    public var sourceName: String
    public var destinationName: String
    public var question: AccessQuestion
    public var decision: AccessDecision
}

/// Why a question cannot be answered: lower case, no final period.
public struct AccessQuestionError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String

    init(_ message: String) {
        self.message = message
    }

    public var description: String { message }
}

/// A destination in words: a name or an address, and a port where one is given.
struct DestinationWords: Hashable, Sendable {
    var name: String
    var port: UInt16?

    /// Reads `name`, `name:port`, `address`, `address:port` and `[address]:port`.
    init(_ text: String) throws(AccessQuestionError) {
        if IPAddress(text) != nil {
            name = text
            return
        }
        guard let colon = text.lastIndex(of: ":") else {
            name = text
            return
        }
        let last = text[text.index(after: colon)...]
        guard !last.isEmpty, last.utf8.allSatisfy({ (48...57).contains($0) }) else {
            name = Self.unbracketed(text)
            return
        }
        guard let number = UInt16(last) else { throw AccessQuestionError("port \(last) is not 0 to 65535") }
        name = Self.unbracketed(String(text[..<colon]))
        port = number
    }

    private static func unbracketed(_ text: String) -> String {
        text.first == "[" && text.last == "]" ? String(text.dropFirst().dropLast()) : text
    }
}
