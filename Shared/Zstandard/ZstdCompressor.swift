internal import CZstd
public import NIOCore

/// Compresses messages, each into one frame of its own.
///
/// Holds a libzstd context, which is what a call would otherwise spend half of its time on; hence one instance per task,
/// and no sharing. Single-threaded; frames carry their content size and no checksum.
/// - Source: RFC 8878 §3.1.1.
public final class ZstdCompressor {
    /// Five times the speed of the default of libzstd at about the same ratio on map responses.
    public static let defaultLevel = 1

    private let context: OpaquePointer

    /// - Parameter level: out of libzstd's range, the nearest level in it.
    public init(level: Int = defaultLevel) throws(ZstdError) {
        guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
        self.context = context
        let level = min(max(level, Int(ZSTD_minCLevel())), Int(ZSTD_maxCLevel()))
        try set(ZSTD_c_compressionLevel, Int32(level))
        try set(ZSTD_c_checksumFlag, 0)
        try set(ZSTD_c_contentSizeFlag, 1)
    }

    deinit {
        ZSTD_freeCCtx(context)
    }

    /// Appends one frame that holds `message`, which may be empty, to `output`.
    public func compress(_ message: ByteBuffer, into output: inout ByteBuffer) throws(ZstdError) {
        var result = 0
        message.withUnsafeReadableBytes { source in
            let bound = ZSTD_compressBound(source.count)
            // The bound of an absurd length is an error code, not a length.
            guard ZSTD_isError(bound) == 0 else {
                result = bound
                return
            }
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { target in
                result = ZSTD_compress2(context, target.baseAddress, target.count, source.baseAddress, source.count)
                return ZSTD_isError(result) == 0 ? result : 0
            }
        }
        guard ZSTD_isError(result) == 0 else { throw .corrupt(reason: errorName(result)) }
    }

    private func set(_ parameter: ZSTD_cParameter, _ value: Int32) throws(ZstdError) {
        let result = ZSTD_CCtx_setParameter(context, parameter, value)
        guard ZSTD_isError(result) == 0 else { throw .corrupt(reason: errorName(result)) }
    }
}

func errorName(_ code: Int) -> String {
    String(cString: ZSTD_getErrorName(code))
}
