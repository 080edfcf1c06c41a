import NIOCore
import Testing

@testable import DERPService

@Suite("Notice rate")
struct NoticeRateTests {
    private let start = NIODeadline.uptimeNanoseconds(5_000_000_000)

    @Test("a burst, then one each interval, then a burst again after a pause")
    func burst() {
        var rate = NoticeRate(interval: .seconds(1), burst: 3, now: start)
        func allowed(_ after: TimeAmount, of count: Int) -> Int {
            (0..<count).count { _ in rate.allows(at: start + after) }
        }
        #expect(allowed(.zero, of: 10) == 3)
        #expect(allowed(.milliseconds(999), of: 10) == 0)
        #expect(allowed(.milliseconds(1000), of: 10) == 1)
        #expect(allowed(.milliseconds(1900), of: 10) == 0)
        #expect(allowed(.milliseconds(2100), of: 10) == 1)
        #expect(allowed(.seconds(60), of: 10) == 3)
    }
}
