import ControlModel
import Hummingbird
import ServiceKit

extension Identifier {
    /// Reads an id that a caller sent at `location`, `path.id` for one.
    init(admin text: String, at location: String) throws(AdminProblem) {
        guard let value = Self(text) else { throw .badField(location, "expected an id: a number from 1 to 2^53-1") }
        self = value
    }
}

extension SurfaceContext {
    /// The path parameter `name` as an id.
    func adminIdentifier<Entity>(
        _ name: String,
        of type: Identifier<Entity>.Type
    ) throws(AdminProblem) -> Identifier<Entity> {
        try Identifier<Entity>(admin: try adminText(name), at: "path.\(name)")
    }
}

extension Request {
    /// The query parameter `name`; `nil` when absent or empty.
    func adminQuery(_ name: String) -> String? {
        guard let value = uri.queryParameters.get(name), !value.isEmpty else { return nil }
        return value
    }

    /// The query parameter `name` as a number; `nil` when absent.
    func adminNumber(_ name: String) throws(AdminProblem) -> Int? {
        guard let text = adminQuery(name) else { return nil }
        guard let number = Int(text), number > 0 else { throw .badField("query.\(name)", "expected a number from 1") }
        return number
    }
}
