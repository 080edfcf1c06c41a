public import Hummingbird

/// What a listener serves: routes and protocol upgrades, registered by one service or several.
///
/// In one process with all services, one surface carries the routes of all of them.
public struct HTTPSurface {
    public let router: Router<SurfaceContext>
    /// Asked in order; the first that does not answer `.notMine` decides.
    public var upgrades: [any UpgradeHandler]

    public init() {
        // A GET route answers HEAD too; the listener leaves the body out.
        router = Router(context: SurfaceContext.self, options: .autoGenerateHeadEndpoints)
        upgrades = []
    }
}
