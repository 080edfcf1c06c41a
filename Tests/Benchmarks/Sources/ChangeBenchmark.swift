import Bus
import ControlGatewayService
import ControlModel
import Foundation
import IPAddresses
import NIOPosix
import Synchronization
import TailcfgWire
import TestKit

/// Nodes at two gateways report new endpoints; how long until a client of the other gateway has read that.
///
/// The way of each change: HTTP/2 in Noise to its gateway, NATS, the registry's batch, PostgreSQL, NATS, the other gateway's
/// engine, and the sockets of all its clients. The clients run in this process, on the same cores: those that are only there to be
/// written to decrypt what comes and throw it away, those that note times have a thread of their own. So the time to the frame that the gateway writes is shorter than what this shows.
enum ChangeBenchmark {
    private static let count = 1000
    private static let changes = 600
    /// Between two changes, on the average: 20 a second.
    private static let interval = Duration.milliseconds(50)
    private static let gateways = 2
    /// Clients of each gateway that note times: some of those to whom a change is written are written to earlier than others.
    private static let watching = 4
    /// Joins under way at once.
    private static let width = 50

    static func run() async throws -> [Measurement] {
        let shape = try await SplitShape()
        return try await shape.run { bus in
            try await shape.withGateway("a") { first, firstAddress in
                try await shape.withGateway("b") { second, secondAddress in
                    try await eventually("both are ready") { first.isReady && second.isReady }
                    let key = try await authKey(bus)
                    let addresses = [firstAddress, secondAddress]
                    let crowd = try await join(addresses, key: key)
                    let watchers = addresses.map { address in (0..<watching).map { _ in Watcher(address) } }
                    // Else they would read when all others of their thread have read.
                    return try await ClientChannel.$group.withValue(MultiThreadedEventLoopGroup(numberOfThreads: 1)) {
                        try await measure(crowd, watchers, key: key)
                    }
                }
            }
        }
    }

    private static func authKey(_ bus: any Bus) async throws -> String {
        let user = try await bus.request(CreateUser(name: "ada"), tailnet: .default)
        let request = CreateAuthKey(user: user.id, tags: [], isReusable: true, isEphemeral: false, expiry: nil)
        return try await bus.request(request, tailnet: .default).secret
    }

    /// Nodes with even numbers at the first gateway, the others at the second.
    private static func join(_ addresses: [ServerAddress], key: String) async throws -> [SimulatedNode] {
        let crowd = (0..<count).map { SimulatedNode(addresses[$0 % gateways], hostname: "node-\($0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, node) in crowd.enumerated() {
                if number >= width { try await group.next() }
                group.addTask {
                    try await node.register(authKey: key)
                    try await node.startMap(.init(isRead: false))
                }
            }
            try await group.waitForAll()
        }
        return crowd
    }

    private static func measure(
        _ crowd: [SimulatedNode],
        _ watchers: [[Watcher]],
        key: String
    ) async throws -> [Measurement] {
        for watcher in watchers.joined() {
            let map = try await watcher.join(key: key)
            try await eventually("all are seen, online", within: .seconds(60), every: .milliseconds(100)) {
                map.view.peers.values.count { $0.isOnline == true } >= count
            }
        }
        var random = SplitMix(state: 1)
        var next = ContinuousClock.now + .seconds(2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for change in 0..<changes {
                // Uniform between none and twice the interval, so that some come together.
                next += interval * Int(random.next() % 1000) / 500
                // Each another one: of two changes of one node, the first may never be told.
                let (node, start) = (change * 7 % count, next)
                group.addTask {
                    try await ContinuousClock().sleep(until: start)
                    let endpoint = endpoint(of: change)
                    for watcher in watchers[(node + 1) % gateways] { watcher.awaits(endpoint) }
                    try await crowd[node].update(endpoints: [endpoint])
                }
            }
            try await group.waitForAll()
        }
        for watcher in watchers.joined() {
            try await eventually("all changes have come", within: .seconds(30)) { watcher.isDone }
        }
        let times = watchers.joined().flatMap(\.times).sorted()
        let name = "change at one gateway to a client of the other, \(count) nodes, 20 changes/s"
        return [50, 99, 100].map { percent in
            Measurement(
                name: name + (percent == 100 ? ", most" : ", p\(percent)"),
                duration: times[min(times.count - 1, times.count * percent / 100)]
            )
        }
    }

    private static func endpoint(of change: Int) -> IPEndpoint {
        IPEndpoint(address: .v4(IPv4Address(0x0A00_0000 + UInt32(change))), port: 41641)
    }
}

/// A client that notes when it reads of a change.
private final class Watcher: Sendable {
    private struct State {
        var awaited: [IPEndpoint: ContinuousClock.Instant] = [:]
        var times: [Duration] = []
    }

    private let state = Mutex(State())
    private let node: SimulatedNode

    init(_ address: ServerAddress) {
        node = SimulatedNode(address, hostname: "watcher")
    }

    func join(key: String) async throws -> MapSession {
        try await node.register(authKey: key)
        var options = SimulatedNode.MapOptions()
        options.onMessage = { [weak self] in self?.read($0) }
        return try await node.startMap(options)
    }

    /// A change that is about to be reported.
    func awaits(_ endpoint: IPEndpoint) {
        state.withLock { $0.awaited[endpoint] = .now }
    }

    var isDone: Bool { state.withLock { $0.awaited.isEmpty } }
    var times: [Duration] { state.withLock { $0.times } }

    private func read(_ message: ClientMapResponse) {
        let patched = (message.peersChangedPatch ?? []).compactMap(\.endpoints)
        let endpoints = (patched + (message.peersChanged ?? []).compactMap(\.endpoints)).joined()
        state.withLock { state in
            for endpoint in endpoints {
                guard let start = state.awaited.removeValue(forKey: endpoint) else { continue }
                state.times.append(.now - start)
            }
        }
    }
}
