import Logging
import NIOCore
import NIOEmbedded
import ServiceKit

/// Input: the first byte says how the rest is cut (0: not at all), the second one how it ends; the rest is what a client
/// sends.
///
/// However it goes, the connection must end when the client is silent, unless it left HTTP; no request may go on without
/// it, no promise may be left open (NIO stops the program for that) and nothing of it may stay in memory.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard count >= 2 else { return 0 }
    var rest = ByteBuffer(bytes: input.dropFirst(2))
    let (seed, ending) = (Int(input[0]), Ending(rawValue: input[1] % 4) ?? .silence)
    var connection: Connection? = Connection()
    var sliceCount = 0
    while rest.readableBytes > 0, connection?.isOpen == true {
        sliceCount += 1
        let length = seed == 0 ? rest.readableBytes : seed * sliceCount % 97 + 1
        guard let slice = rest.readSlice(length: min(length, rest.readableBytes)) else { break }
        connection?.receive(slice)
    }
    connection?.end(ending)
    weak let channel = connection?.channel
    connection = nil
    precondition(channel == nil, "a connection stays in memory")
    return 0
}

/// How a connection comes to its end.
enum Ending: UInt8 {
    case silence
    case clientCloses
    case listenerStops
    /// Half of the time-outs pass, then the client closes.
    case pause
}

/// One connection of a listener, on a loop and tasks that this thread runs.
private final class Connection {
    let channel: EmbeddedChannel
    private let loop = EmbeddedEventLoop()
    private let surface = FuzzedSurface()

    init() {
        SteppedTasks.install()
        channel = EmbeddedChannel(loop: loop)
        let configuration = ListenerConfiguration(address: .tcp(host: "127.0.0.1", port: 0))
        let logger = Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() })
        let server = SurfaceServer(surface: surface.surface, configuration: configuration, logger: logger)
        do {
            try server.install(on: channel)
            channel.connect(to: try SocketAddress(ipAddress: "192.0.2.1", port: 1), promise: nil)
        } catch {
            preconditionFailure("a connection cannot be made: \(error)")
        }
    }

    var isOpen: Bool { channel.isActive }

    func receive(_ slice: ByteBuffer) {
        // What no handler takes, and errors that reach the end of the pipeline, are thrown back here.
        _ = try? channel.writeInbound(slice)
        settle()
    }

    func end(_ ending: Ending) {
        switch ending {
        case .silence, .clientCloses: break
        case .listenerStops: channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        case .pause: pass(.seconds(15))
        }
        settle()
        if ending == .silence || ending == .listenerStops {
            // Longer than all limits of a listener together.
            for _ in 0..<10 { pass(.seconds(60)) }
            precondition(!isOpen || surface.hasUpgraded, "a silent client is not closed")
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        settle()
        precondition(surface.runningCount == 0, "a request goes on without its connection")
    }

    private func pass(_ time: TimeAmount) {
        loop.advanceTime(by: time)
        settle()
    }

    /// Runs all that can run now.
    private func settle() {
        var rounds = 0
        repeat {
            rounds += 1
            precondition(rounds < 100_000, "it never comes to rest")
            loop.run()
            while (try? channel.readOutbound(as: IOData.self)) != nil {}
            while (try? channel.readInbound(as: NIOAny.self)) != nil {}
        } while SteppedTasks.runAll() > 0
    }
}
