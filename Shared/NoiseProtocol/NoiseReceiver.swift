public import NIOCore

/// Opens transport records, one direction of one connection.
///
/// Holds at most one unfinished record, ``NoiseRecord/frameLimit`` bytes. Not Sendable: lives where the connection lives.
public final class NoiseReceiver {
    private let cipher: AEADCipher
    /// The next nonce; the last value of the type is never used.
    private var counter: UInt64
    private var isSpent = false
    /// Start of a record whose rest has not come yet.
    private var unfinished = ByteBuffer()

    public init(_ keys: NoiseTransportKeys) throws(NoiseError) {
        cipher = try AEADCipher(key: keys.receiving, direction: .open)
        counter = 0
    }

    /// For tests of the last nonces, which no connection lives long enough to reach.
    init(_ keys: NoiseTransportKeys, counter: UInt64) throws(NoiseError) {
        cipher = try AEADCipher(key: keys.receiving, direction: .open)
        self.counter = counter
    }

    /// Reads all of `input`, cut anywhere, and appends what its whole records say to `output`.
    ///
    /// Records without plaintext append nothing. After an error this half is spent and answers everything with
    /// ``NoiseError/spent``; `output` keeps the plaintext of the records before the bad one, which is authentic.
    public func open(_ input: inout ByteBuffer, into output: inout ByteBuffer) throws(NoiseError) {
        guard !isSpent else { throw .spent }
        do {
            try openRecords(&input, into: &output)
        } catch {
            isSpent = true
            unfinished = ByteBuffer()
            throw error
        }
    }

    private func openRecords(_ input: inout ByteBuffer, into output: inout ByteBuffer) throws(NoiseError) {
        while unfinished.readableBytes > 0, input.readableBytes > 0 {
            // First the header, which tells how much more the record needs.
            let needed = try Self.recordLength(at: unfinished) ?? NoiseRecord.headerLength
            let missing = min(needed - unfinished.readableBytes, input.readableBytes)
            if var part = input.readSlice(length: missing) { unfinished.writeBuffer(&part) }
            if try openRecord(from: &unfinished, into: &output) {
                // Given back rather than kept: most connections are idle, and most reads end between records.
                unfinished = ByteBuffer()
            }
        }
        while try openRecord(from: &input, into: &output) {}
        if input.readableBytes > 0 { unfinished.writeBuffer(&input) }
    }

    /// Opens the record at the front, or returns `false` when it is not all there.
    private func openRecord(
        from input: inout ByteBuffer,
        into output: inout ByteBuffer
    ) throws(NoiseError) -> Bool {
        guard let length = try Self.recordLength(at: input), input.readableBytes >= length else { return false }
        guard counter < .max else { throw .counterExhausted }
        let plaintextLength = length - NoiseRecord.headerLength - NoiseRecord.tagLength
        var isAuthentic = false
        input.withUnsafeReadableBytes { input in
            let ciphertext = UnsafeRawBufferPointer(rebasing: input[NoiseRecord.headerLength..<length])
            _ = output.writeWithUnsafeMutableBytes(minimumWritableBytes: plaintextLength) { space in
                let target = UnsafeMutableRawBufferPointer(rebasing: space[..<plaintextLength])
                isAuthentic = cipher.open(ciphertext, counter: counter, into: target)
                return isAuthentic ? plaintextLength : 0
            }
        }
        guard isAuthentic else { throw .decryptionFailed }
        counter += 1
        input.moveReaderIndex(forwardBy: length)
        return true
    }

    /// Length of the record at the front with its header, or `nil` while the header is not all there.
    private static func recordLength(at input: ByteBuffer) throws(NoiseError) -> Int? {
        guard let type = input.getInteger(at: input.readerIndex, as: UInt8.self) else { return nil }
        guard type == NoiseMessageType.record else { throw .wrongType(type) }
        guard let field = input.getInteger(at: input.readerIndex + 1, as: UInt16.self) else { return nil }
        let length = Int(field)
        guard length <= NoiseRecord.ciphertextLimit else { throw .recordTooLong(length: length) }
        guard length >= NoiseRecord.tagLength else { throw .recordTooShort(length: length) }
        return NoiseRecord.headerLength + length
    }
}
