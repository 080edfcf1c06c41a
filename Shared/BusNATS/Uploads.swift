import Bus

/// Requests in parts that are on their way to this process.
///
/// A queue group would spread the parts of a message over its members; so the asker announces the request, and sends the parts to a
/// subject that the member who got the announcement names.
struct Uploads {
    struct Upload: Sendable {
        /// Where the answer goes.
        let reply: String
        let timeout: Duration?
        let origin: RequestOrigin?
        let mailbox: Mailbox
        let end: ContinuousClock.Instant
    }

    private var uploads: [UInt64: Upload] = [:]
    private var lastID: UInt64 = 0

    /// The number of an upload; `nil` when there are too many.
    mutating func begin(_ upload: Upload, now: ContinuousClock.Instant) -> UInt64? {
        uploads = uploads.filter { $0.value.end > now }
        guard uploads.count < NATSBusLimits.incompleteMessages else { return nil }
        lastID += 1
        uploads[lastID] = upload
        return lastID
    }

    mutating func finish(_ id: UInt64) -> Upload? {
        uploads.removeValue(forKey: id)
    }
}
