import Bus
import ControlModel
import Foundation
import Logging
import NIOCore
import ServiceKit
import TailcfgWire

/// Asks clients that connect what hardware they run on, and tells the registry.
///
/// In groups with a pause between them: after a restart all come at once. Who is silent or refuses is asked again when it comes back.
struct PostureCollector: Sendable {
    /// Clients asked at once.
    static let groupSize = 8
    /// Between two groups: so at most 80 clients a second are asked.
    static let pause = Duration.milliseconds(100)
    static let patience = Duration.seconds(15)

    let asker: ClientAsker
    let queue = PostureQueue()
    let logger: Logger

    init(asker: ClientAsker, logger: Logger) {
        self.asker = asker
        self.logger = logger
    }

    /// Asks those that come, until cancelled.
    func run() async {
        for await _ in queue.signal {
            while case let nodes = queue.take(Self.groupSize), !nodes.isEmpty {
                await withTaskGroup { group in
                    for node in nodes { group.addTask { await collect(node) } }
                }
                guard (try? await asker.clock.sleep(for: Self.pause)) != nil else { return }
            }
        }
    }

    private func collect(_ id: NodeID) async {
        // Clients without Go do not know the question, and would say so each time.
        guard let node = await asker.engine.nodes([id])[id], !node.hostinfo.goVersion.isEmpty else { return }
        do {
            let request = try C2NRequest(path: PostureIdentityResponse.path)
            let bytes = try await asker.ask(.request(request), of: node, within: Self.patience)
            let answer = try C2NResponse.parse(bytes)
            guard answer.status == 200 else {
                logger.debug(
                    "a client tells nothing of its hardware",
                    metadata: [LogKey.node: "\(id)", LogKey.status: "\(answer.status)"]
                )
                return ControlGatewayMetrics.postureCollected("refused")
            }
            let identity = try PostureIdentityResponse.decode(ByteBuffer(bytes: answer.body))
            _ = try await asker.bus.request(
                ReportPostureIdentity(
                    node: id,
                    serialNumbers: identity.serialNumbers,
                    hardwareAddresses: identity.hardwareAddresses,
                    isDisabled: identity.isDisabled
                ),
                tailnet: asker.tailnet
            )
            ControlGatewayMetrics.postureCollected(identity.isDisabled ? "disabled" : "collected")
        } catch {
            logger.debug(
                "a client's hardware was not learned",
                metadata: [LogKey.node: "\(id)", LogKey.error: "\(error)"]
            )
            ControlGatewayMetrics.postureCollected("failed")
        }
    }
}
