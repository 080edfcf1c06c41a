import ControlModel
import Foundation
import IPAddresses
import Keys
public import NIOCore

extension RegisterRequest {
    /// The body that a client sends.
    public func encoded(as casing: KeyCasing = .go) -> ByteBuffer {
        var writer = JSONWriter(casing: casing)
        writer.beginObject()
        writer.key("Version")
        writer.integer(version.rawValue)
        writer.key("NodeKey")
        writer.publicKey(nodeKey)
        // The Go client always writes it, the Rust client never.
        if casing == .go {
            writer.key("OldNodeKey")
            writer.publicKey(oldNodeKey)
        }
        writer.field("NLKey", networkLockKey)
        if !authKey.isEmpty {
            writer.key("Auth")
            writer.beginObject()
            writer.key("AuthKey")
            writer.string(authKey)
            writer.endObject()
        }
        if casing == .go || expiry != nil {
            writer.key("Expiry")
            writer.time(expiry ?? WireTime.zero)
        }
        if casing == .go || !followup.isEmpty {
            writer.key("Followup")
            writer.string(followup)
        }
        writer.key("Hostinfo")
        writer.writeHostinfo(hostinfo)
        writer.flag("Ephemeral", isEphemeral)
        if !nodeKeySignature.isEmpty {
            writer.key("NodeKeySignature")
            writer.base64(nodeKeySignature)
        }
        writer.field("Tailnet", tailnet)
        writer.endObject()
        return writer.buffer
    }
}

extension MapRequest {
    /// The body that a client sends.
    public func encoded(as casing: KeyCasing = .go) -> ByteBuffer {
        var writer = JSONWriter(casing: casing)
        writer.beginObject()
        writer.key("Version")
        writer.integer(version.rawValue)
        writer.field("Compress", compress)
        writer.flag("KeepAlive", keepAlive)
        writer.key("NodeKey")
        writer.publicKey(nodeKey)
        writer.key("DiscoKey")
        writer.publicKey(discoKey)
        writer.flag("Stream", isStream)
        if let hostinfo {
            writer.key("Hostinfo", rust: "HostInfo")
            writer.writeHostinfo(hostinfo)
        }
        writer.field("MapSessionHandle", sessionHandle)
        if sessionSequence != 0 {
            writer.key("MapSessionSeq")
            writer.integer(sessionSequence)
        }
        writeEndpoints(to: &writer)
        writer.field("TKAHead", lockHead)
        writer.flag("ReadOnly", isReadOnly)
        writer.flag("OmitPeers", omitPeers)
        writer.field("DebugFlags", debugFlags)
        writer.endObject()
        return writer.buffer
    }

    private func writeEndpoints(to writer: inout JSONWriter) {
        guard !endpoints.isEmpty else { return }
        writer.key("Endpoints")
        writer.endpoints(endpoints.map(\.endpoint))
        writer.key("EndpointTypes")
        writer.beginArray()
        for endpoint in endpoints { writer.integer(endpoint.type) }
        writer.endArray()
    }
}
