extension AsyncStream where Element: Sendable {
    /// The first element; `nil` when none comes in time, or the caller is cancelled.
    func first(within limit: Duration, clock: any Clock<Duration>) async -> Element? {
        await withTaskGroup(of: Element?.self) { group in
            group.addTask {
                for await element in self { return element }
                return nil
            }
            group.addTask {
                try? await clock.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}

/// What the answer to a question carries: nobody can guess it.
enum AnswerToken {
    private static let length = 32

    static func new() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<length / 2).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return bytes.reduce(into: "") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
    }

    /// The token, unless the text is none that was ever given out.
    static func parse(_ text: some StringProtocol) -> String? {
        let isWellFormed = text.utf8.count == length && text.utf8.allSatisfy(Set("0123456789abcdef".utf8).contains)
        return isWellFormed ? String(text) : nil
    }
}
