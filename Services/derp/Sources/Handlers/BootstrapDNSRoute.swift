import Foundation
import HTTPTypes
import Hummingbird
import ServiceKit

/// Addresses of the names that a client without working DNS needs.
///
/// - Wire: `{"host":["ip",…]}`; with `?q=` that name alone where it is known, else all.
/// - Source: `cmd/derper/bootstrap_dns.go`.
struct BootstrapDNSRoute: Sendable {
    /// Names in lower case without final dot.
    private let names: [String: [String]]

    init(hostName: String, addresses: [String], names: [String: [String]]) {
        var all: [String: [String]] = [:]
        for (name, addresses) in names { all[Self.folded(name)] = addresses }
        if !addresses.isEmpty { all[Self.folded(hostName)] = addresses }
        self.names = all
    }

    func register(on router: Router<SurfaceContext>) {
        router.get("/bootstrap-dns") { request, _ in
            let query = request.uri.queryParameters["q"].map { Self.folded(String($0)) }
            let asked = query.flatMap { name in names[name].map { [name: $0] } } ?? names
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return Response(
                status: .ok,
                headers: [.contentType: "application/json", .connection: "close"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(asked)))
            )
        }
    }

    private static func folded(_ name: String) -> String {
        let name = name.lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}
