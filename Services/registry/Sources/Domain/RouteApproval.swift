import Bus
import ControlModel
import IPAddresses

/// Which routes somebody approves, as they are kept.
enum RouteApproval {
    /// Approved routes of one node at most.
    static let limit = 4096

    /// Routes to everywhere: whoever may be a way out for one family is one for both.
    static let exitRoutes = [IPPrefix("0.0.0.0/0"), IPPrefix("::/0")].compactMap(\.self)

    /// In order, each once, exit routes in pairs.
    ///
    /// - Throws: `RequestFailure` where a route cannot be meant.
    static func checked(_ routes: [IPPrefix]) throws(RequestFailure) -> [IPPrefix] {
        guard routes.count <= limit else {
            throw RequestFailure(.invalid, "a node has at most \(limit) approved routes")
        }
        for route in routes where route != route.masked {
            throw RequestFailure(.invalid, "\(route) has bits after its length: did you mean \(route.masked)?")
        }
        return completed(routes)
    }

    /// In order, each once, exit routes in pairs.
    static func completed(_ routes: [IPPrefix]) -> [IPPrefix] {
        var result = Set(routes)
        if !result.isDisjoint(with: exitRoutes) { result.formUnion(exitRoutes) }
        return result.sorted()
    }
}
