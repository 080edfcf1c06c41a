public import Foundation

/// What a device says of the hardware it runs on.
///
/// The device's own word, proved by nothing.
/// - Source: `tailcfg.C2NPostureIdentityResponse`.
public struct PostureIdentity: Hashable, Sendable, Codable {
    /// Serial numbers kept, and hardware addresses; more are dropped.
    public static let listLimit = 64
    /// Longest of each, in characters; a longer one is dropped.
    public static let textLimit = 128
    /// After how long the same answer is written again, so that its age says something.
    public static let refreshInterval = TimeInterval(86_400)

    public var serialNumbers: [String]
    /// Of network interfaces.
    public var hardwareAddresses: [String]
    /// Whether the device's owner does not let it tell.
    public var isDisabled: Bool
    public var collectedAt: Date

    /// Texts that are too long, empty or not printable are dropped; both lists are sorted, each text once.
    public init(serialNumbers: [String], hardwareAddresses: [String], isDisabled: Bool, collectedAt: Date) {
        self.serialNumbers = Self.clean(serialNumbers)
        self.hardwareAddresses = Self.clean(hardwareAddresses)
        self.isDisabled = isDisabled
        self.collectedAt = collectedAt
    }

    /// Whether this is worth writing over what is known.
    public func isNews(after known: PostureIdentity?) -> Bool {
        guard var known else { return true }
        guard collectedAt.timeIntervalSince(known.collectedAt) < Self.refreshInterval else { return true }
        known.collectedAt = collectedAt
        return self != known
    }

    private static func clean(_ texts: [String]) -> [String] {
        let good = texts.prefix(4 * listLimit).filter { text in
            !text.isEmpty && text.count <= textLimit && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        }
        return Array(Set(good).sorted().prefix(listLimit))
    }
}
