import Keys
import NIOCore
import NoiseProtocol
import Testing

/// The bytes that hexadecimal digits stand for.
func bytes(hex: String) throws -> [UInt8] {
    let digits = Array(hex)
    try #require(digits.count.isMultiple(of: 2))
    return try stride(from: 0, to: digits.count, by: 2).map { index in
        try #require(UInt8(String(digits[index...index + 1]), radix: 16))
    }
}

func buffer(hex: String) throws -> ByteBuffer {
    ByteBuffer(bytes: try bytes(hex: hex))
}

func keyBytes(hex: String) throws -> KeyBytes {
    try #require(KeyBytes(hex: hex))
}

extension ByteBuffer {
    var hex: String {
        readableBytesView.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// The same bytes with one of them changed.
    func changing(_ index: Int, by mask: UInt8) throws -> ByteBuffer {
        var changed = ByteBuffer(buffer: self)
        let byte = try #require(changed.getInteger(at: changed.readerIndex + index, as: UInt8.self))
        changed.setInteger(byte ^ mask, at: changed.readerIndex + index)
        return changed
    }
}

extension NoiseReceiver {
    /// Everything that `input` says when it comes in one piece.
    func open(all input: ByteBuffer) throws(NoiseError) -> ByteBuffer {
        var input = input
        var output = ByteBuffer()
        try open(&input, into: &output)
        return output
    }
}

extension NoiseSender {
    func seal(all plaintext: ByteBuffer) throws(NoiseError) -> ByteBuffer {
        var plaintext = plaintext
        var output = ByteBuffer()
        try seal(&plaintext, into: &output)
        return output
    }
}
