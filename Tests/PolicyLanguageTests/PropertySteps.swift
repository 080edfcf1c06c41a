import Foundation

/// How long the properties of compiled policies are looked at.
enum PropertySteps {
    /// Steps of each property, in all seeds together; more where the environment says so.
    static let count: Int = {
        let wanted = ProcessInfo.processInfo.environment["SWIFTSCALE_PROPERTY_STEPS"].flatMap { Int($0) }
        return max(wanted ?? 3000, 1)
    }()

    /// So many seeds that `steps` of each make up the count.
    static func seeds(of steps: Int) -> ClosedRange<Int> { 1...(count + steps - 1) / steps }
}
