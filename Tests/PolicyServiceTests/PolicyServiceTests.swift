import Bus
import BusInProcess
import ControlModel
import PolicyService
import Storage
import StorageSQLite
import TestKit
import Testing

@Suite("policy service", .timeLimit(.minutes(1)))
struct PolicyServiceTests {
    private let harness: PolicyHarness
    private static let strict = #"{"grants": []}"#
    private static let open = #"{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}"#

    init() throws {
        harness = try PolicyHarness()
    }

    private func stored(_ number: Int, _ text: String) -> PolicyRevision {
        PolicyRevision(revision: number, text: text, author: "ann", createdAt: .fixture)
    }

    @Test("everybody may reach everything while there is no policy")
    func noPolicy() async throws {
        try await harness.running(harness.service()) { () async throws in
            #expect(try await harness.inForce == PolicyPublished(revision: 0, text: nil))
            #expect(try await harness.ask(GetPolicy()).policy == nil)
        }
    }

    @Test("a policy that is set is in force, told, stored with author, time and note, and there after a restart")
    func set() async throws {
        let events = try await harness.bus.events(PolicyPublished.self, tailnet: .default)
        try await harness.running(harness.service()) { () async throws in
            let verdict = try await harness.set(Self.strict, note: "nobody")
            #expect(verdict.faults.isEmpty)
            #expect(try await harness.inForce == PolicyPublished(revision: 1, text: Self.strict))
            let policy = try #require(try await harness.ask(GetPolicy()).policy)
            #expect(policy == verdict.policy)
            #expect([policy.author, policy.note] == ["ann", "nobody"])
            #expect(policy.createdAt == .fixture)
            for await event in events where event.revision == 1 {
                #expect(event.text == Self.strict)
                break
            }
        }
        try await harness.running(harness.service()) { () async throws in
            let again = try await harness.inForce
            #expect(again == PolicyPublished(revision: 1, text: Self.strict))
        }
    }

    @Test("the policy in force is told again and again")
    func repetition() async throws {
        try await harness.store.appendPolicy(stored(1, Self.strict), tailnet: .default)
        try await harness.running(harness.service()) { () async throws in
            _ = try await harness.inForce
            let late = try await harness.bus.events(PolicyPublished.self, tailnet: .default)
            var heard = 0
            for await event in late {
                #expect(event == PolicyPublished(revision: 1, text: Self.strict))
                heard += 1
                if heard == 2 { break }
            }
        }
    }

    @Test("what is wrong is told with its place, and changes nothing")
    func refused() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(Self.open)
            let verdict = try await harness.set(
                "{\n \"grants\": [{\"src\": [\"tag:x\"], \"dst\": [\"*\"], \"ip\": [\"*\"]}]}"
            )
            #expect(verdict.policy == nil)
            #expect(verdict.faults.map(\.line) == [2])
            #expect(try await harness.inForce.revision == 1)
            #expect(try await harness.ask(ListPolicyRevisions()).map(\.revision) == [1])
        }
    }

    @Test("tests of a policy are run on the live network before it is accepted")
    func liveTests() async throws {
        let text = #"""
            {"tagOwners": {"tag:web": []},
             "grants": [{"src": ["ann@example.com"], "dst": ["100.64.0.7"], "ip": ["443"]}],
             "tests": [{"src": "ann@example.com", "accept": ["tag:web:443"]}]}
            """#
        try await harness.running(harness.service()) { () async throws in
            let early = try await harness.set(text)
            #expect(early.policy == nil)
            #expect(early.faults.first?.message.contains("test(s) failed") == true)
            let event = harness.registry.commit(FakeTailnet.node(7, tags: ["tag:web"]))
            try await harness.bus.publish(event, tailnet: .default)
            try await eventually("the new node is seen") {
                try await harness.ask(CheckPolicy(text: text)).faults.isEmpty
            }
            #expect(try await harness.set(text).policy?.revision == 1)
        }
    }

    @Test("changes that were lost on the way are asked for")
    func lostChange() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(Self.open)
            _ = harness.registry.commit(FakeTailnet.node(8, tags: ["tag:a"]))
            let second = harness.registry.commit(FakeTailnet.node(9, tags: ["tag:a"]))
            try await harness.bus.publish(second, tailnet: .default)
            try await eventually("both are seen") {
                (try? await harness.ask(ExplainAccess(source: "100.64.0.1", destination: "tag:a")))?.answers.count == 2
            }
        }
    }

    @Test("an author who expects another revision is told, and nothing is written")
    func expected() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(Self.open, expected: 0)
            await #expect {
                try await harness.set(Self.strict, expected: 0)
            } throws: { error in
                if case BusError.refused(let failure) = error { failure.reason == .conflict } else { false }
            }
            #expect(try await harness.inForce.text == Self.open)
            #expect(try await harness.set(Self.strict, expected: 1).policy?.revision == 2)
        }
    }

    @Test("setting what is in force already makes no revision")
    func unchanged() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(Self.open)
            #expect(try await harness.set(Self.open).policy?.revision == 1)
            #expect(try await harness.ask(ListPolicyRevisions()).count == 1)
        }
    }

    @Test("an earlier revision comes back as a new one")
    func rollBack() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(Self.open)
            try await harness.set(Self.strict)
            let verdict = try await harness.ask(RollBackPolicy(revision: 1, author: "bob"))
            #expect(verdict.policy?.revision == 3)
            #expect(verdict.policy?.note == "back to revision 1")
            #expect(try await harness.inForce == PolicyPublished(revision: 3, text: Self.open))
            #expect(try await harness.ask(ListPolicyRevisions(before: 3)).map(\.author) == ["ann", "ann"])
            #expect(try await harness.ask(GetPolicy(revision: 2)).policy?.text == Self.strict)
            await #expect {
                try await harness.ask(RollBackPolicy(revision: 9, author: "bob"))
            } throws: { error in
                if case BusError.refused(let failure) = error { failure.reason == .notFound } else { false }
            }
        }
    }

    @Test("several services write and answer for one policy")
    func several() async throws {
        try await harness.running(harness.service(), harness.service(), harness.service()) { () async throws in
            try await harness.set(Self.open)
            let winners = await withTaskGroup { group in
                for number in 1...12 {
                    group.addTask { (try? await harness.set("// \(number)\n{}"))?.policy?.revision }
                }
                return await group.reduce(into: [Int]()) { $0 += [$1].compactMap(\.self) }
            }
            #expect(winners.sorted() == Array(2...13))
            try await eventually("all serve the newest") {
                for _ in 0..<9 where try await harness.inForce.revision != 13 { return false }
                return true
            }
        }
    }

    @Test("an invalid stored policy does not stop a start: the last good one stays, and the fault is reported")
    func invalidStored() async throws {
        try await harness.store.appendPolicy(stored(1, Self.open), tailnet: .default)
        try await harness.store.appendPolicy(stored(2, Self.strict), tailnet: .default)
        try await harness.store.appendPolicy(stored(3, "{"), tailnet: .default)
        try await harness.running(harness.service()) { () async throws in
            #expect(try await harness.inForce == PolicyPublished(revision: 2, text: Self.strict))
            let fault = try await harness.ask(GetPolicy()).fault
            #expect(fault?.contains("revision 3 is invalid") == true)
            #expect(try await harness.set(Self.open).policy?.revision == 4)
            #expect(try await harness.ask(GetPolicy()).fault == nil)
        }
    }

    @Test("where no stored policy is valid, nothing is allowed")
    func nothingValid() async throws {
        try await harness.store.appendPolicy(stored(1, "{"), tailnet: .default)
        try await harness.running(harness.service()) { () async throws in
            #expect(try await harness.inForce == PolicyPublished(revision: 1, text: Self.strict))
            #expect(try await harness.set(Self.open).policy?.revision == 2)
        }
    }

    @Test("an invalid revision of somebody else leaves the last good one in force")
    func invalidLater() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(Self.strict)
            try await harness.store.appendPolicy(stored(2, "nonsense"), tailnet: .default)
            try await eventually("the fault is reported") { try await harness.ask(GetPolicy()).fault != nil }
            #expect(try await harness.inForce == PolicyPublished(revision: 1, text: Self.strict))
        }
    }

    @Test("explanations follow the policy and the nodes of the moment")
    func explain() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(
                "{\"grants\": [\n{\"src\": [\"ann@example.com\"], \"dst\": [\"bob@\"], \"ip\": [\"22\"]}]}"
            )
            let request = ExplainAccess(source: "ann@example.com", destination: "100.64.0.2:22")
            let answer = try #require(try await harness.ask(request).answers.first)
            #expect(answer.allowed)
            #expect(answer.rule?.line == 2)
            #expect(answer.sourceMatch == "ann@example.com")
            let event = harness.registry.commit(FakeTailnet.node(2, user: 1))
            try await harness.bus.publish(event, tailnet: .default)
            try await eventually("the node is somebody else's") {
                try await harness.ask(ExplainAccess(source: "100.64.0.1", destination: "100.64.0.2:22")).answers
                    .first?.allowed == false
            }
            await #expect {
                try await harness.ask(ExplainAccess(source: "nobody", destination: "100.64.0.2"))
            } throws: { error in
                if case BusError.refused(let failure) = error { failure.reason == .invalid } else { false }
            }
        }
    }

    @Test("a comparison takes revisions, texts and what is in force")
    func compare() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(Self.open)
            try await harness.set(Self.strict)
            let stored = try await harness.ask(ComparePolicies(before: .init(revision: 1), after: .init(revision: 2)))
            #expect(stored.access.allSatisfy { $0.gained.isEmpty && $0.lost == ["*"] })
            #expect(!stored.access.isEmpty)
            let same = try await harness.ask(ComparePolicies(before: .init(text: Self.strict), after: .init()))
            #expect(same == .init(access: [], ssh: [], attributes: []))
        }
    }

    @Test("a database that is away is told, and the policy in force stays")
    func storeAway() async throws {
        let store = FailingPolicyStore(harness.store)
        try await harness.running(harness.service(store: store)) { () async throws in
            try await harness.set(Self.strict)
            store.goAway()
            await #expect {
                try await harness.ask(SetPolicy(text: Self.open, author: "ann"))
            } throws: { error in
                if case BusError.refused(let failure) = error { failure.reason == .unavailable } else { false }
            }
            #expect(try await harness.inForce == PolicyPublished(revision: 1, text: Self.strict))
        }
    }

    @Test("a start waits for a database that is away, and nobody is told that everything is allowed")
    func startWithoutStore() async throws {
        try await harness.store.appendPolicy(stored(1, Self.strict), tailnet: .default)
        let store = FailingPolicyStore(harness.store)
        store.goAway()
        try await harness.running(harness.service(store: store)) { () async throws in
            await #expect(throws: BusError.self) {
                try await harness.bus.request(FetchPolicy(), tailnet: .default, timeout: .milliseconds(100))
            }
            store.comeBack()
            #expect(try await harness.inForce == PolicyPublished(revision: 1, text: Self.strict))
        }
    }

    @Test("long words are refused")
    func words() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(Self.strict)
            await #expect(throws: BusError.self) {
                try await harness.set(Self.open, note: String(repeating: "x", count: PolicyRevision.wordsLimit + 1))
            }
        }
    }
}
