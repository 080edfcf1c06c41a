import Foundation
import NIOCore
import Synchronization

/// As much of a browser as a login needs: cookies, forms, no scripts.
public final class Browser: Sendable {
    private let server: ServerAddress
    private let host: String
    /// By name; paths and times are not looked at.
    private let cookies = Mutex<[String: String]>([:])

    public init(_ server: ServerAddress, host: String = "127.0.0.1") {
        self.server = server
        self.host = host
    }

    public struct Page: Sendable {
        public let status: Int
        public let headers: [(name: String, value: String)]
        public let text: String

        public func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
    }

    public var cookieNames: [String] { cookies.withLock { $0.keys.sorted() } }

    /// Gives another browser the same cookies.
    public func copyCookies(to other: Browser) {
        let mine = cookies.withLock { $0 }
        other.cookies.withLock { $0 = mine }
    }

    public func get(_ path: String, headers: [String: String] = [:]) async throws -> Page {
        try await send("GET", path, headers: headers)
    }

    public func post(_ path: String, form: String, headers: [String: String] = [:]) async throws -> Page {
        try await send("POST", path, body: form, type: "application/x-www-form-urlencoded", headers: headers)
    }

    public func send(_ method: String, _ path: String, json: String) async throws -> Page {
        try await send(method, path, body: json, type: "application/json")
    }

    private func send(
        _ method: String,
        _ path: String,
        body: String = "",
        type: String = "",
        headers: [String: String] = [:]
    ) async throws -> Page {
        let connection = try await PlainConnection.open(server)
        defer { connection.close() }
        var lines = ["\(method) \(path) HTTP/1.1", "Host: \(host):\(server.port)", "Connection: close"]
        let jar = cookies.withLock { $0.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }
        if !jar.isEmpty { lines.append("Cookie: " + jar.joined(separator: "; ")) }
        for (name, value) in headers { lines.append("\(name): \(value)") }
        if !type.isEmpty { lines += ["Content-Type: \(type)", "Content-Length: \(body.utf8.count)"] }
        connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        let answer = try await connection.answer()
        let head = String(buffer: connection.received).components(separatedBy: "\r\n\r\n").first ?? ""
        let fields = head.components(separatedBy: "\r\n").dropFirst().compactMap { line -> (String, String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
        }
        let page = Page(status: answer.status, headers: fields.map { (name: $0.0, value: $0.1) }, text: answer.text)
        keepCookies(of: page)
        return page
    }

    private func keepCookies(of page: Page) {
        for field in page.headers where field.name.lowercased() == "set-cookie" {
            let parts = field.value.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            guard let pair = parts.first?.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false),
                pair.count == 2
            else { continue }
            cookies.withLock { cookies in
                cookies[String(pair[0])] = parts.contains("Max-Age=0") ? nil : String(pair[1])
            }
        }
    }
}

extension String {
    /// What stands below the host of a URL.
    public var pathAndQuery: String {
        guard let range = range(of: "://") else { return self }
        let rest = self[range.upperBound...]
        return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
    }
}
