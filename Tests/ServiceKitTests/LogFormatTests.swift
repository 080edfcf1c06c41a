import Foundation
import Logging
import Synchronization
import Testing

@testable import ServiceKit

@Suite("Log lines")
struct LogFormatTests {
    private final class Lines: Sendable {
        let all = Mutex("")

        func logger(_ format: LogFormat, level: Logger.Level = .info) -> Logger {
            let output = LogOutput(
                write: { line in self.all.withLock { $0 += line } },
                now: { Date(timeIntervalSince1970: 1_767_323_045.5) }
            )
            return Logger(label: "registry") { label in
                LineLogHandler(label: label, level: level, format: format, output: output)
            }
        }

        var text: String { all.withLock { $0 } }
    }

    @Test("a text line is time, level, label, message and sorted fields")
    func text() {
        let lines = Lines()
        var logger = lines.logger(.text)
        logger[metadataKey: LogKey.tailnet] = "main"
        logger.info("node added", metadata: [LogKey.node: "7", LogKey.reason: "two words", LogKey.user: ""])
        #expect(
            lines.text == "2026-01-02T03:04:05.500Z info registry: node added "
                + "node=7 reason=\"two words\" tailnet=main user=\"\"\n"
        )
    }

    @Test("a JSON line holds time, level, label, message and metadata")
    func json() throws {
        let lines = Lines()
        lines.logger(.json).warning(
            "odd \"thing\"\n",
            metadata: ["error": "a\u{1}b\u{2028}c", "list": ["x", "y"], "map": ["k": "ü"]]
        )
        #expect(lines.text.filter { $0 == "\n" }.count == 1)
        struct Line: Decodable, Equatable {
            struct Metadata: Decodable, Equatable {
                let error: String
                let list: [String]
                let map: [String: String]
            }
            let time: String
            let level: String
            let label: String
            let message: String
            let metadata: Metadata
        }
        #expect(
            try JSONDecoder().decode(Line.self, from: Data(lines.text.utf8))
                == Line(
                    time: "2026-01-02T03:04:05.500Z",
                    level: "warning",
                    label: "registry",
                    message: "odd \"thing\"\n",
                    metadata: .init(error: "a\u{1}b\u{2028}c", list: ["x", "y"], map: ["k": "ü"])
                )
        )
    }

    @Test("a client's text cannot begin a line of its own", arguments: LogFormat.allCases)
    func injection(format: LogFormat) {
        let lines = Lines()
        lines.logger(format).info("forged\nline", metadata: [LogKey.path: "/\r\n2026 error registry: forged"])
        #expect(lines.text.filter { $0.isNewline }.count == 1)
    }

    @Test("levels below the set one are dropped, and a copy's level is its own")
    func level() {
        let lines = Lines()
        let logger = lines.logger(.text, level: .warning)
        var verbose = logger
        verbose.logLevel = .trace
        logger.info("no")
        verbose.trace("yes")
        #expect(lines.text.contains("yes") && !lines.text.contains("no\n"))
    }

    @Test(
        "a request leaves one line, at the level that was set and without its query",
        arguments: [Logger.Level.info, .debug]
    )
    func requestLine(level: Logger.Level) async throws {
        let lines = Lines()
        let request = "GET /hello?secret=1 HTTP/1.1\r\nHost: x\r\n\r\n"
        try await withListener(
            testSurface(),
            logger: lines.logger(.text, level: .debug),
            configure: { $0.requestLogLevel = level }
        ) { listener in
            let client = try await listener.client(.plain)
            try await client.send(request)
            _ = try await client.response()
        }
        let requests = lines.text.split(separator: "\n").filter { $0.contains("registry: request ") }
        #expect(requests.count == 1)
        let start = " \(level) registry: request address=127.0.0.1 method=GET path=/hello request_id="
        #expect(requests.first?.contains(start) == true)
        #expect(requests.first?.hasSuffix(" status=200") == true)
        #expect(!lines.text.contains("secret"))
    }
}
