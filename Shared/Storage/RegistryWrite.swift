public import ControlModel

/// One row change in a batch that is committed as a whole.
///
/// `create…` takes a complete row; its `version` field is set by the store. `replace…` expects the row to have the version it
/// carries, and gives it the next one. A write that leaves its row as it was makes no change.
public enum RegistryWrite: Sendable {
    /// Writes nothing itself: what the batch changes after it goes into the audit log with this cause, in the same commit.
    case audit(AuditCause)

    case createUser(User)
    case replaceUser(User)
    /// Refused with `.userHasNodes` while nodes remain. Removes the user's auth keys.
    case deleteUser(UserID)

    case createNode(Node)
    case replaceNode(Node)
    /// A report on top of whatever the row holds; a node that is gone is passed over.
    case updateNodeStatus(NodeID, NodeStatus)
    /// Its addresses become the last ones to be given out again.
    case deleteNode(NodeID)
    /// Leaves a node as it is but for its version, which the record of this event has in the audit log, with these fields.
    ///
    /// Refused with `.stale` when there is no such node.
    case noteNodeEvent(NodeID, [String: String])

    case createAuthKey(AuthKey)
    case replaceAuthKey(AuthKey)
    /// Marks a single-use key as used; refused with `.authKeyUsed` when it was.
    case consumeAuthKey(AuthKeyID)
    case deleteAuthKey(AuthKeyID)

    case createAPIKey(APIKey)
    case replaceAPIKey(APIKey)
    case deleteAPIKey(APIKeyID)
}
