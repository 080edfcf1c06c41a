import Testing

@testable import ServiceKit

@Suite("Request targets")
struct RequestTargetTests {
    @Test(
        "absolute and origin form give the same target",
        arguments: [
            ("/key?v=1", "/key?v=1"), ("*", "*"), ("http://h", "/"), ("https://h:1/key?v=1", "/key?v=1"),
            ("https://h?v=1", "/?v=1"), ("https://user@[::1]:9/a/../b", "/a/../b"), ("ws://h/x", "/x"),
            ("https:///x", "/x"), ("https://h#f", "/#f"), ("/http://h/x", "/http://h/x"), ("https://", "/"),
        ]
    )
    func originForm(target: String, expected: String) {
        #expect(RequestTarget.originForm(of: target) == expected)
    }

    @Test("anything else is no target", arguments: ["", "key", "h:443", "://x", "1http://h/", "ht tp://h/", "?a://b"])
    func refused(target: String) {
        #expect(RequestTarget.originForm(of: target) == nil)
    }
}
