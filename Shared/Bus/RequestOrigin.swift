/// On whose behalf a request is made, for the audit log.
///
/// Bus adapters carry it beside each request: the asker's ``current`` is the handler's.
public struct RequestOrigin: Hashable, Sendable, Codable {
    /// Who, in words that tell actors apart: `local socket`, `api key 3`, `node mkey:…`, `login at https://…`.
    public var actor: String
    /// Network address; `nil` where there is none.
    public var source: String?

    /// Texts are cut at ``limit``.
    public init(actor: String, source: String? = nil) {
        self.actor = String(actor.prefix(Self.limit))
        self.source = source.map { String($0.prefix(Self.limit)) }
    }

    /// Of the request in hand; `nil` for what a service does by itself.
    @TaskLocal public static var current: RequestOrigin?

    /// Longest actor and longest source, in characters.
    public static let limit = 64
}
