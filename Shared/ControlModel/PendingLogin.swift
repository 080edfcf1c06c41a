public import Foundation
public import Keys

/// A device that asked to come in and waits for a person to decide, or a device whose user must confirm a login by SSH.
///
/// A row with a deadline: whichever gateway the device or the person talks to finds it.
public struct PendingLogin: Hashable, Sendable, Codable {
    public var id: LoginID
    public var tailnet: TailnetID
    public var machineKey: MachinePublicKey
    /// The key to be registered; with `machineKey` and `check` unique among the logins of a tailnet.
    public var nodeKey: NodePublicKey
    /// The key that `nodeKey` replaces; `nil` if none.
    public var oldNodeKey: NodePublicKey?
    public var hostinfo: Hostinfo
    public var isEphemeral: Bool
    /// Expiry that the client asks for; `nil` leaves it to the server.
    public var expiry: Date?
    public var capabilityVersion: CapabilityVersion
    /// Where the request came from, for limits; empty where unknown.
    public var source: String
    /// What is to be confirmed instead of the device's own entry; keys and hostinfo are those of the check's source then.
    public var check: SSHCheck?
    public var state: State
    /// Why the device was turned away, where nobody just said no.
    public var refusal: String?
    public var createdAt: Date
    /// When it counts as not there.
    public var deadline: Date
    /// Grows by one with each replacement of the row.
    public var version: Int

    /// What has been decided.
    public enum State: Hashable, Sendable, Codable {
        case waiting
        /// Somebody let the device in; whoever sees this first makes the node.
        case approved(user: UserID, method: RegisterMethod, expiry: Date?)
        case rejected
        /// The node was made; of a check: it was confirmed, and this is its source.
        case done(node: NodeID)
    }

    public init(
        id: LoginID,
        tailnet: TailnetID,
        machineKey: MachinePublicKey,
        nodeKey: NodePublicKey,
        oldNodeKey: NodePublicKey?,
        hostinfo: Hostinfo,
        isEphemeral: Bool = false,
        expiry: Date? = nil,
        capabilityVersion: CapabilityVersion,
        source: String = "",
        check: SSHCheck? = nil,
        state: State = .waiting,
        refusal: String? = nil,
        createdAt: Date,
        deadline: Date,
        version: Int = 1
    ) {
        self.id = id
        self.tailnet = tailnet
        self.machineKey = machineKey
        self.nodeKey = nodeKey
        self.oldNodeKey = oldNodeKey
        self.hostinfo = hostinfo
        self.isEphemeral = isEphemeral
        self.expiry = expiry
        self.capabilityVersion = capabilityVersion
        self.source = source
        self.check = check
        self.state = state
        self.refusal = refusal
        self.createdAt = createdAt
        self.deadline = deadline
        self.version = version
    }

    /// Whether nothing can come of it any more: another request of the device begins a new one.
    public var isOver: Bool {
        switch state {
        case .waiting, .approved: false
        case .rejected, .done: true
        }
    }

    public func hasEnded(at now: Date) -> Bool { deadline <= now }
}
