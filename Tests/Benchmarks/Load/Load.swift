import Foundation
import IPAddresses
import TailcfgWire
import TestKit

/// Joins many simulated nodes to a running server and says what that cost it.
///
/// usage: swiftscale-load PORT AUTH_KEY COUNT [SERVER_PID]
@main
enum Load {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4, let port = Int(arguments[1]), let count = Int(arguments[3]), count > 0 else {
            print("usage: swiftscale-load PORT AUTH_KEY COUNT [SERVER_PID]")
            exit(64)
        }
        let server = ServerProcess(id: arguments.count > 4 ? arguments[4] : nil)
        let crowd = Crowd(
            nodes: (0..<count).map {
                SimulatedNode(ServerAddress(port: port), hostname: "load-\($0)")
            }
        )
        try await report("join and converge", server) { try await crowd.join(key: arguments[2]) }
        try await report("40 endpoint changes, one after the other", server) { try await crowd.churn(changes: 40) }
        try await report("all reconnect at once", server) { try await crowd.reconnect() }
    }

    private static func report(_ name: String, _ server: ServerProcess, _ work: () async throws -> String) async throws
    {
        let (start, before) = (ContinuousClock.now, server.cpuSeconds)
        let detail = try await work()
        let wall = (ContinuousClock.now - start) / .seconds(1)
        let cpu = server.cpuSeconds - before
        print(
            "\(name): \(round(wall * 100) / 100) s, server CPU \(round(cpu * 100) / 100) s, RSS \(server.residentMB) MB\(detail)"
        )
    }
}

/// Simulated nodes that act together.
struct Crowd {
    /// Joins under way at once, as when a fleet starts.
    private static let width = 50

    let nodes: [SimulatedNode]

    func join(key: String) async throws -> String {
        try await inParallel { number, node in
            try await node.register(authKey: key)
            _ = try await node.startMap()
            try await node.update(endpoints: [endpoint(number, 0)], homeDERP: 999)
        }
        try await converge()
        return ""
    }

    func churn(changes: Int) async throws -> String {
        var delays: [Double] = []
        for change in 1...changes {
            let (mover, watcher) = (nodes[change % nodes.count], nodes[(change + 1) % nodes.count])
            let wanted = endpoint(change % nodes.count, UInt16(change))
            guard let map = await watcher.session, let own = await mover.session?.view.own else { continue }
            let start = ContinuousClock.now
            try await mover.update(endpoints: [wanted], homeDERP: 999)
            while map.view.peers[own.id]?.endpoints != [wanted] { try await Task.sleep(for: .microseconds(200)) }
            delays.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        delays.sort()
        guard let last = delays.last else { return "" }
        return ", change seen by another node after p50 \(Int(delays[delays.count / 2])) ms, most \(Int(last)) ms"
    }

    func reconnect() async throws -> String {
        for node in nodes { await node.disconnect() }
        try await inParallel { _, node in _ = try await node.reconnect() }
        try await converge()
        return ""
    }

    private func inParallel(_ work: @escaping @Sendable (Int, SimulatedNode) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, node) in nodes.enumerated() {
                if number >= Self.width { try await group.next() }
                group.addTask { try await work(number, node) }
            }
            try await group.waitForAll()
        }
    }

    private func converge() async throws {
        for node in nodes {
            guard let map = await node.session else { continue }
            while map.view.peers.count < nodes.count - 1 { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    private func endpoint(_ number: Int, _ port: UInt16) -> IPEndpoint {
        IPEndpoint(address: .v4(IPv4Address(0x0A00_0000 + UInt32(number))), port: 1000 + port)
    }
}

/// What the server used so far, as Linux counts it.
struct ServerProcess {
    let id: String?

    /// User and system time, in seconds.
    var cpuSeconds: Double {
        guard let fields = read("stat")?.split(separator: ")").last?.split(separator: " "), fields.count > 13,
            let user = Double(fields[11]), let system = Double(fields[12])
        else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    var residentMB: Int {
        let line = read("status")?.split(separator: "\n").first { $0.hasPrefix("VmRSS") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
    }

    private func read(_ name: String) -> String? {
        id.flatMap { try? String(contentsOfFile: "/proc/\($0)/\(name)", encoding: .utf8) }
    }
}
