/// Why compressing or decompressing failed.
public enum ZstdError: Error, Hashable {
    /// The output would be longer than allowed, in bytes. Drop the input.
    case outputTooLong(limit: Int)
    /// The input is not zstd, is damaged, or asks for too large a window; `reason` is libzstd's, for the log.
    case corrupt(reason: String)
    /// The input ended inside a frame.
    case truncated
    /// libzstd got no memory.
    case outOfMemory
}
