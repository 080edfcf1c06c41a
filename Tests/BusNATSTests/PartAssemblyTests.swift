import Foundation
import Testing

@testable import BusNATS

@Suite("messages in parts")
struct PartAssemblyTests {
    private let start = ContinuousClock.now

    @Test("a message cut at any size is put together again", arguments: [1, 2, 7, 99, 100, 101])
    func roundTrip(size: Int) throws {
        let payload = Data((0..<100).map { UInt8($0) })
        var assembly = PartAssembly()
        var outcome = PartAssembly.Outcome.broken
        for (part, piece) in MessagePart.cut(payload, id: "a.1", size: size) {
            let read = try #require(MessagePart(part.text))
            outcome = assembly.add(read, piece, reader: 1, now: start)
        }
        #expect(outcome == .whole(payload))
        #expect(assembly.heldLength == 0 && assembly.heldCount == 0)
    }

    @Test("messages between each other, and one message for two readers, are kept apart")
    func interleaved() {
        var assembly = PartAssembly()
        let (first, second) = (pieces("first"), pieces("other"))
        var whole: [Data] = []
        for index in first.indices {
            for (reader, piece) in [(1, first[index]), (2, first[index]), (1, second[index])] as [(UInt64, Piece)] {
                if case .whole(let data) = assembly.add(piece.part, piece.payload, reader: reader, now: start) {
                    whole.append(data)
                }
            }
        }
        #expect(whole == [Data("first".utf8), Data("first".utf8), Data("other".utf8)])
    }

    @Test("a part that is missing, twice there or from before the reader came breaks its message only")
    func broken() {
        var assembly = PartAssembly()
        let parts = pieces("first")
        #expect(add(parts[1], to: &assembly) == .broken)
        #expect(add(parts[0], to: &assembly) == .incomplete)
        #expect(add(parts[2], to: &assembly) == .broken)
        #expect(add(parts[1], to: &assembly) == .broken)
        #expect(add(parts[0], to: &assembly) == .incomplete)
        #expect(add(parts[1], to: &assembly) == .incomplete)
        #expect(add(parts[1], to: &assembly) == .broken)
        #expect(assembly.heldCount == 0)
        #expect(pieces("other").map { add($0, to: &assembly) }.last == .whole(Data("other".utf8)))
    }

    @Test("a message longer or shorter than it says is refused")
    func lies() {
        var assembly = PartAssembly()
        let long = MessagePart(id: "a", index: 0, count: 2, length: 3)
        #expect(assembly.add(long, Data(count: 4), reader: 1, now: start) == .broken)
        let short = MessagePart(id: "b", index: 0, count: 1, length: 3)
        #expect(assembly.add(short, Data(count: 2), reader: 1, now: start) == .broken)
        #expect(assembly.heldLength == 0)
    }

    @Test("the oldest is given up when there are too many, too long ones, or too old ones")
    func limits() {
        var few = PartAssembly(countLimit: 2)
        let messages = (1...3).map { pieces("abcde", id: "\($0)") }
        for message in messages { #expect(add(message[0], to: &few) == .incomplete) }
        #expect(few.heldCount == 2)
        #expect(add(messages[0][1], to: &few) == .broken)
        #expect(add(messages[2][1], to: &few) == .incomplete)

        var small = PartAssembly(lengthLimit: 5)
        for message in messages { #expect(add(message[0], to: &small) == .incomplete) }
        #expect(small.heldLength <= 5)
        #expect(add(messages[0][1], to: &small) == .broken)
        #expect(add(messages[2][1], to: &small) == .incomplete)

        var young = PartAssembly(ageLimit: .seconds(10))
        #expect(add(messages[0][0], to: &young) == .incomplete)
        let piece = messages[1][0]
        #expect(young.add(piece.part, piece.payload, reader: 1, now: start + .seconds(11)) == .incomplete)
        #expect(young.heldCount == 1)
    }

    @Test("a reader that goes takes what he waited for along")
    func readerGone() {
        var assembly = PartAssembly()
        _ = add(pieces("first")[0], to: &assembly)
        assembly.remove(reader: 1)
        #expect(assembly.heldCount == 0 && assembly.heldLength == 0)
    }

    @Test(
        "a header that is malformed or promises too much is refused",
        arguments: [
            "", "a", "a 0 1", "a 0 1 2 3", " 0 1 2", "a -1 1 2", "a 1 1 2", "a 0 0 2", "a 0 3 2", "a 0 1 0", "a x 1 2",
            "a 0 1 67108865", "a 0 1 99999999999999999999", String(repeating: "a", count: 200) + " 0 1 2",
        ]
    )
    func malformed(text: String) {
        #expect(MessagePart(text) == nil)
    }

    private typealias Piece = (part: MessagePart, payload: Data)

    /// In three parts.
    private func pieces(_ text: String, id: String? = nil) -> [Piece] {
        MessagePart.cut(Data(text.utf8), id: id ?? text, size: 2)
    }

    private func add(_ piece: Piece, to assembly: inout PartAssembly) -> PartAssembly.Outcome {
        assembly.add(piece.part, piece.payload, reader: 1, now: start)
    }
}
