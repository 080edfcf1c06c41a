import Foundation
import Testing

@Suite("telemetry: the document")
struct TelemetryDocumentTests {
    private let rows: [[String]]

    init() throws {
        let text = try String(contentsOf: SourceTree.root.appending(path: "docs/telemetry.md"), encoding: .utf8)
        rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "") }
        }
    }

    @Test("the document lists each metric with its type and label, and no other")
    func metrics() throws {
        let made = try Self.metricFiles().reduce(into: Set()) { $0.formUnion(MetricRules.metrics(in: $1.text)) }
        #expect(made.count > 20)
        let documented = rows.filter { $0.count > 2 && ["counter", "gauge", "histogram"].contains($0[1]) }.map { row in
            MetricRules.Metric(name: row[0], type: row[1], label: row[2] == "-" ? nil : row[2])
        }
        #expect(made.subtracting(documented).map(\.name).sorted() == [], "not in the document, or otherwise")
        #expect(Set(documented).subtracting(made).map(\.name).sorted() == [], "not in the code, or otherwise")
        #expect(documented.count == Set(documented).count, "listed twice")
    }

    @Test("metrics are made in the files named after them, and each is used")
    func places() throws {
        let sources = try SourceTree.swiftFiles(under: "Services", "Shared")
        for file in sources where !file.name.hasSuffix("Metrics.swift") {
            #expect(MetricRules.metrics(in: file.text).isEmpty, "\(file.path) makes a metric")
        }
        for file in try Self.metricFiles() {
            let names = Set(MetricRules.metrics(in: file.text).map(\.name))
            for (constant, value) in MetricRules.constants(in: file.text) {
                #expect(names.contains(value), "\(file.path): \(constant) is the name of no metric")
            }
            for property in MetricRules.properties(in: file.text) {
                #expect(
                    sources.contains { $0.text.contains("metrics.\(property).") },
                    "\(file.path): \(property) is not used"
                )
            }
        }
    }

    @Test("the document lists every key of log metadata, and no other")
    func logKeys() throws {
        let file = try #require(try SourceTree.swiftFiles(under: "Shared").first { $0.name == "LogKey.swift" })
        let keys = MetricRules.constants(in: file.text).values.sorted()
        #expect(keys.count > 10)
        #expect(rows.filter { $0.count == 2 && !$0[0].hasPrefix("/") }.map { $0[0] } == keys)
    }

    private static func metricFiles() throws -> [SourceTree.File] {
        try SourceTree.swiftFiles(under: "Services", "Shared").filter { $0.name.hasSuffix("Metrics.swift") }
    }
}
