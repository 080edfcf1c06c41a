public import NIOCore

/// What a client does next with a login by SSH that it asked about.
///
/// - Wire: answer to `GET /machine/ssh/action/…`.
/// - Source: `tailcfg.SSHAction`.
public enum WireSSHVerdict: Hashable, Sendable {
    /// Let it in, with what this rule says of forwarding and recording.
    case accept(WireSSHRule)
    /// Turn it away with this text.
    case reject(message: String)
    /// Ask again at this URL, which may take its time to answer.
    case delegate(url: String, message: String)

    public func encoded() -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        switch self {
        case .accept(var rule):
            rule.action = .accept
            json.writeAction(of: rule)
        case .reject(let message):
            json.key("message")
            json.string(message)
            json.key("reject")
            json.bool(true)
        case .delegate(let url, let message):
            if !message.isEmpty {
                json.key("message")
                json.string(message)
            }
            json.key("holdAndDelegate")
            json.string(url)
        }
        json.endObject()
        return json.take()
    }
}
