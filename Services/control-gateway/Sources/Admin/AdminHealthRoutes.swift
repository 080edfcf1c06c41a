import Bus
import Hummingbird
import ServiceKit

/// `GET /health`: whether the registry and its database answer.
struct AdminHealthRoutes: Sendable {
    let registry: AdminRegistry

    func register(on group: RouterGroup<SurfaceContext>) {
        group.get("health") { _, _ in
            _ = try await registry.ask(CheckRegistry())
            return try AdminResponse.json(["databaseConnectivity": true])
        }
    }
}
