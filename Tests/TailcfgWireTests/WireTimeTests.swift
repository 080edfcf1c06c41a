import Foundation
import Testing

@testable import TailcfgWire

@Suite("Times")
struct WireTimeTests {
    @Test(
        "Go's forms are read",
        arguments: [
            ("1970-01-01T00:02:03Z", 123.0), ("1970-01-01T00:00:00Z", 0), ("2001-01-01T00:00:00Z", 978_307_200),
            ("2026-01-02T03:04:05+01:00", 1_767_319_445), ("2026-01-02T03:04:05-07:30", 1_767_350_045),
            ("2026-01-02T03:04:05.5Z", 1_767_323_045.5), ("2000-02-29T23:59:59Z", 951_868_799),
            ("1969-12-31T23:59:59.25Z", -0.75), ("2026-01-02T03:04:05.678901234567Z", 1_767_323_045.678_901_234),
        ]
    )
    func parsing(text: String, seconds: Double) throws {
        let time = try #require(WireTime.parse(text))
        #expect(abs(time.timeIntervalSince1970 - seconds) < 1e-6)
    }

    @Test("year 1 is the zero time")
    func zero() {
        #expect(WireTime.parse("0001-01-01T00:00:00Z") == WireTime.zero)
        #expect(Vector.written { $0.time(WireTime.zero) } == "\"0001-01-01T00:00:00Z\"")
    }

    @Test(
        "what is no such time is refused",
        arguments: [
            "", "2026-01-02", "2026-01-02T03:04:05", "2026-1-2T03:04:05Z", "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
            "2026-01-02T24:00:00Z", "2026-01-02T03:60:05Z", "2026-01-02T03:04:60Z", "2026-01-02T03:04:05.Z",
            "2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05+0100", "2026-01-02 03:04:05Z", "2026-01-02T03:04:05Zx",
            "0000-01-01T00:00:00Z", "+026-01-02T03:04:05Z", "２０26-01-02T03:04:05Z", "99999-01-02T03:04:05Z",
        ]
    )
    func refused(text: String) {
        #expect(WireTime.parse(text) == nil)
    }

    @Test(
        "times are written as Go writes them, without zeros at the end",
        arguments: [
            "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05.123Z", "2026-12-31T23:59:59.999999Z",
            "2026-01-02T03:04:05.000001Z", "1970-01-01T00:00:00Z", "1969-07-20T20:17:40Z", "2000-02-29T12:00:00Z",
            "2100-03-01T00:00:00Z", "0001-01-01T00:00:01Z", "9999-12-31T23:59:59Z", "2024-12-31T00:00:00Z",
            "1600-12-31T00:00:00Z",
        ]
    )
    func printing(text: String) throws {
        let time = try #require(WireTime.parse(text))
        #expect(Vector.written { $0.time(time) } == "\"\(text)\"")
    }

    @Test("every time since March 2001 that a Date holds reads back the same")
    func roundTrip() throws {
        for step in 0..<5000 {
            let time = Date(
                timeIntervalSinceReferenceDate: 0x1p23 + Double(step) * 314_159.265_358_979 + Double(step) / 7
            )
            let text = Vector.written { $0.time(time) }
            #expect(WireTime.parse(String(text.dropFirst().dropLast())) == time, "\(text)")
        }
    }

    @Test("every day of nine centuries is the day that Foundation says it is")
    func calendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        for day in stride(from: Int64(700_000), to: 1_030_000, by: 17) {
            let time = Date(timeIntervalSinceReferenceDate: Double((day - WireTime.referenceDay) * 86_400))
            let parts = calendar.dateComponents([.year, .month, .day], from: time)
            let civil = WireTime.civil(dayNumber: day)
            #expect([parts.year, parts.month, parts.day] == [Int(civil.year), Int(civil.month), Int(civil.day)])
            #expect(WireTime.dayNumber(year: civil.year, month: civil.month, day: civil.day) == day)
        }
    }

    @Test("a fraction that rounds to a whole second becomes one")
    func carry() {
        let time = Date(timeIntervalSinceReferenceDate: 86_400 - 1e-10)
        #expect(Vector.written { $0.time(time) } == "\"2001-01-02T00:00:00Z\"")
    }

    @Test(
        "an offset beyond the years that can be written gives the first or the last time, which comes back",
        arguments: [
            ("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59Z"),
            ("9999-12-31T23:59:59.5Z", "9999-12-31T23:59:59Z"),
        ]
    )
    func beyond(text: String, nearest: String) throws {
        let time = try #require(WireTime.parse(text))
        #expect(Vector.written { $0.time(time) } == "\"\(nearest)\"")
        #expect(WireTime.parse(nearest) == time)
    }

    @Test("times that four digits cannot tell become the nearest that they can")
    func bounds() {
        #expect(Vector.written { $0.time(Date(timeIntervalSinceReferenceDate: 1e300)) } == "\"9999-12-31T23:59:59Z\"")
        #expect(Vector.written { $0.time(.distantPast) } == "\"0001-01-01T00:00:00Z\"")
        #expect(
            Vector.written { $0.time(Date(timeIntervalSinceReferenceDate: -.infinity)) } == "\"0001-01-01T00:00:00Z\""
        )
        #expect(Vector.written { $0.time(Date(timeIntervalSinceReferenceDate: .nan)) } == "\"0001-01-01T00:00:00Z\"")
    }
}
