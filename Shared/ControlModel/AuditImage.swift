import Foundation
import IPAddresses
import Keys

/// What the audit log tells of a row: the fields that people decide about, as text, and no secrets.
///
/// What clients report about themselves is not among them, but for attributes: policies may ask for these.
public struct AuditImage: Hashable, Sendable {
    public var target: AuditRecord.Target
    public var fields: [String: String]

    public init(_ user: User) {
        target = .init(kind: .user, id: user.id.rawValue, name: user.name)
        fields = [
            "name": user.name, "displayName": user.displayName, "email": user.email,
            "profilePictureURL": user.profilePictureURL, "role": user.role.rawValue,
            "identity": user.identity?.key ?? "",
            "providerGroups": user.identity?.groups.joined(separator: ",") ?? "",
        ]
    }

    public init(_ node: Node) {
        target = .init(kind: .node, id: node.id.rawValue, name: node.givenName)
        fields = [
            "givenName": node.givenName, "hostname": node.hostname,
            "user": node.user.map { "\($0)" } ?? "", "tags": node.tags.joined(separator: ","),
            "machineKey": "\(node.machineKey)", "nodeKey": "\(node.nodeKey)",
            "addresses": node.addresses.map { "\($0.address)" }.joined(separator: ","),
            "expiry": node.expiry.map(Self.text) ?? "",
            "approvedRoutes": node.approvedRoutes.map { "\($0)" }.joined(separator: ","),
            "registerMethod": node.registerMethod.rawValue,
            "authKey": node.authKey.map { "\($0)" } ?? "", "ephemeral": node.isEphemeral ? "true" : "",
            "approved": node.isApproved ? "true" : "",
        ]
        for attribute in node.attributes { fields[attribute.name] = Self.text(attribute) }
    }

    public init(_ key: AuthKey) {
        target = .init(kind: .authKey, id: key.id.rawValue, name: key.prefix)
        fields = [
            "user": key.user.map { "\($0)" } ?? "", "tags": key.tags.joined(separator: ","),
            "reusable": key.isReusable ? "true" : "", "ephemeral": key.isEphemeral ? "true" : "",
            "preapproved": key.isPreapproved ? "true" : "", "used": key.isUsed ? "true" : "",
            "expiry": Self.text(key.expiry),
        ]
    }

    public init(_ key: APIKey) {
        target = .init(kind: .apiKey, id: key.id.rawValue, name: key.prefix)
        fields = ["expiry": Self.text(key.expiry)]
    }

    private static func text(_ attribute: DeviceAttribute) -> String {
        let end = attribute.expiry.map { " until \(text($0))" } ?? ""
        return "\(attribute.value)\(end)" + (attribute.comment.isEmpty ? "" : " (\(attribute.comment))")
    }

    private static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}

extension AuditRecord {
    /// The record of a change; `nil` when nothing differs of what the log tells.
    ///
    /// - Parameters:
    ///   - old: the row before; `nil` when it was made.
    ///   - new: the row after; `nil` when it was removed.
    public init?(from old: AuditImage?, to new: AuditImage?, version: Version, cause: AuditCause) {
        guard let target = (new ?? old)?.target else { return nil }
        var (had, has) = (old?.fields ?? [:], new?.fields ?? [:])
        let differing = Set(had.keys).union(has.keys).filter { had[$0, default: ""] != has[$0, default: ""] }
        if old != nil, new != nil, differing.isEmpty { return nil }
        // A row that stays has a value before and after of each: one that is not there is empty, as it is for whoever reads.
        if old != nil, new != nil {
            for name in differing {
                had[name] = had[name, default: ""]
                has[name] = has[name, default: ""]
            }
        }
        self.init(
            version: version,
            cause: cause,
            target: target,
            before: had.filter { differing.contains($0.key) },
            after: has.filter { differing.contains($0.key) }
        )
    }
}
