/// Texts as C wants them: an array of pointers to bytes that end with zero.
struct CStrings {
    private var bytes: [CChar] = []
    private var starts: [Int?] = []

    /// - Parameter texts: without U+0000; `nil` gives a null pointer.
    init(_ texts: [String?]) {
        bytes.reserveCapacity(texts.reduce(0) { $0 + ($1?.utf8.count ?? 0) + 1 })
        for text in texts {
            starts.append(text == nil ? nil : bytes.count)
            guard let text else { continue }
            bytes += text.utf8.lazy.map { CChar(bitPattern: $0) }
            bytes.append(0)
        }
    }

    func withPointers<Result>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBufferPointer { bytes in
            let pointers = starts.map { start in start.flatMap { offset in bytes.baseAddress.map { $0 + offset } } }
            return try pointers.withUnsafeBufferPointer { try body($0.baseAddress) }
        }
    }
}
