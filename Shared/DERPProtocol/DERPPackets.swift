public import Keys
public import NIOCore

/// What a relay reads from a client.
public enum DERPInput: Hashable, Sendable {
    case packets(DERPPackets)
    /// Any frame but SendPacket.
    case frame(DERPFrame)
}

/// SendPacket frames that follow each other, go to one destination and are of one kind.
///
/// A relay hands them on in one piece: RecvPacket frames have the same lengths, so only types and keys are overwritten.
public struct DERPPackets: Hashable, Sendable {
    public let destination: NodePublicKey
    public let isDisco: Bool
    /// How many; at least one.
    public let count: Int
    /// The frames as they came, with headers.
    private let frames: ByteBuffer

    /// - Parameter frames: `count` whole SendPacket frames of one address.
    init?(frames: ByteBuffer, count: Int) {
        guard let length = frames.getInteger(at: frames.readerIndex + 1, as: UInt32.self),
            let address = Address(ofFrameAt: frames.readerIndex, length: length, in: frames)
        else { return nil }
        destination = address.destination
        isDisco = address.isDisco
        self.count = count
        self.frames = frames
    }

    init(_ frame: DERPFrame) throws(DERPFramingError) {
        var wire = ByteBuffer()
        frame.encode(into: &wire)
        guard let packets = DERPPackets(frames: wire, count: 1) else { throw .malformed(frame.type) }
        self = packets
    }

    /// Length of the frames with headers, in bytes.
    public var byteCount: Int { frames.readableBytes }

    /// Appends the packets as RecvPacket frames.
    ///
    /// Cost: one copy of the bytes, whatever the number of packets.
    public func encode(from source: NodePublicKey, into buffer: inout ByteBuffer) {
        var index = buffer.writerIndex
        buffer.writeImmutableBuffer(frames)
        for _ in 0..<count {
            guard let length = buffer.getInteger(at: index + 1, as: UInt32.self) else { return }
            buffer.setInteger(DERPFrameType.receivePacket.rawValue, at: index)
            buffer.setKey(source.bytes, at: index + DERPFrame.headerLength)
            index += DERPFrame.headerLength + Int(length)
        }
    }
}

extension DERPPackets {
    /// What must be equal in frames that are handed on together; made to compare fast.
    struct Address: Equatable {
        private let key: Key
        let isDisco: Bool

        /// Returns `nil` when the buffer ends before the frame's destination does.
        init?(ofFrameAt index: Int, length: UInt32, in buffer: ByteBuffer) {
            let start = index + DERPFrame.headerLength
            guard
                let words = buffer.getMultipleIntegers(
                    at: start,
                    endianness: .host,
                    as: (UInt64, UInt64, UInt64, UInt64).self
                )
            else { return nil }
            key = Key(first: words.0, second: words.1, third: words.2, fourth: words.3)
            isDisco = Disco.matches(buffer, at: start + DERPLengths.key, length: Int(length) - DERPLengths.key)
        }

        /// As it lies in memory.
        private struct Key: Equatable {
            let first, second, third, fourth: UInt64
        }

        var destination: NodePublicKey {
            NodePublicKey(withUnsafeBytes(of: key) { KeyBytes($0) } ?? .zero)
        }
    }
}

/// How path discovery packets look from outside.
///
/// - Source: `disco/disco.go`, `LooksLikeDiscoWrapper`.
private enum Disco {
    /// "TS💬", sender's key, nonce: what each of them has at least, in bytes.
    static let minimumLength = 6 + 32 + 24

    static func matches(_ buffer: ByteBuffer, at index: Int, length: Int) -> Bool {
        length >= minimumLength && buffer.getInteger(at: index, as: UInt32.self) == 0x5453_F09F
            && buffer.getInteger(at: index + 4, as: UInt16.self) == 0x92AC
    }
}
