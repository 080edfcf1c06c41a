import Foundation

/// Where a piece of a message belongs, which the server would not take whole.
///
/// As text: `<id> <index> <count> <length>`.
struct MessagePart: Hashable, Sendable {
    /// Unique among the messages of all senders.
    var id: String
    /// From 0; parts arrive in order or are lost.
    var index: Int
    var count: Int
    /// Of the whole message, in bytes.
    var length: Int

    init(id: String, index: Int, count: Int, length: Int) {
        self.id = id
        self.index = index
        self.count = count
        self.length = length
    }

    /// `nil` when it is malformed or the message would be too long.
    init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 4, !words[0].isEmpty, words[0].utf8.count <= 128, let index = Int(words[1]),
            let count = Int(words[2]), let length = Int(words[3]),
            (1...NATSBusLimits.messageLength).contains(length), (1...length).contains(count),
            (0..<count).contains(index)
        else { return nil }
        self.init(id: String(words[0]), index: index, count: count, length: length)
    }

    var text: String { "\(id) \(index) \(count) \(length)" }

    /// Cuts a message that is not empty into pieces of at most `size` bytes.
    static func cut(_ payload: Data, id: String, size: Int) -> [(part: MessagePart, payload: Data)] {
        let size = max(size, 1)
        let count = (payload.count + size - 1) / size
        return (0..<count).map { index in
            let start = payload.startIndex + index * size
            let end = min(start + size, payload.endIndex)
            return (MessagePart(id: id, index: index, count: count, length: payload.count), payload[start..<end])
        }
    }
}
