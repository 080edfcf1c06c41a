import HTTPTypes
import NIOHTTP1

/// Headers that each ordinary response carries unless its handler said otherwise.
private let securityHeaders: [(name: String, value: String)] = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "frame-ancestors 'none'"),
]

extension HTTPFields {
    mutating func addSecurityDefaults() {
        for header in securityHeaders {
            guard let name = HTTPField.Name(header.name), !contains(name) else { continue }
            self[name] = header.value
        }
    }
}

extension HTTPHeaders {
    static var securityDefaults: HTTPHeaders {
        HTTPHeaders(securityHeaders.map { ($0.name, $0.value) })
    }
}

extension HTTPField.Name {
    /// The name is a valid token, so the fallback is never taken.
    static let requestID = HTTPField.Name("X-Request-Id") ?? .date
}
