import NIOCore

/// Bytes in pieces whose lengths follow from a number.
struct Slices: Sequence, IteratorProtocol {
    let bytes: ByteBuffer
    private var rest: ByteBuffer
    private let seed: Int
    private var count = 0

    init(whole bytes: ByteBuffer) {
        self.init(of: bytes, seed: 0)
    }

    /// - Parameter seed: 0 for one piece.
    init(of bytes: ByteBuffer, seed: UInt8) {
        self.bytes = bytes
        rest = bytes
        self.seed = Int(seed)
    }

    mutating func next() -> ByteBuffer? {
        guard rest.readableBytes > 0 else { return nil }
        count += 1
        let length = seed == 0 ? rest.readableBytes : seed * count % 97 + 1
        return rest.readSlice(length: Swift.min(length, rest.readableBytes))
    }
}
