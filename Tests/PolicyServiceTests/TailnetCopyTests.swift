import ControlModel
import TestKit
import Testing

@testable import PolicyService

@Suite("policy service: the copy of users and nodes")
struct TailnetCopyTests {
    @Test("changes apply in order, once, and a gap stops them")
    func order() {
        var copy = TailnetCopy()
        copy.replace(users: [.fixture(1)], nodes: [], version: 5)
        var node = FakeTailnet.node(1, user: 1)
        node.version = 6
        let change = RegistryChange(version: 6, subject: .node(node))
        let isGap1 = copy.apply([change])
        #expect(!isGap1)
        let isGap2 = copy.apply([change])
        #expect(!isGap2)
        #expect(copy.version == 6)
        let isGap3 = copy.apply([RegistryChange(version: 8, subject: .nodeRemoved(.fixture(1)))])
        #expect(isGap3)
        #expect(copy.nodes.count == 1)
        let isGap4 = copy.apply([RegistryChange(version: 7, subject: .nodeRemoved(.fixture(1)))])
        #expect(!isGap4)
        #expect(copy.nodes.isEmpty)
    }

    @Test("a snapshot removes what it lacks, but not what is newer than it")
    func snapshot() {
        var copy = TailnetCopy()
        var late = FakeTailnet.node(2, user: 1)
        late.version = 9
        copy.replace(users: [], nodes: [FakeTailnet.node(1, user: 1)], version: 8)
        let isGap5 = copy.apply([RegistryChange(version: 9, subject: .node(late))])
        #expect(!isGap5)
        copy.replace(users: [], nodes: [], version: 8)
        #expect(copy.nodes.keys.sorted() == [late.id])
        #expect(copy.version == 9)
    }

    @Test("what was touched is told once")
    func touched() {
        var copy = TailnetCopy()
        copy.replace(users: [.fixture(1)], nodes: [FakeTailnet.node(1, user: 1)], version: 2)
        let touched6 = copy.takeTouched()
        #expect(touched6.nodes == [.fixture(1)])
        let touched7 = copy.takeTouched()
        #expect(touched7.nodes.isEmpty)
        copy.replace(users: [.fixture(1)], nodes: [FakeTailnet.node(1, user: 1)], version: 2)
        let touched8 = copy.takeTouched()
        #expect(touched8.users.isEmpty)
    }
}
