public import ControlModel
import TailcfgWire

/// What clients are told of newer releases of themselves; the server asks nobody, so an administrator says it.
public struct ClientReleases: Hashable, Sendable {
    /// The newest release that clients should have.
    public var latest: ClientRelease
    /// Earlier ones lack a fix that should not wait.
    public var urgentBelow: ClientRelease?
    /// Whether users are told beyond what the client's status says.
    public var isNotifying: Bool
    /// Where the notice leads; empty: wherever the client thinks best.
    public var url: String
    /// The words of the notice; empty: the client's own.
    public var text: String

    public init(
        latest: ClientRelease,
        urgentBelow: ClientRelease? = nil,
        isNotifying: Bool = false,
        url: String = "",
        text: String = ""
    ) {
        self.latest = latest
        self.urgentBelow = urgentBelow
        self.isNotifying = isNotifying
        self.url = url
        self.text = text
    }

    /// What a client is told; `nil`: nothing, as it does not say which release it is, or is no client in Go, which count differently.
    ///
    /// A client of an unstable line is behind the stable release that its line becomes, and before all earlier ones.
    func notice(to hostinfo: Hostinfo) -> WireClientVersion? {
        guard ClientKind(hostinfo) == .go, let release = ClientRelease(hostinfo.clientVersion) else { return nil }
        guard release < latest else { return .latest }
        return .update(
            WireClientVersion.Update(
                version: latest.description,
                isUrgent: urgentBelow.map { release < $0 } ?? false,
                notice: isNotifying ? WireClientVersion.Notice(url: url, text: text) : nil
            )
        )
    }
}
