import Bus
import BusInProcess
import ControlModel
import Logging
import Synchronization
import TestKit
import Testing

@testable import ControlGatewayService

@Suite("Reporting who is connected", .timeLimit(.minutes(1)))
struct PresenceReporterTests {
    private let bus = InProcessBus()
    private let record = Record()

    /// What the registry heard, and what the reporter said in its log.
    private final class Record: Sendable {
        let reports = Mutex<[ReportPresence]>([])
        let lines = Mutex<[String]>([])
        /// Reports that name a node are never answered.
        let isSilent = Mutex(false)
    }

    private struct RecordingLog: LogHandler {
        let record: Record
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            record.lines.withLock { $0.append("\(event.message)") }
        }
    }

    private func reporting(_ body: (PresenceReporter, _ stop: () -> Void) async throws -> Void) async throws {
        let reporter = PresenceReporter(
            bus: bus,
            tailnet: .default,
            gateway: "one",
            logger: Logger(label: "test") { [record] _ in RecordingLog(record: record) }
        )
        try await withThrowingTaskGroup { group in
            group.addTask { [bus, record] in
                try await bus.serve(ReportPresence.self, tailnet: .default) { report in
                    record.reports.withLock { $0.append(report) }
                    let isSilent = record.isSilent.withLock { $0 } && !report.connected.isEmpty
                    while isSilent, !Task.isCancelled { try await Task.sleep(for: .seconds(60)) }
                    return ReportPresence.Response(wantsComplete: false)
                }
            }
            let (stopped, stop) = AsyncStream.makeStream(of: Never.self)
            let (ended, end) = AsyncStream.makeStream(of: Never.self)
            group.addTask {
                await withTaskGroup { inner in
                    inner.addTask { await reporter.run() }
                    for await _ in stopped {}
                    inner.cancelAll()
                }
                end.finish()
            }
            try await body(reporter) { stop.finish() }
            stop.finish()
            for await _ in ended {}
            await reporter.reportLeaving()
            group.cancelAll()
        }
    }

    @Test("a stop while a report is under way is no failure; the last report says that all have left")
    func stop() async throws {
        try await reporting { reporter, stop in
            try await eventually("the first report") { record.reports.withLock { $0.count } == 1 }
            record.isSilent.withLock { $0 = true }
            reporter.streamOpened(.fixture(7))
            try await eventually("a report that is not answered") { record.reports.withLock { $0.count } == 2 }
            // More to say, which no report between says.
            reporter.streamOpened(.fixture(8))
            stop()
        }
        let reports = record.reports.withLock { $0 }
        #expect(reports.map(\.connected) == [[], [.fixture(7)], []])
        #expect(reports.last?.isComplete == true)
        #expect(reports.map(\.sequence) == [1, 2, 3])
        #expect(record.lines.withLock { $0 } == [])
    }

    @Test("what cannot be reported is said in the log")
    func failure() async throws {
        let broken = BrokenBus(bus, subjects: [ReportPresence.subject])
        let reporter = PresenceReporter(
            bus: broken,
            tailnet: .default,
            gateway: "two",
            logger: Logger(label: "test") { [record] _ in RecordingLog(record: record) }
        )
        await reporter.reportLeaving()
        #expect(record.lines.withLock { $0 } == ["presence report failed"])
    }
}
