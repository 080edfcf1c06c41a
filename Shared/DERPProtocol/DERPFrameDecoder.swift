public import NIOCore

/// Cuts a DERP byte stream into frames.
///
/// Frames that lie whole in one read are slices of it; only one that is split between reads is copied. Bodies of unknown
/// types are dropped as they arrive and never held.
///
/// - Input: bytes in arrival order, split anywhere.
/// - Output: whole frames, in order.
/// - Errors: ``DERPFramingError``, as soon as the header is there. After one, the decoder is spent.
/// - Source: `derp/derp.go`, `ReadFrameHeader`.
public struct DERPFrameDecoder: Sendable {
    private let sender: DERPSender
    /// Start of a frame whose rest is still to come.
    private var partial = ByteBuffer()
    private var unread = ByteBuffer()
    /// Bytes of an unknown body still to be dropped.
    private var skipped = 0

    public init(framesFrom sender: DERPSender) {
        self.sender = sender
    }

    public mutating func append(_ bytes: ByteBuffer) {
        if unread.readableBytes == 0 {
            unread = bytes
        } else {
            unread.writeImmutableBuffer(bytes)
        }
    }

    /// Returns the next whole frame, or `nil` when more bytes are needed.
    public mutating func next() throws(DERPFramingError) -> DERPFrame? {
        while dropSkipped() {
            if partial.readableBytes < DERPFrame.headerLength { fillPartial(to: DERPFrame.headerLength) }
            guard let header = try header(of: partial) else { return nil }
            guard header.isKnown else {
                skipped = header.bodyLength
                partial = ByteBuffer()
                continue
            }
            if partial.readableBytes == DERPFrame.headerLength, let body = unread.readSlice(length: header.bodyLength) {
                partial.clear()
                return DERPFrame(type: header.type, body: body)
            }
            fillPartial(to: DERPFrame.headerLength + header.bodyLength)
            guard partial.readableBytes == DERPFrame.headerLength + header.bodyLength else { return nil }
            partial.moveReaderIndex(forwardBy: DERPFrame.headerLength)
            defer { partial = ByteBuffer() }
            return DERPFrame(type: header.type, body: partial)
        }
        return nil
    }

    /// Returns the next input for a relay: packets for one destination as one piece, anything else as a frame.
    public mutating func nextInput() throws(DERPFramingError) -> DERPInput? {
        if partial.readableBytes == 0, skipped == 0, let packets = try nextPackets() { return .packets(packets) }
        guard let frame = try next() else { return nil }
        guard frame.type == .sendPacket else { return .frame(frame) }
        return .packets(try DERPPackets(frame))
    }

    /// Takes as many whole SendPacket frames from `unread` as go to one destination and are of one kind.
    private mutating func nextPackets() throws(DERPFramingError) -> DERPPackets? {
        guard let first = try packet(at: unread.readerIndex) else { return nil }
        var (end, count) = (first.end, 1)
        // A fault behind them is for the next call: what came whole before it counts.
        while let further = try? packet(at: end), further.address == first.address {
            (end, count) = (further.end, count + 1)
        }
        return unread.readSlice(length: end - unread.readerIndex).flatMap { DERPPackets(frames: $0, count: count) }
    }

    private func packet(at index: Int) throws(DERPFramingError) -> (address: DERPPackets.Address, end: Int)? {
        guard unread.getInteger(at: index, as: UInt8.self) == DERPFrameType.sendPacket.rawValue,
            let length = unread.getInteger(at: index + 1, as: UInt32.self)
        else { return nil }
        try check(.sendPacket, length: Int(length))
        let end = index + DERPFrame.headerLength + Int(length)
        guard end <= unread.writerIndex, let address = DERPPackets.Address(ofFrameAt: index, length: length, in: unread)
        else { return nil }
        return (address, end)
    }

    private func header(
        of buffer: ByteBuffer
    ) throws(DERPFramingError) -> (type: DERPFrameType, bodyLength: Int, isKnown: Bool)? {
        guard let rawType = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self),
            let length = buffer.getInteger(at: buffer.readerIndex + 1, as: UInt32.self)
        else { return nil }
        let type = DERPFrameType(rawValue: rawType)
        let isKnown = try check(type, length: Int(length))
        return (type, Int(length), isKnown)
    }

    /// Whether this end may send such frames at all.
    @discardableResult
    private func check(_ type: DERPFrameType, length: Int) throws(DERPFramingError) -> Bool {
        let lengths = type.bodyLengths(from: sender)
        let limit = lengths?.upperBound ?? DERPLengths.unknownBodyLimit
        guard length <= limit else { throw .bodyTooLong(type, length: length, limit: limit) }
        guard let lengths else { return false }
        guard length >= lengths.lowerBound else {
            throw .bodyTooShort(type, length: length, minimum: lengths.lowerBound)
        }
        return true
    }

    /// Moves bytes from `unread` until `partial` has `length` of them or there are no more.
    private mutating func fillPartial(to length: Int) {
        let missing = min(length - partial.readableBytes, unread.readableBytes)
        guard missing > 0, var slice = unread.readSlice(length: missing) else { return }
        partial.writeBuffer(&slice)
    }

    /// Whether all bytes to be dropped are gone.
    private mutating func dropSkipped() -> Bool {
        let now = min(skipped, unread.readableBytes)
        unread.moveReaderIndex(forwardBy: now)
        skipped -= now
        return skipped == 0
    }
}
