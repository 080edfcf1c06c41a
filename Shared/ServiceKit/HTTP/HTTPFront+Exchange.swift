import NIOCore
import NIOHTTP1

extension HTTPFront {
    /// A request that a handler answers, and how far the answer is.
    struct Exchange {
        let id: UInt64
        let isHead: Bool
        /// Whether the connection outlives the response.
        private(set) var keepsAlive: Bool
        var task: Task<Void, Never>?
        /// Parts that leave together with what follows them.
        private(set) var held: [HTTPServerResponsePart] = []
        /// Body bytes that the response head promised and that are still to come.
        private var remaining: Int?
        private var mayHaveBody = true
        private var hasBegun = false

        init(id: UInt64, isHead: Bool, keepsAlive: Bool) {
            self.id = id
            self.isHead = isHead
            self.keepsAlive = keepsAlive
        }

        mutating func begin(_ received: HTTPResponseHead, isQuiescing: Bool) {
            guard !hasBegun else { return }
            hasBegun = true
            var head = received
            mayHaveBody = !isHead && head.status.mayHaveResponseBody
            remaining = head.headers.first(name: "content-length").flatMap { Int($0) }
            let closes = head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
            let isFramed = !mayHaveBody || remaining != nil || head.version.minor >= 1
            keepsAlive = keepsAlive && !isQuiescing && !closes && isFramed
            if !keepsAlive {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
            } else if head.version.minor == 0 {
                head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
            }
            held.append(.head(head))
        }

        /// Takes a piece of the body; false when the body becomes longer than its head said.
        mutating func take(_ part: HTTPServerResponsePart, length: Int) -> Bool {
            guard mayHaveBody else { return true }
            if let remaining {
                guard length <= remaining else { return false }
                self.remaining = remaining - length
            }
            held.append(part)
            return true
        }

        /// Takes the end of the body; false when the body is shorter than its head said.
        mutating func end(_ part: HTTPServerResponsePart) -> Bool {
            // Without a body the encoder would still write the end of a chunked one.
            guard mayHaveBody else { return true }
            held.append(part)
            return remaining == nil || remaining == 0
        }

        /// What leaves now: a head waits for its body when that is near, and the last of a body for the end.
        mutating func partsToWrite(after part: HTTPServerResponsePart) -> [HTTPServerResponsePart] {
            if !mayHaveBody || remaining == 0 { return [] }
            if case .head = part, remaining != nil { return [] }
            defer { held = [] }
            return held
        }
    }
}
