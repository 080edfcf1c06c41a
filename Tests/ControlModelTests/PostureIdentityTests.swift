import ControlModel
import Foundation
import Testing

@Suite("Posture identity")
struct PostureIdentityTests {
    private static let date = Date(timeIntervalSince1970: 1_800_000_000)

    private static func identity(
        _ serialNumbers: [String],
        _ addresses: [String] = [],
        isDisabled: Bool = false,
        after seconds: TimeInterval = 0
    ) -> PostureIdentity {
        PostureIdentity(
            serialNumbers: serialNumbers,
            hardwareAddresses: addresses,
            isDisabled: isDisabled,
            collectedAt: date.addingTimeInterval(seconds)
        )
    }

    @Test("what a device says is kept as far as it is short, printable text, each once")
    func clean() {
        let limit = PostureIdentity.textLimit
        let longest = String(repeating: "a", count: limit)
        let identity = Self.identity(["b", "a", "b", "", "x\ny", "ä", longest + "a", longest])
        #expect(identity.serialNumbers == ["a", longest, "b"])
        let many = (0..<1000).map { "\($0)" }
        #expect(Self.identity(many, many).serialNumbers.count == PostureIdentity.listLimit)
        #expect(Self.identity(many, many).hardwareAddresses.count == PostureIdentity.listLimit)
    }

    @Test("the same answer is no news for a day; another one is at once")
    func news() {
        let known = Self.identity(["a"], ["b"])
        #expect(Self.identity(["a"]).isNews(after: nil))
        #expect(!Self.identity(["a"], ["b"], after: 3600).isNews(after: known))
        #expect(Self.identity(["a"], ["b"], after: PostureIdentity.refreshInterval).isNews(after: known))
        for other in [Self.identity(["c"], ["b"]), Self.identity(["a"]), Self.identity(["a"], ["b"], isDisabled: true)]
        {
            #expect(other.isNews(after: known))
        }
    }
}
