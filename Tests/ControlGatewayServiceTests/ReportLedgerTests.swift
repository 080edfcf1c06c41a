import ControlModel
import TestKit
import Testing

@testable import ControlGatewayService

@Suite("Reports that the registry took and forgot")
struct ReportLedgerTests {
    private let start = ReportLedger.Instant.now
    private let node = Node.fixture(1)
    private let home = NodeStatus(homeDERP: 901)

    @Test("a report that does not show is due after a while, and made again more and more rarely until it shows")
    func again() {
        let ledger = ReportLedger()
        ledger.take(home, of: node, now: start)
        #expect(ledger.due(now: start + ReportLedger.patience - .milliseconds(1)) == [])
        var now = start
        var waits: [Duration] = []
        for _ in 1...6 {
            let before = now
            while ledger.due(now: now).isEmpty { now += .seconds(1) }
            waits.append(now - before)
            #expect(ledger.again(node.id, row: node, isHere: true, now: now) == home)
        }
        #expect(waits == [3, 6, 12, 24, 48, 60].map { .seconds($0) })
        #expect(ledger.again(node.id, row: home.applied(to: node), isHere: true, now: now) == nil)
        #expect(ledger.due(now: now + .seconds(600)) == [])
    }

    @Test("reports are made again as one, and a later one waits anew")
    func merged() {
        let ledger = ReportLedger()
        ledger.take(home, of: node, now: start)
        ledger.take(NodeStatus(discoKey: .fixture(5)), of: node, now: start + .seconds(2))
        #expect(ledger.due(now: start + .seconds(4)) == [])
        let now = start + .seconds(5)
        #expect(ledger.due(now: now) == [node.id])
        let both = NodeStatus(discoKey: .fixture(5), homeDERP: 901)
        #expect(ledger.again(node.id, row: node, isHere: true, now: now) == both)
    }

    @Test("what a node said here before it went elsewhere and said something else is not said again")
    func overtaken() {
        let ledger = ReportLedger()
        ledger.take(home, of: node, now: start)
        let elsewhere = NodeStatus(homeDERP: 902).applied(to: node)
        #expect(ledger.again(node.id, row: elsewhere, isHere: false, now: start + .seconds(3)) == nil)
        #expect(ledger.due(now: start + .seconds(600)) == [])
    }

    @Test("what a node said before it left is said again while nobody wrote anything else")
    func left() {
        let ledger = ReportLedger()
        ledger.take(home, of: node, now: start)
        let renamed = NodeStatus(isOnline: true).applied(to: node)
        #expect(ledger.again(node.id, row: renamed, isHere: false, now: start + .seconds(3)) == home)
    }

    @Test("what the registry did not take is not said again, but whatever its node says next is news")
    func untaken() {
        let ledger = ReportLedger()
        ledger.take(home, of: node, now: start)
        _ = ledger.add(NodeStatus(discoKey: .fixture(5)), of: node, now: start + .seconds(1))
        let now = start + .seconds(4)
        #expect(ledger.expected(node) == NodeStatus(discoKey: .fixture(5), homeDERP: 901).applied(to: node))
        #expect(ledger.due(now: now) == [node.id])
        #expect(ledger.again(node.id, row: node, isHere: true, now: now) == home)
        let written = home.applied(to: node)
        #expect(ledger.again(node.id, row: written, isHere: true, now: now + .seconds(60)) == nil)
        #expect(ledger.expected(written) == nil)
    }

    @Test("what was said last counts, whichever answer comes first, and however much was said")
    func order() {
        let ledger = ReportLedger()
        let numbers = (1...40).map { ledger.add(NodeStatus(homeDERP: $0), of: node, now: start) }
        for number in numbers.reversed() { ledger.took(number, of: node.id, now: start) }
        let now = start + .seconds(4)
        #expect(ledger.expected(node)?.homeDERP == 40)
        #expect(ledger.again(node.id, row: node, isHere: true, now: now) == NodeStatus(homeDERP: 40))
    }

    @Test("a node that is gone has nothing to report")
    func removed() {
        let ledger = ReportLedger()
        ledger.take(home, of: node, now: start)
        #expect(ledger.again(node.id, row: nil, isHere: true, now: start + .seconds(3)) == nil)
        #expect(ledger.due(now: start + .seconds(600)) == [])
    }

    @Test("those due longest come first, and not all at once")
    func paced() {
        let ledger = ReportLedger()
        let count = ReportLedger.batch + 10
        for number in 1...count {
            ledger.take(home, of: .fixture(Int64(number)), now: start + .milliseconds(number))
        }
        let first = ledger.due(now: start + .seconds(60))
        #expect(first == (1...Int64(ReportLedger.batch)).map { .fixture($0) })
        for id in first { _ = ledger.again(id, row: .fixture(id.rawValue), isHere: true, now: start + .seconds(60)) }
        #expect(ledger.due(now: start + .seconds(60)).count == 10)
    }
}

extension ReportLedger {
    fileprivate func take(_ report: NodeStatus, of node: Node, now: Instant) {
        took(add(report, of: node, now: now), of: node.id, now: now)
    }
}
