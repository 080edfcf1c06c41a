import Foundation

/// Puts messages together that came in parts.
///
/// Parts of a message must come in order. A message is given up when one is missing, when the next takes longer than
/// ``NATSBusLimits/incompleteAge``, and when it is the oldest and there are too many or too long ones.
struct PartAssembly {
    enum Outcome: Equatable {
        case whole(Data)
        case incomplete
        /// The message cannot be put together any more.
        case broken
    }

    private struct Key: Hashable {
        let reader: UInt64
        let id: String
    }

    private struct Message {
        var next: MessagePart
        var payload: Data
        var touched: ContinuousClock.Instant
        var serial: UInt64
    }

    private let countLimit: Int
    private let lengthLimit: Int
    private let ageLimit: Duration
    private var messages: [Key: Message] = [:]
    private var length = 0
    private var lastSerial: UInt64 = 0

    init(
        countLimit: Int = NATSBusLimits.incompleteMessages,
        lengthLimit: Int = NATSBusLimits.incompleteLength,
        ageLimit: Duration = NATSBusLimits.incompleteAge
    ) {
        self.countLimit = countLimit
        self.lengthLimit = lengthLimit
        self.ageLimit = ageLimit
    }

    /// Bytes held now.
    var heldLength: Int { length }
    var heldCount: Int { messages.count }

    /// Takes a part that `reader` got: a message may come to several readers, each for himself.
    mutating func add(
        _ part: MessagePart,
        _ payload: Data,
        reader: UInt64,
        now: ContinuousClock.Instant
    ) -> Outcome {
        discardOld(now)
        let key = Key(reader: reader, id: part.id)
        var message: Message
        if part.index == 0 {
            discard(key)
            while messages.count >= countLimit, discardOldest(but: key) {}
            lastSerial += 1
            message = Message(next: part, payload: Data(), touched: now, serial: lastSerial)
        } else {
            guard let begun = messages[key] else { return .broken }
            message = begun
        }
        guard message.next == part, message.payload.count + payload.count <= part.length else {
            discard(key)
            return .broken
        }
        messages[key] = nil
        length -= message.payload.count
        message.payload.append(payload)
        message.touched = now
        guard part.index + 1 < part.count else {
            return message.payload.count == part.length ? .whole(message.payload) : .broken
        }
        message.next.index += 1
        length += message.payload.count
        messages[key] = message
        while length > lengthLimit, discardOldest(but: key) {}
        return .incomplete
    }

    /// Forgets what a reader that is gone has waited for.
    mutating func remove(reader: UInt64) {
        for key in messages.keys where key.reader == reader { discard(key) }
    }

    private mutating func discardOld(_ now: ContinuousClock.Instant) {
        guard !messages.isEmpty else { return }
        for (key, message) in messages where message.touched.duration(to: now) > ageLimit { discard(key) }
    }

    /// Returns whether there was one.
    private mutating func discardOldest(but kept: Key) -> Bool {
        let others = messages.filter { $0.key != kept }
        guard let oldest = others.min(by: { $0.value.serial < $1.value.serial }) else { return false }
        discard(oldest.key)
        return true
    }

    private mutating func discard(_ key: Key) {
        if let message = messages.removeValue(forKey: key) { length -= message.payload.count }
    }
}
