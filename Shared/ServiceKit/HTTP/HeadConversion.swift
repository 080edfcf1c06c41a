import HTTPTypes
import NIOHTTP1

extension HTTPRequest {
    /// Returns `nil` when the method is no token.
    init?(_ head: HTTPRequestHead, isTLS: Bool) {
        guard let method = Method(rawValue: head.method.rawValue) else { return nil }
        self.init(
            method: method,
            scheme: isTLS ? "https" : "http",
            authority: head.headers.first(name: "host"),
            path: head.uri,
            headerFields: HTTPFields(head.headers)
        )
    }
}

extension HTTPFields {
    fileprivate init(_ headers: HTTPHeaders) {
        self.init()
        for (name, value) in headers {
            guard let name = HTTPField.Name(name), name.rawName.lowercased() != "host" else { continue }
            append(HTTPField(name: name, value: value))
        }
    }
}

extension HTTPResponse {
    func nioHead(version: HTTPVersion) -> HTTPResponseHead {
        HTTPResponseHead(
            version: version,
            status: HTTPResponseStatus(statusCode: status.code, reasonPhrase: status.reasonPhrase),
            headers: HTTPHeaders(headerFields.map { ($0.name.rawName, $0.value) })
        )
    }
}
