package import ControlModel

/// How far a map stream has read, and in which log.
package struct MapCursor: Sendable {
    private(set) var log: ClassLog
    private(set) var position: ClassLog.Cursor

    init(log: ClassLog, position: ClassLog.Cursor) {
        self.log = log
        self.position = position
    }

    package enum Reading {
        /// Messages to send, in order; none when there is no news.
        case messages([MapPayload])
        /// Too far behind: only a full map can say all.
        case stale
    }

    /// Reads what is new, and follows the viewer to another class where it moved.
    package mutating func read(for viewer: NodeID, isCompressed: Bool) -> Reading {
        var messages: [MapPayload] = []
        while true {
            switch log.read(from: position) {
            case .upToDate: return .messages(messages)
            case .stale: return .stale
            case .batches(let batches, let next):
                position = next
                for batch in batches {
                    if let payload = batch.payload(for: viewer, isCompressed: isCompressed) { messages.append(payload) }
                    guard let redirect = batch.redirects[viewer] else { continue }
                    self = redirect
                    break
                }
            }
        }
    }
}
