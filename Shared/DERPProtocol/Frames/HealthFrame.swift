public import NIOCore

/// The relay tells the user of a problem; only for clients that set ``DERPClientInfo/canAckPings``.
///
/// - Wire: UTF-8 text; empty: the problem is over.
public struct HealthFrame: DERPFrameBody {
    public static let type = DERPFrameType.health

    public var problem: String

    public init(problem: String) {
        self.problem = problem
    }

    public init(body: ByteBuffer) throws(DERPFramingError) {
        problem = String(buffer: body)
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeString(problem)
    }
}
