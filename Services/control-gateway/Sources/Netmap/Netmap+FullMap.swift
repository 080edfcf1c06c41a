package import ControlModel
package import Foundation
import NIOCore
import PolicyLanguage
import TailcfgWire

extension Netmap {
    /// A whole map for one node: its own small frames around shared ones.
    ///
    /// Peers are as of the last flush, matching the log's end; the node itself is as of now.
    package mutating func fullMap(for node: Node, isCompressed: Bool, withPeers: Bool = true, now: Date) -> MapPayload {
        let number = classNumber(of: engine.viewerUnit(of: node.id.rawValue))
        let own = ownForm(node, now: now)
        let (filter, ssh) = (filterText(of: node.id), sshText(of: node.id))
        let sections = sharedSections(number, for: ClientKind(node.hostinfo))
        var writer = PieceWriter(encoder: encoder, isCompressed: isCompressed)
        let clientVersion = formats.clientReleases?.notice(to: node.hostinfo)
        writer.write { MapText.beginFull(own: own, clientVersion: clientVersion, now: now, into: &$0) }
        if let filter {
            filter.write(to: &writer)
            writer.write { $0.writeStaticString(",") }
        }
        if let ssh {
            ssh.write(to: &writer)
            writer.write { $0.writeStaticString(",") }
        }
        writer.append(sections)
        let counts = viewerClasses[number]?.told.nodeCounts ?? [:]
        if counts[own.user] == nil, let profile = profile(of: own.user) {
            let isFirst = !counts.keys.contains { profiles[$0] != nil }
            writer.write { text in
                if !isFirst { text.writeStaticString(",") }
                text.writeImmutableBuffer(MapText.profile(profile))
            }
        }
        writer.write { $0.writeStaticString("]") }
        // Clients ignore an empty list or take it as "forget all": with no peers the key is left out.
        if withPeers, hasPeers(besides: node.id, in: number) {
            writer.write { $0.writeStaticString(",\"Peers\":[") }
            writePeers(of: number, excluding: node.id, to: &writer)
            writer.write { $0.writeStaticString("]") }
        }
        writer.write { $0.writeStaticString("}") }
        return writer.finish()
    }

    private mutating func writePeers(of number: Int, excluding viewer: NodeID, to writer: inout PieceWriter) {
        let published = published
        viewerClasses[number]?.told.write(to: &writer, excluding: viewer, encoder: encoder) { id, variant in
            published[id]?.text(variant) ?? ByteBuffer()
        }
    }

    /// Whether a full map on an open stream can say all: without peers it cannot take back the ones sent before.
    mutating func hasPeers(besides id: NodeID) -> Bool {
        hasPeers(besides: id, in: classNumber(of: engine.viewerUnit(of: id.rawValue)))
    }

    func hasPeers(besides id: NodeID, in number: Int) -> Bool {
        guard let peers = viewerClasses[number]?.told.peers else { return false }
        return peers.count > (peers.contains(id) ? 1 : 0)
    }

    /// The profile of a user id as of the last flush, or of now for one that is new.
    func profile(of user: Int64) -> WireUserProfile? {
        profiles[user] ?? UserID(user).flatMap { replica.users[$0] }.map(WireUserProfile.init)
    }

    private mutating func sharedSections(_ number: Int, for kind: ClientKind) -> EncodedPiece {
        let kind = replica.relays.isSame ? .go : kind
        if let sections = viewerClasses[number]?.sections[kind] { return sections }
        let counts = viewerClasses[number]?.told.nodeCounts ?? [:]
        var text = ByteBuffer()
        MapText.sections(
            of: replica,
            for: kind,
            formats: formats,
            isPolicyInForce: isPolicyInForce,
            profiles: counts.keys.compactMap { profiles[$0] }.sorted { $0.id < $1.id },
            into: &text
        )
        let piece = encoder.encode(text)
        viewerClasses[number]?.sections[kind] = piece
        return piece
    }
}
