import Bus
import BusInProcess
import ControlGatewayService
import Logging
import NIOPosix
import TestKit
import Testing

@Suite("Parts of the gateway")
struct FailingPartTests {
    @Test("a part that fails ends the service, though others go on", .timeLimit(.minutes(1)))
    func failingPart() async {
        let bus = BrokenBus(InProcessBus(), subjects: [DNSSettingsPublished.subject])
        let gateway = ControlGatewayService(
            configuration: .init(serverURL: "http://127.0.0.1", instance: "g", addressPrefixes: [], version: "0"),
            dependencies: .init(
                bus: bus,
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                now: { .fixture },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        await #expect(throws: BusError.self) { try await gateway.run() }
    }
}
