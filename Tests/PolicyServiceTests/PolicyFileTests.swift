import Bus
import BusInProcess
import ControlModel
import Foundation
import PolicyService
import Storage
import StorageSQLite
import TestKit
import Testing

@Suite("policy service: file mode", .timeLimit(.minutes(1)))
struct PolicyFileTests {
    private let harness: PolicyHarness
    private static let strict = #"{"grants": []}"#
    private static let open = #"{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}"#

    init() throws {
        harness = try PolicyHarness()
    }

    @Test("the file is in force at start, and each accepted change of it is a revision")
    func changes() async throws {
        let path = try harness.write(Self.strict)
        try await harness.running(harness.service(.file(path: path))) { () async throws in
            #expect(try await harness.inForce == PolicyPublished(revision: 1, text: Self.strict))
            _ = try harness.write(Self.open)
            try await eventually("the change is in force") { try await harness.inForce.text == Self.open }
            #expect(try await harness.inForce.revision == 2)
            #expect(try await harness.ask(ListPolicyRevisions()).first?.author == "file \(path)")
            #expect(try await harness.ask(GetPolicy()).file == path)
        }
        try await harness.running(harness.service(.file(path: path))) { () async throws in
            let again = try await harness.inForce
            #expect(again.revision == 2)
        }
    }

    @Test("with nothing stored, a file that is refused stops the start with all its faults")
    func refusedStart() async throws {
        let path = try harness.write(#"{"grnats": [], "hsots": {}}"#)
        let error = await #expect(throws: PolicyServiceError.self) {
            try await harness.run(harness.service(.file(path: path)))
        }
        let text = error?.description ?? ""
        #expect(text.contains(path) && text.contains("grnats") && text.contains("hsots"))
        await #expect(throws: PolicyServiceError.self) {
            try await harness.run(harness.service(.file(path: path + ".absent")))
        }
    }

    @Test("with nothing stored, a file whose tests fail stops the start")
    func failingTests() async throws {
        let path = try harness.write(
            #"{"grants": [], "tests": [{"src": "ann@example.com", "accept": ["100.64.0.2:1"]}]}"#
        )
        await #expect(throws: PolicyServiceError.self) {
            try await harness.run(harness.service(.file(path: path)))
        }
    }

    @Test("with a good policy stored, a broken file does not stop the start, and mending it ends the fault")
    func brokenStart() async throws {
        let good = PolicyRevision(revision: 1, text: Self.strict, author: "file", createdAt: .fixture)
        try await harness.store.appendPolicy(good, tailnet: .default)
        let path = try harness.write("{")
        try await harness.running(harness.service(.file(path: path))) { () async throws in
            #expect(try await harness.inForce == PolicyPublished(revision: 1, text: Self.strict))
            try await eventually("the fault is reported") {
                try await harness.ask(GetPolicy()).fault?.hasPrefix("\(path): line 1") == true
            }
            _ = try harness.write(Self.open)
            try await eventually("the mended file is in force") { try await harness.inForce.text == Self.open }
            #expect(try await harness.ask(GetPolicy()).fault == nil)
        }
    }

    @Test("a file that breaks, vanishes or is not UTF-8 leaves the last good policy in force")
    func breaks() async throws {
        let path = try harness.write(Self.strict)
        try await harness.running(harness.service(.file(path: path))) { () async throws in
            _ = try await harness.inForce
            _ = try harness.write("{\"nonsense\": 1}")
            try await eventually("reported") { try await harness.ask(GetPolicy()).fault?.contains("nonsense") == true }
            _ = try harness.write(" \n")
            try await eventually("reported") { try await harness.ask(GetPolicy()).fault?.contains("empty") == true }
            try Data([0x22, 0xFF]).write(to: URL(filePath: path))
            try await eventually("reported") { try await harness.ask(GetPolicy()).fault?.contains("UTF-8") == true }
            try FileManager.default.removeItem(atPath: path)
            try await eventually("reported") { try await harness.ask(GetPolicy()).fault?.contains("read") == true }
            #expect(try await harness.inForce == PolicyPublished(revision: 1, text: Self.strict))
        }
    }

    @Test("a reload reads the file at once")
    func reload() async throws {
        let path = try harness.write(Self.strict)
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        try await harness.running(harness.service(.file(path: path), reloads: stream)) { () async throws in
            _ = try await harness.inForce
            _ = try harness.write(Self.open)
            continuation.yield()
            try await eventually("the change is in force") { try await harness.inForce.text == Self.open }
            continuation.finish()
        }
    }

    @Test("what comes from a file cannot be set by request, and the refusal says what to do")
    func requests() async throws {
        let path = try harness.write(Self.strict)
        try await harness.running(harness.service(.file(path: path))) { () async throws in
            for request in [Self.open, Self.strict] {
                await #expect {
                    try await harness.ask(SetPolicy(text: request, author: "ann"))
                } throws: { error in
                    if case BusError.refused(let failure) = error { failure.message.contains(path) } else { false }
                }
            }
            await #expect(throws: BusError.self) { try await harness.ask(RollBackPolicy(revision: 1, author: "ann")) }
        }
    }
}
