public import ControlModel
public import Foundation

/// Who is online, as rows: any registry takes any report, and any of them ends what is over.
///
/// No clock decides. A gateway has a beat, which grows with each of its reports. A node that is online and held by no gateway has
/// a mark, which is another one each time it is let go. Who has seen a beat or a mark unchanged for long enough, on a clock of
/// its own, ends it; the write does nothing when it is not the same any more. A node is online from the moment in which a
/// gateway holds it until its last gateway's lease or its mark is ended. Adapters pass `PresenceStoreContract`.
///
/// Every method is one transaction, with a row in the change log for each node that it changes. What it returns are these
/// changes, by node, with contiguous versions.
public protocol PresenceStore: Sendable {
    /// Takes a gateway's report.
    ///
    /// - Cost: a report that changes nothing writes the beat alone; one with many nodes takes a few statements and a write for
    ///   each node that goes online.
    func takePresence(
        _ report: PresenceReport,
        tailnet: TailnetID
    ) async throws(StorageError) -> PresenceReceipt

    /// What may come to an end.
    func presence(of tailnet: TailnetID) async throws(StorageError) -> PresenceSurvey

    /// Forgets a gateway whose beat is still `beat`; nodes that no other gateway holds go offline, last seen at `lastSeen`.
    func endLease(
        of gateway: String,
        beat: Int64,
        lastSeen: Date,
        tailnet: TailnetID
    ) async throws(StorageError) -> [RegistryChange]

    /// Sets nodes offline whose marks are still the same.
    func endGrace(_ departures: [Departure], tailnet: TailnetID) async throws(StorageError) -> [RegistryChange]

    /// Ephemeral nodes that are offline and were last seen at `date` or before, longest away first, at most `limit`.
    ///
    /// Those that were never online count as seen when they were created.
    func idleEphemerals(
        lastSeenBy date: Date,
        limit: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> [Node]
}

/// Which nodes a gateway holds.
public struct PresenceReport: Sendable {
    /// Unique to one start of one gateway.
    public var gateway: String
    /// The number of this report, which becomes the gateway's beat; `nil` where the gateway does not count: the next beat.
    public var sequence: Int64?
    /// Nodes that are held; those that do not exist are passed over.
    public var connected: [NodeID]
    /// Nodes that are let go, also when `connected` names them; not looked at in a complete report.
    public var disconnected: [NodeID]
    /// Whether all others are let go.
    public var isComplete: Bool
    /// When nodes that go online were last seen.
    public var date: Date

    public init(
        gateway: String,
        sequence: Int64? = nil,
        connected: [NodeID] = [],
        disconnected: [NodeID] = [],
        isComplete: Bool = false,
        date: Date
    ) {
        self.gateway = gateway
        self.sequence = sequence
        self.connected = connected
        self.disconnected = disconnected
        self.isComplete = isComplete
        self.date = date
    }
}

/// What became of a report.
public enum PresenceReceipt: Hashable, Sendable {
    /// It is written.
    ///
    /// `wantsComplete`: reports before it are missing, for the gateway was not known, or skipped numbers; it should send all.
    case taken(changes: [RegistryChange], wantsComplete: Bool)
    /// A report with this number or a later one came before; nothing is written.
    case outdated
    /// ``PresenceSurvey/gatewayLimit`` others are known; nothing is written.
    case tooManyGateways
}

/// What presence there is that may come to an end.
public struct PresenceSurvey: Hashable, Sendable {
    /// Gateways known at once; reports of further ones are not taken.
    public static let gatewayLimit = 256

    /// Beats of gateways.
    public var gateways: [String: Int64]
    /// Marks of nodes that are online and held by no gateway.
    public var leaving: [NodeID: Int64]

    public init(gateways: [String: Int64] = [:], leaving: [NodeID: Int64] = [:]) {
        self.gateways = gateways
        self.leaving = leaving
    }
}

/// The end of a node's presence, if its mark is still `mark`.
public struct Departure: Hashable, Sendable {
    public var node: NodeID
    public var mark: Int64
    /// When it was last held.
    public var lastSeen: Date

    public init(node: NodeID, mark: Int64, lastSeen: Date) {
        self.node = node
        self.mark = mark
        self.lastSeen = lastSeen
    }
}
