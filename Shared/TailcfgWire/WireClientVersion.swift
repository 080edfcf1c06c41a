/// What a client is told of newer releases of itself.
///
/// - Source: `tailcfg.ClientVersion`.
public enum WireClientVersion: Hashable, Sendable {
    /// There is none, which silences what it was told before.
    case latest
    case update(Update)

    /// A newer release.
    public struct Update: Hashable, Sendable {
        public var version: String
        /// Whether the client lacks a fix that should not wait.
        public var isUrgent: Bool
        /// Whether its user is told so beyond what the client's status says.
        public var notice: Notice?

        public init(version: String, isUrgent: Bool = false, notice: Notice? = nil) {
            self.version = version
            self.isUrgent = isUrgent
            self.notice = notice
        }
    }

    /// What a user is told; where empty, the client finds words of its own.
    public struct Notice: Hashable, Sendable {
        public var url: String
        public var text: String

        public init(url: String = "", text: String = "") {
            self.url = url
            self.text = text
        }
    }
}

extension JSONWriter {
    /// Tells a client of releases; clients build their whole network anew for it.
    public mutating func clientVersionField(_ version: WireClientVersion) {
        key("ClientVersion")
        beginObject()
        switch version {
        case .latest:
            key("RunningLatest")
            bool(true)
        case .update(let update):
            key("LatestVersion")
            string(update.version)
            if update.isUrgent {
                key("UrgentSecurityUpdate")
                bool(true)
            }
            if let notice = update.notice {
                key("Notify")
                bool(true)
                if !notice.url.isEmpty {
                    key("NotifyURL")
                    string(notice.url)
                }
                if !notice.text.isEmpty {
                    key("NotifyText")
                    string(notice.text)
                }
            }
        }
        endObject()
    }
}
