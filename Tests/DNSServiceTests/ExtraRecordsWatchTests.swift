import Bus
import BusInProcess
import ControlModel
import DNSService
import Foundation
import Logging
import TestKit
import Testing

@Suite("dns service: file of extra records", .timeLimit(.minutes(1)))
struct ExtraRecordsWatchTests {
    private let directory: TemporaryDirectory
    private let bus = InProcessBus()

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var path: String { directory.path("records.json") }

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private func service() throws -> DNSService {
        var configuration = try DNSService.Configuration(
            settings: DNSSettings(isMagicDNSEnabled: true, baseDomain: "example.com"),
            revision: 7,
            extraRecordsPath: path
        )
        configuration.watchInterval = .milliseconds(5)
        return DNSService(
            configuration: configuration,
            bus: bus,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private var answer: DNSSettingsPublished {
        get async throws { try await bus.request(FetchDNSSettings(), tailnet: .default) }
    }

    private static func text(_ address: String) -> String { #"[{"name": "a.b", "value": "\#(address)"}]"# }

    private static func records(_ address: String) -> [DNSRecord] {
        [DNSRecord(name: "a.b", type: "A", value: address)]
    }

    @Test("records are in force at start; each change is published at once, with a higher revision")
    func changes() async throws {
        try write(Self.text("1.1.1.1"))
        let events = try await bus.events(DNSSettingsPublished.self, tailnet: .default)
        try await running {
            #expect(try await answer.settings.extraRecords == Self.records("1.1.1.1"))
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next()?.revision == 7)
            try write(Self.text("1.1.1.2"))
            let event = await iterator.next()
            #expect(event?.revision == 8 && event?.settings.extraRecords == Self.records("1.1.1.2"))
            #expect(try await answer == event)
        }
    }

    @Test("a file that is half-written, wrong or gone leaves the last good records, and counts again when it is mended")
    func faults() async throws {
        try write(Self.text("1.1.1.1"))
        try await running {
            var address = 1
            for wrong in [String(Self.text("1.1.1.9").dropLast(3)), "", "7", nil] {
                #expect(try await answer.settings.extraRecords == Self.records("1.1.1.\(address)"))
                if let wrong { try write(wrong) } else { try FileManager.default.removeItem(atPath: path) }
                address += 1
                // Looked at in order: what is wrong now has been seen when what follows is in force.
                try Data(Self.text("1.1.1.\(address)").utf8).write(to: URL(filePath: path), options: .atomic)
                try await eventually("the mended file is in force", read: { try await answer.settings.extraRecords }) {
                    $0 == Self.records("1.1.1.\(address)")
                }
            }
            #expect(try await answer.revision == 7 + 4)
        }
    }

    @Test(
        "without a good file at the start nothing is served, and the error says which file and where",
        arguments: [nil, "[7]"]
    )
    func start(text: String?) async throws {
        if let text { try write(text) }
        let error = await #expect(throws: ExtraRecordsError.self) { try await service().run() }
        #expect(error?.path == path)
        #expect(error?.description.contains(text == nil ? "cannot be read" : "line 1, column 2") == true)
    }

    private func running(_ body: () async throws -> Void) async throws {
        let service = try service()
        try await withThrowingTaskGroup { group in
            group.addTask { try await service.run() }
            try await body()
            group.cancelAll()
        }
    }
}
