public import ControlModel
public import Foundation
public import IPAddresses
public import Keys
public import NIOCore
public import TailcfgWire

/// A small true control client: Noise, HTTP/2, registration, map streams; no WireGuard.
///
/// It connects when it first asks something, and again after ``disconnect()``. Nothing is retried: a test sees every refusal.
public actor SimulatedNode {
    public nonisolated let machineKey: MachinePrivateKey
    private var server: ServerAddress
    private let capabilityVersion: CapabilityVersion
    private let casing: KeyCasing
    public private(set) var nodeKey: NodePrivateKey
    public private(set) var discoKey = DiscoPrivateKey.generate()
    public var hostinfo: Hostinfo
    private var endpoints: [NodeEndpoint] = []
    private var connection: ControlConnection?
    private var lastOptions = MapOptions()
    /// The map stream that was started last.
    public private(set) var session: MapSession?

    /// - Parameter casing: how it writes JSON keys, as the Go or the Rust client.
    public init(
        _ server: ServerAddress,
        hostname: String,
        machineKey: MachinePrivateKey = .generate(),
        nodeKey: NodePrivateKey = .generate(),
        capabilityVersion: CapabilityVersion = .minimum,
        casing: KeyCasing = .go
    ) {
        self.server = server
        self.machineKey = machineKey
        self.nodeKey = nodeKey
        self.capabilityVersion = capabilityVersion
        self.casing = casing
        hostinfo = Hostinfo()
        hostinfo.hostname = hostname
        hostinfo.os = "linux"
        hostinfo.clientVersion = "1.80.0"
    }

    /// How a map stream is asked for.
    public struct MapOptions: Sendable {
        public var isCompressed = true
        public var wantsKeepAlive = true
        public var omitPeers = false
        public var isReadOnly = false
        /// Whether messages are read; a crowd whose views nobody looks at only counts their bytes.
        public var isRead = true
        /// Called with each message that was read, in order.
        public var onMessage: (@Sendable (ClientMapResponse) -> Void)?

        public init(
            isCompressed: Bool = true,
            omitPeers: Bool = false,
            isReadOnly: Bool = false,
            isRead: Bool = true
        ) {
            self.isCompressed = isCompressed
            self.omitPeers = omitPeers
            self.isReadOnly = isReadOnly
            self.isRead = isRead
        }
    }

    /// Asks to be let in, with the node key there is.
    @discardableResult
    public func register(
        authKey: String = "",
        isEphemeral: Bool = false,
        tags: [String] = [],
        expiry: Date? = nil,
        replacing oldNodeKey: NodePublicKey = .zero,
        followup: String = ""
    ) async throws -> ClientRegisterResponse {
        var request = RegisterRequest()
        request.version = capabilityVersion
        request.nodeKey = nodeKey.publicKey
        request.oldNodeKey = oldNodeKey
        request.authKey = authKey
        request.hostinfo = hostinfo
        request.hostinfo.requestTags = tags
        request.isEphemeral = isEphemeral
        request.expiry = expiry
        request.followup = followup
        let body = request.encoded(as: casing)
        let answer = try await self.request(ControlRequest("POST", "/machine/register", body: body))
        return try ClientRegisterResponse.decode(answer.success())
    }

    /// Asks again at the address that the server gave, and waits for its answer.
    @discardableResult
    public func follow(_ authURL: String) async throws -> ClientRegisterResponse {
        try await register(followup: authURL)
    }

    /// Registers with a new node key in place of the one there is, as `tailscale login` does.
    @discardableResult
    public func renewKey(authKey: String = "", tags: [String] = []) async throws -> ClientRegisterResponse {
        let old = nodeKey.publicKey
        nodeKey = .generate()
        return try await register(authKey: authKey, tags: tags, replacing: old)
    }

    /// Comes with a new node key and says nothing of the old one, as a client that logs in after a logout.
    @discardableResult
    public func startOver(authKey: String = "", tags: [String] = []) async throws -> ClientRegisterResponse {
        nodeKey = .generate()
        return try await register(authKey: authKey, tags: tags)
    }

    /// Logs out as the Go client does: with an expiry long past.
    @discardableResult
    public func logout() async throws -> ClientRegisterResponse {
        try await register(expiry: Date(timeIntervalSince1970: 123))
    }

    /// Starts a map stream; returns when the server has begun to answer.
    @discardableResult
    public func startMap(_ options: MapOptions = MapOptions()) async throws -> MapSession {
        lastOptions = options
        let session = MapSession(options)
        let request = mapRequest(options, isStream: true)
        try await connected().startMap(ControlRequest("POST", "/machine/map", body: request), into: session)
        self.session = session
        return session
    }

    /// Asks for a map without a stream; the answer's messages.
    public func singleMap(_ options: MapOptions) async throws -> [ClientMapResponse] {
        let body = mapRequest(options, isStream: false)
        let answer = try await request(ControlRequest("POST", "/machine/map", body: body))
        let session = MapSession(options)
        session.received(try answer.success())
        let snapshot = session.snapshot
        guard snapshot.faults.isEmpty else { throw SimulatedClientError.unreadable("\(snapshot.faults)") }
        return snapshot.recent
    }

    /// Reports what changed, beside a running stream.
    public func update(
        endpoints: [IPEndpoint]? = nil,
        homeDERP: Int? = nil,
        newDiscoKey: Bool = false,
        hostinfo change: @Sendable (inout Hostinfo) -> Void = { _ in }
    ) async throws {
        if let endpoints { self.endpoints = endpoints.map { NodeEndpoint(endpoint: $0, type: 1) } }
        if newDiscoKey { discoKey = .generate() }
        if let homeDERP {
            var network = hostinfo.netInfo ?? NetInfo()
            network.preferredDERP = homeDERP
            hostinfo.netInfo = network
        }
        change(&hostinfo)
        let body = mapRequest(MapOptions(omitPeers: true), isStream: false)
        _ = try await request(ControlRequest("POST", "/machine/map", body: body)).success()
    }

    /// Answers the server's questions whether it is there, as the Go client does: with HEAD, over Noise; until cancelled.
    public func answerPings() async {
        var answered: Set<String> = []
        while !Task.isCancelled {
            for ping in session?.snapshot.pings ?? [] where answered.insert(ping.url).inserted {
                _ = try? await request(ControlRequest("HEAD", ping.path))
            }
            // As often as a network would let it.
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Changes what the client says of itself from its next request on.
    public func describe(_ change: @Sendable (inout Hostinfo) -> Void) {
        change(&hostinfo)
    }

    /// Asks anything at all inside the Noise connection.
    public func request(_ request: ControlRequest) async throws -> ControlAnswer {
        try await connected().request(request)
    }

    /// Loses the connection without a word.
    public func disconnect() async {
        await connection?.close()
        connection = nil
    }

    /// Loses the connection; the next one goes to another server.
    public func move(to server: ServerAddress) async {
        await disconnect()
        self.server = server
    }

    /// Loses the connection, comes back and starts a map stream like the last one.
    @discardableResult
    public func reconnect() async throws -> MapSession {
        await disconnect()
        return try await startMap(lastOptions)
    }

    /// What a map request of this node says now.
    public func mapRequest(_ options: MapOptions, isStream: Bool) -> ByteBuffer {
        var request = MapRequest()
        request.version = capabilityVersion
        request.compress = options.isCompressed ? "zstd" : ""
        request.keepAlive = options.wantsKeepAlive
        request.nodeKey = nodeKey.publicKey
        request.discoKey = discoKey.publicKey
        request.isStream = isStream
        request.hostinfo = hostinfo
        request.endpoints = endpoints
        request.omitPeers = options.omitPeers
        request.isReadOnly = options.isReadOnly
        return request.encoded(as: casing)
    }

    private func connected() async throws -> ControlConnection {
        if let connection, connection.isActive { return connection }
        let opened = try await ControlConnection.open(
            server,
            key: machineKey,
            capabilityVersion: capabilityVersion.rawValue
        )
        // Another call may have connected meanwhile: one connection is enough.
        if let connection, connection.isActive {
            await opened.close()
            return connection
        }
        connection = opened
        return opened
    }
}
