import ControlModel
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Slow readers")
    struct SlowReaders {
        /// About 20 kB that peers see, no two alike, and that compression cannot shorten much.
        private static func bulk(_ round: Int) -> [String] {
            var generator = SystemRandomNumberGenerator()
            return (0..<20).map { key in
                let digits = (0..<60).map { _ in String(generator.next(), radix: 36) }.joined()
                return "ssh-\(round)-\(key) \(digits.prefix(900))"
            }
        }

        @Test("a client that stops reading gets one full map afterwards, not all it missed", arguments: [true, false])
        func fullMapAfterwards(isCompressed: Bool) async throws {
            let rounds = 80
            try await LocalSystem.run { system in
                let (_, slow) = try await system.joined("slow", options: .init(isCompressed: isCompressed))
                let (_, brisk) = try await system.joined("brisk")
                let (talker, _) = try await system.joined("talker")
                try await eventually("it knows both") { slow.view.peers.count == 2 }
                try await slow.pauseReading()
                let before = slow.snapshot
                for round in 0..<rounds {
                    let keys = Self.bulk(round)
                    try await talker.update { $0.sshHostKeys = keys }
                    try await eventually("the brisk one has it") {
                        brisk.view.peer(named: "talker")?.hostinfo?.sshHostKeys == keys
                    }
                }
                let sent = brisk.snapshot.byteCount
                #expect(brisk.snapshot.messageCount >= rounds)
                try await slow.resumeReading()
                let last = brisk.view.peer(named: "talker")?.hostinfo?.sshHostKeys
                try await eventually("the slow one has the last state") {
                    slow.view.peer(named: "talker")?.hostinfo?.sshHostKeys == last
                }
                let after = slow.snapshot
                #expect(after.recent.last?.peers?.count == 2)
                // What was under way when the windows were full, and one full map; the rest was never made or kept for it.
                #expect(after.messageCount - before.messageCount < rounds / 2)
                #expect(after.byteCount - before.byteCount < sent / 2)
                #expect(after.faults == [])
                #expect(after.ending == nil)
                // The stream goes on from there.
                try await talker.update(homeDERP: 901)
                try await eventually("news") { slow.view.peer(named: "talker")?.homeDERP == 901 }
            }
        }

        @Test("a client that never reads holds up nobody, and its other requests are served")
        func holdsUpNobody() async throws {
            try await LocalSystem.run { system in
                let (stuck, stuckMap) = try await system.joined("stuck")
                try await stuckMap.pauseReading()
                let (_, brisk) = try await system.joined("brisk")
                let (talker, _) = try await system.joined("talker")
                for round in 0..<20 {
                    let keys = Self.bulk(round)
                    try await talker.update { $0.sshHostKeys = keys }
                    try await eventually("the brisk one has it", within: .seconds(5)) {
                        brisk.view.peer(named: "talker")?.hostinfo?.sshHostKeys == keys
                    }
                }
                try await stuck.update(homeDERP: 901)
                try await eventually("its report arrives") { brisk.view.peer(named: "stuck")?.homeDERP == 901 }
                let fresh = try await stuck.reconnect()
                try await eventually("a new stream has everything") { fresh.view.peers.count == 2 }
                #expect(fresh.snapshot.faults == [])
            }
        }
    }
}
