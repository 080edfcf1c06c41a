public import NIOCore

/// Seals plaintext into transport records, one direction of one connection.
///
/// Not Sendable: lives where the connection lives.
public final class NoiseSender {
    private let cipher: AEADCipher
    /// The next nonce; the last value of the type is never used and means that this half is spent.
    private var counter: UInt64

    public init(_ keys: NoiseTransportKeys) throws(NoiseError) {
        cipher = try AEADCipher(key: keys.sending, direction: .seal)
        counter = 0
    }

    /// For tests of the last nonces, which no connection lives long enough to reach.
    init(_ keys: NoiseTransportKeys, counter: UInt64) throws(NoiseError) {
        cipher = try AEADCipher(key: keys.sending, direction: .seal)
        self.counter = counter
    }

    /// Reads all of `plaintext` and appends it to `output` in records of up to ``NoiseRecord/plaintextLimit`` bytes.
    ///
    /// No plaintext makes no record. Throws ``NoiseError/counterExhausted`` with both buffers as they were.
    public func seal(_ plaintext: inout ByteBuffer, into output: inout ByteBuffer) throws(NoiseError) {
        let length = plaintext.readableBytes
        guard length > 0 else { return }
        let recordCount = (length - 1) / NoiseRecord.plaintextLimit + 1
        guard UInt64(recordCount) <= UInt64.max - counter else {
            counter = .max
            throw .counterExhausted
        }
        let total = length + recordCount * (NoiseRecord.headerLength + NoiseRecord.tagLength)
        let written = plaintext.withUnsafeReadableBytes { plaintext in
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: total) { space in
                sealRecords(plaintext, into: UnsafeMutableRawBufferPointer(rebasing: space[..<total])) ? total : 0
            }
        }
        guard written == total else {
            counter = .max
            throw .cipherUnavailable
        }
        plaintext.moveReaderIndex(forwardBy: length)
    }

    private func sealRecords(_ plaintext: UnsafeRawBufferPointer, into space: UnsafeMutableRawBufferPointer) -> Bool {
        var rest = plaintext[...]
        var target = space[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(NoiseRecord.plaintextLimit))
            let ciphertextLength = part.count + NoiseRecord.tagLength
            let record = target.prefix(NoiseRecord.headerLength + ciphertextLength)
            let header = UnsafeMutableRawBufferPointer(rebasing: record.prefix(NoiseRecord.headerLength))
            header.storeBytes(of: NoiseMessageType.record, as: UInt8.self)
            header.storeBytes(of: UInt16(ciphertextLength).bigEndian, toByteOffset: 1, as: UInt16.self)
            let body = UnsafeMutableRawBufferPointer(rebasing: record.dropFirst(NoiseRecord.headerLength))
            guard cipher.seal(part, counter: counter, into: body) else { return false }
            counter += 1
            rest = rest.dropFirst(part.count)
            target = target.dropFirst(record.count)
        }
        return true
    }
}
