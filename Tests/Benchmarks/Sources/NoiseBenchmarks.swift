import Keys
import NIOCore
import NoiseProtocol

/// Handshakes and records on one core.
enum NoiseBenchmarks {
    static func run() throws -> [Measurement] {
        let server = MachinePrivateKey.generate()
        let initiator = try NoiseInitiator(key: MachinePrivateKey.generate(), server: server.publicKey, version: 130)
        let responder = NoiseResponder(key: server)
        let acceptance = try responder.accept(initiator.initiation)
        let client = try initiator.finish(acceptance.response)
        return [
            try Measurement.run("Noise handshake, server side") { _ = try responder.accept(initiator.initiation) },
            try seal(acceptance.keys, length: 64), try seal(acceptance.keys, length: 4077),
            try seal(acceptance.keys, length: 64 << 10),
            try open(from: client, at: acceptance.keys, length: 4077),
        ]
    }

    private static func seal(_ keys: NoiseTransportKeys, length: Int) throws -> Measurement {
        let sender = try NoiseSender(keys)
        let plaintext = ByteBuffer(repeating: 7, count: length)
        var output = ByteBuffer()
        output.reserveCapacity(length + length / 100 + 64)
        return try Measurement.run("Noise seal, \(length) bytes", bytes: length) {
            var input = plaintext
            output.clear()
            try sender.seal(&input, into: &output)
        }
    }

    private static func open(
        from client: NoiseTransportKeys,
        at server: NoiseTransportKeys,
        length: Int
    ) throws -> Measurement {
        // A receiver opens each record once, in order: after the last one a new receiver starts from the first.
        let sender = try NoiseSender(client)
        var receiver = try NoiseReceiver(server)
        var records: [ByteBuffer] = []
        for _ in 0..<1000 {
            var input = ByteBuffer(repeating: 7, count: length)
            var record = ByteBuffer()
            try sender.seal(&input, into: &record)
            records.append(record)
        }
        var output = ByteBuffer()
        output.reserveCapacity(length)
        var next = 0
        return try Measurement.run("Noise open, \(length) bytes", bytes: length) {
            if next == records.count {
                receiver = try NoiseReceiver(server)
                next = 0
            }
            var record = records[next]
            output.clear()
            try receiver.open(&record, into: &output)
            next += 1
        }
    }
}
