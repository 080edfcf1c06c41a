public import ControlModel

/// What one registry committed, by version; once a second without changes, to tell how far the tailnet is.
///
/// Owner: registry. Readers: control-gateway (network maps), derp (admission), policy (tests), registry (what others give
/// out). Loss: a later event shows a gap, and the reader asks for ``FetchChanges``.
///
/// Several registries publish each what it commits, so events come in any order: ``ChangeSequence`` puts them right. Once a second
/// each publishes the version alone, so that the loss of the last change shows too.
public struct RegistryChanges: BusEvent, Hashable {
    public static let subject = "registry.changes"

    public var changes: [RegistryChange]
    /// The tailnet's version when this was sent; `nil` in events with changes.
    public var version: Version?

    public init(changes: [RegistryChange], version: Version? = nil) {
        self.changes = changes
        self.version = version
    }
}

/// Changes after a version that the asker has.
///
/// Owner: registry. Askers: control-gateway, derp, policy.
public struct FetchChanges: BusRequest, Hashable {
    public static let subject = "registry.changes.fetch"

    public var since: Version

    public init(since: Version) {
        self.since = since
    }

    public struct Response: Sendable, Codable, Hashable {
        /// `nil`: too long ago, ask for a snapshot.
        ///
        /// Ask again from the last version until it is empty.
        public var changes: [RegistryChange]?
        /// The tailnet's version when this was answered.
        public var version: Version

        public init(changes: [RegistryChange]?, version: Version) {
            self.changes = changes
            self.version = version
        }
    }
}

/// A part of all users and nodes.
///
/// Owner: registry. Askers: control-gateway, derp, policy.
///
/// Subscribe to ``RegistryChanges`` first; ask from the start and then after the last node until `next` is `nil`. Rows may be
/// newer than `version` of the first part; what is not newer than a row held is dropped.
public struct FetchSnapshot: BusRequest, Hashable {
    public static let subject = "registry.snapshot.fetch"

    public var after: NodeID?

    public init(after: NodeID? = nil) {
        self.after = after
    }

    public struct Response: Sendable, Codable, Hashable {
        /// The tailnet's version before this part was read.
        public var version: Version
        /// All users; in the first part only.
        public var users: [User]
        public var nodes: [Node]
        /// Where the next part starts; `nil` after the last.
        public var next: NodeID?

        public init(version: Version, users: [User], nodes: [Node], next: NodeID?) {
            self.version = version
            self.users = users
            self.nodes = nodes
            self.next = next
        }
    }
}
