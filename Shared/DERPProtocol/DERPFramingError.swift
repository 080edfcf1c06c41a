/// How a peer broke the framing.
///
/// Close the connection: where the next frame starts is unknown.
public enum DERPFramingError: Error, Hashable {
    /// The header announces more than a frame of this type may hold; lengths in bytes.
    case bodyTooLong(DERPFrameType, length: Int, limit: Int)
    /// The header announces less than a frame of this type needs; lengths in bytes.
    case bodyTooShort(DERPFrameType, length: Int, minimum: Int)
    /// The body does not say what a frame of this type must say.
    case malformed(DERPFrameType)
}
