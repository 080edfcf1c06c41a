import Foundation
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Extra DNS records")
    struct ExtraRecords {
        private static func text(_ address: String) -> String {
            #"[{"name": "grafana.tailnet.test", "type": "A", "value": "\#(address)"}]"#
        }

        @Test("a file of extra records reaches connected clients whenever it changes, and the last good one stays")
        func changes() async throws {
            var options = LocalSystem.Options()
            options.extraRecords = Self.text("100.64.0.50")
            try await LocalSystem.run(options) { system in
                let file = URL(filePath: system.extraRecordsPath)
                let (_, map) = try await system.joined("laptop")
                func expect(_ address: String) async throws {
                    try await eventually("the record leads to \(address)", read: { map.view.dns?.extraRecords }) {
                        $0?.contains { $0.name == "grafana.tailnet.test" && $0.value == address } == true
                    }
                }
                try await expect("100.64.0.50")
                // In place, by another file, and after it was gone.
                try Data(Self.text("100.64.0.51").utf8).write(to: file)
                try await expect("100.64.0.51")
                try Data(Self.text("100.64.0.52").utf8).write(to: file, options: .atomic)
                try await expect("100.64.0.52")
                let before = map.snapshot.messageCount
                try FileManager.default.removeItem(at: file)
                try Data("[{".utf8).write(to: file)
                let (_, late) = try await system.joined("late")
                #expect(late.view.dns?.extraRecords?.first?.value == "100.64.0.52")
                try Data(Self.text("100.64.0.53").utf8).write(to: file)
                try await expect("100.64.0.53")
                let told = map.snapshot.messages(after: before).compactMap { $0.dnsConfig?.extraRecords }
                #expect(told.allSatisfy { $0.map(\.value) == ["100.64.0.53"] })
                #expect(map.snapshot.faults == [])
            }
        }
    }
}
