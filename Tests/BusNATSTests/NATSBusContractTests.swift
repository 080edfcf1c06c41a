import Bus
import BusNATS
import ControlModel
import Logging
import TestKit
import Testing

@Suite("NATS bus: contract", .timeLimit(.minutes(2)))
struct NATSBusContractTests {
    @Test("it keeps the contract of the bus", arguments: BusContract.clauses)
    func contract(clause: ContractClause<any Bus>) async throws {
        let server = try await NATSServer()
        let bus = try NATSBus(.test(server))
        try await eventually("it is connected") { bus.isConnected }
        try await clause.check(bus)
        await bus.close()
    }
}

extension NATSBus.Configuration {
    static func test(_ server: NATSServer, name: String = "test") -> Self {
        Self(servers: [server.url], name: name)
    }
}

extension NATSBus {
    /// A bus that logs nothing.
    convenience init(_ configuration: Configuration) throws(NATSBusError) {
        try self.init(configuration, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}
