import NIOCore
import NIOPosix

/// Tells clients their public address over UDP.
struct STUNServer: Sendable {
    private let channel: any Channel
    let port: Int

    /// - Parameter port: 0 for any free one.
    static func bind(
        host: String,
        port: Int,
        group: any EventLoopGroup,
        metrics: DERPMetrics
    ) async throws(DERPServiceError) -> STUNServer {
        do {
            let channel = try await DatagramBootstrap(group: group)
                .channelOption(.socketOption(.so_reuseaddr), value: 1)
                .channelOption(.datagramVectorReadMessageCount, value: STUNHandler.datagramsPerRead)
                .channelOption(.recvAllocator, value: STUNHandler.receiveAllocator)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(STUNHandler(metrics: metrics))
                    }
                }
                .bind(host: host, port: port).get()
            return STUNServer(channel: channel, port: channel.localAddress?.port ?? port)
        } catch {
            throw .stunBindFailed(address: "\(host):\(port)", cause: error)
        }
    }

    /// Serves until the calling task is cancelled.
    func run() async throws {
        try await withTaskCancellationHandler {
            try await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}
