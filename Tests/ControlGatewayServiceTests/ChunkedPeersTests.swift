import ControlModel
import NIOCore
import Testing
import Zstandard

@testable import ControlGatewayService

@Suite("Chunks of peers")
struct ChunkedPeersTests {
    private let encoder = PieceEncoder()

    private func text(_ peers: inout ChunkedPeers, excluding viewer: NodeID? = nil) -> [Int64] {
        var writer = PieceWriter(encoder: encoder, isCompressed: false)
        peers.write(to: &writer, excluding: viewer, encoder: encoder) { ByteBuffer(string: "\($0)") }
        let text = writer.finish().pieces.map { String(buffer: $0) }.joined()
        return text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map { Int64($0) ?? -1 }
    }

    private func id(_ raw: Int64) throws -> NodeID { try #require(NodeID(raw)) }

    @Test("any order of coming and going leaves the nodes in id order, each once")
    func randomised() throws {
        var peers = ChunkedPeers()
        var expected: Set<Int64> = []
        var random = SystemRandomNumberGenerator()
        for step in 0..<6000 {
            let raw = Int64.random(in: 1...2000, using: &random)
            if step % 3 == 2 {
                peers.remove(try id(raw))
                expected.remove(raw)
            } else {
                peers.update(try id(raw))
                expected.insert(raw)
            }
            if step % 500 == 0 {
                let viewer = expected.randomElement() ?? 1
                #expect(text(&peers) == expected.sorted())
                #expect(text(&peers, excluding: try id(viewer)) == expected.subtracting([viewer]).sorted())
                #expect(peers.count == expected.count)
                #expect(peers.contains(try id(viewer)) == expected.contains(viewer))
            }
        }
        for raw in expected { peers.remove(try id(raw)) }
        #expect(text(&peers).isEmpty)
        #expect(peers.count == 0)
    }

    @Test("a viewer alone in its chunk leaves no stray comma", arguments: [1, 2, 129, 300])
    func commas(count: Int64) throws {
        for viewer in [1, count, (count + 1) / 2] {
            var peers = ChunkedPeers()
            for raw in 1...count { peers.update(try id(raw)) }
            #expect(text(&peers, excluding: try id(viewer)) == (1...count).filter { $0 != viewer })
        }
    }

    @Test("frames decode to the same text")
    func compressed() throws {
        var peers = ChunkedPeers()
        for raw in Int64(1)...1000 { peers.update(try id(raw)) }
        let viewer = try id(500)
        var writer = PieceWriter(encoder: encoder, isCompressed: true)
        writer.write { $0.writeStaticString("[") }
        peers.write(to: &writer, excluding: viewer, encoder: encoder) { ByteBuffer(string: "\($0)") }
        writer.write { $0.writeStaticString("]") }
        var frames = ByteBuffer()
        for piece in writer.finish().pieces { frames.writeImmutableBuffer(piece) }
        let decoded = try ZstdDecompressor.decompress(frames, outputLimit: 1 << 20)
        #expect(
            String(buffer: decoded) == "[" + (1...1000).filter { $0 != 500 }.map(String.init).joined(separator: ",")
                + "]"
        )
    }

    @Test("a change spoils one chunk only")
    func shares() throws {
        var peers = ChunkedPeers()
        for raw in Int64(1)...1000 { peers.update(try id(raw)) }
        var made = 0
        func write() {
            var writer = PieceWriter(encoder: encoder, isCompressed: true)
            peers.write(to: &writer, excluding: nil, encoder: encoder) {
                made += 1; return ByteBuffer(string: "\($0)")
            }
        }
        write()
        #expect(made == 1000)
        made = 0
        write()
        #expect(made == 0)
        peers.update(try id(77))
        write()
        #expect(made > 0 && made <= ChunkedPeers.longestChunk)
    }
}
