import Foundation
import PolicyLanguage
import TestKit
import Testing

@Suite("Golden captures of Tailscale's own service")
struct GoldenTests {
    @Test("the captures are there, or their absence is said")
    func presence() {
        guard GoldenCase.isAbsent else { return }
        print("golden captures skipped: no cases in \(GoldenCase.folder.path); set SWIFTSCALE_GOLDEN to their folder")
        #expect(ProcessInfo.processInfo.environment["CI"] == nil, "CI must have the golden captures")
    }

    @Test(
        "every case is answered as the service answers it",
        .enabled(if: !GoldenCase.isAbsent),
        arguments: GoldenCase.all
    )
    func answers(_ golden: GoldenCase) throws {
        let network = try golden.network()
        guard golden.code == "200" else { return expectRefusal(golden, network) }
        let engine: PolicyEngine
        do { engine = try PolicyEngine.checked(golden.policy, for: network) } catch {
            Issue.record("refused, but the service accepts it: \(error)")
            return
        }
        let report = engine.report(server: "https://unused", updatesAutomatically: golden.updatesAutomatically)
        for node in golden.expect {
            let told = try #require(report[node.name])
            for (field, got, want) in GoldenView.comparison(told, with: node.value) {
                if GoldenSetAside.fields[golden.id]?.fields.contains(field) == true { continue }
                #expect(got == want, "\(golden) \(node.name) \(field)\n got: \(got)\nwant: \(want)")
            }
        }
    }

    private func expectRefusal(_ golden: GoldenCase, _ network: PolicyNetwork) {
        let error = #expect(throws: PolicyErrors.self, "\(golden) must be refused: \(golden.message)") {
            try PolicyEngine.checked(golden.policy, for: network)
        }
        guard let error, golden.category != "nodeattrs" else { return }
        #expect(error.description.contains(golden.message), "\(golden): \(error)")
        for fault in error.faults { #expect(!fault.message.isEmpty) }
    }

    @Test("routes are approved as the service approved them", .enabled(if: !GoldenCase.isAbsent))
    func approval() throws {
        for golden in GoldenCase.all where golden.category == "routes" {
            let engine = try PolicyEngine.checked(golden.policy, for: try golden.network())
            for id in engine.nodeIDs {
                let node = try #require(engine.node(id))
                for route in node.announcedRoutes {
                    let isApproved = engine.approvesAutomatically(route, for: node)
                    #expect(isApproved == node.approvedRoutes.contains(route), "\(golden) \(node.name) \(route)")
                }
            }
        }
    }
}
