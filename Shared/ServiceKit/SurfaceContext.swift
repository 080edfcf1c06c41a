public import Hummingbird
public import Logging

/// What a route handler knows beside the request.
public struct SurfaceContext: RequestContext {
    public typealias Source = SurfaceContextSource

    public var coreContext: CoreRequestContextStorage
    public let connection: ConnectionInfo

    /// Also in the log lines of the request and in the `X-Request-Id` header of its response.
    public let id: String

    public init(source: SurfaceContextSource) {
        coreContext = .init(source: source)
        connection = source.connection
        id = source.id
    }
}

/// What a ``SurfaceContext`` is made from, one a request.
public struct SurfaceContextSource: RequestContextSource {
    public let logger: Logger
    public let connection: ConnectionInfo
    public let id: String

    public init(logger: Logger, connection: ConnectionInfo, id: String = "") {
        self.logger = logger
        self.connection = connection
        self.id = id
    }
}
