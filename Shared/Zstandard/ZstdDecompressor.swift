internal import CZstd
public import NIOCore

/// Decompresses a stream of frames, given in slices of any size.
///
/// - Input: frames one after another, skippable ones among them.
/// - Output: the contents of all frames, joined.
/// - Errors: ``ZstdError``; after one, everything else is refused until ``reset()``.
public final class ZstdDecompressor {
    /// Largest window accepted, as a power of two: 8 MiB, what level 19 uses at most.
    ///
    /// The window is allocated before the first byte is decoded, so a hostile header must not choose it freely.
    public static let windowLogLimit = 23
    private static let chunkLength = 64 << 10

    private let context: OpaquePointer
    private let outputLimit: Int
    private var produced = 0
    private var isFailed = false
    /// Whether everything given so far ends with a whole frame.
    public private(set) var isAtFrameEnd = true

    /// - Parameter outputLimit: most bytes that may come out until ``reset()``.
    public init(outputLimit: Int) throws(ZstdError) {
        guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
        self.context = context
        // Below the largest number, so that "one more than the limit" exists.
        self.outputLimit = min(max(0, outputLimit), Int.max - 1)
        let result = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(Self.windowLogLimit))
        guard ZSTD_isError(result) == 0 else { throw .corrupt(reason: errorName(result)) }
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    /// Starts afresh: the next bytes begin a frame, and the whole limit is there again.
    public func reset() {
        ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        (produced, isFailed, isAtFrameEnd) = (0, false, true)
    }

    /// Decodes the next slice and appends what comes out to `output`.
    public func decompress(_ input: ByteBuffer, into output: inout ByteBuffer) throws(ZstdError) {
        guard !isFailed else { throw .corrupt(reason: "used after an error") }
        var failure: ZstdError?
        input.withUnsafeReadableBytes { source in
            var inlet = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
            failure = drain(&inlet, into: &output)
        }
        if let failure {
            isFailed = true
            throw failure
        }
    }

    /// Decodes a payload that is there as a whole.
    public static func decompress(_ payload: ByteBuffer, outputLimit: Int) throws(ZstdError) -> ByteBuffer {
        let decompressor = try ZstdDecompressor(outputLimit: outputLimit)
        var output = ByteBuffer()
        try decompressor.decompress(payload, into: &output)
        guard decompressor.isAtFrameEnd else { throw .truncated }
        return output
    }

    /// Runs the decoder until the input is used up and no output is left inside it.
    private func drain(_ inlet: inout ZSTD_inBuffer, into output: inout ByteBuffer) -> ZstdError? {
        var isFull = false
        while inlet.pos < inlet.size || isFull {
            var result = 0
            // One byte more than allowed, so that reaching the limit and passing it can be told apart.
            let room = min(Self.chunkLength, outputLimit - produced + 1)
            let written = output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
                var outlet = ZSTD_outBuffer(dst: target.baseAddress, size: room, pos: 0)
                result = ZSTD_decompressStream(context, &outlet, &inlet)
                return outlet.pos
            }
            guard ZSTD_isError(result) == 0 else { return .corrupt(reason: errorName(result)) }
            produced += written
            guard produced <= outputLimit else { return .outputTooLong(limit: outputLimit) }
            isAtFrameEnd = result == 0
            isFull = written == room && result != 0
        }
        return nil
    }
}
