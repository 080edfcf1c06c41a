import Metrics
import NIOCore
import STUNProtocol

/// Answers binding requests; many datagrams a read, one flush.
final class STUNHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    static let datagramsPerRead = 32
    /// Longest request that is looked at, in bytes; those of clients have 40.
    private static let requestLimit = 1500
    static let receiveAllocator = FixedSizeRecvByteBufferAllocator(capacity: datagramsPerRead * requestLimit)

    private let metrics: DERPMetrics

    init(metrics: DERPMetrics) {
        self.metrics = metrics
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let request = unwrapInboundIn(data)
        guard context.channel.isWritable, let response = Self.response(to: request) else {
            // Over the limit of the socket an answer is lost, as anywhere in UDP; the client asks again.
            return metrics.stunIgnored.increment()
        }
        metrics.stunRequests.increment()
        let envelope = AddressedEnvelope(remoteAddress: request.remoteAddress, data: response)
        context.write(wrapOutboundOut(envelope), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    /// One bad datagram or an unreachable client must not end the service for the others.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        metrics.stunIgnored.increment()
    }

    private static func response(to request: AddressedEnvelope<ByteBuffer>) -> ByteBuffer? {
        // Requests without checksum are left alone, as upstream leaves them: the answer to one may be longer than the
        // request, which would serve those who send with a false source address.
        guard let binding = try? STUNBindingRequest(decoding: request.data), binding.isFingerprinted,
            let address = STUNMappedAddress(request.remoteAddress)
        else { return nil }
        var response = ByteBuffer()
        STUNBindingResponse(transaction: binding.transaction, address: address).encode(into: &response)
        return response
    }
}
