import Storage

/// The right to write a tailnet, among the callers of this process: on a lane, for a time.
struct Turn {
    let lane: Lane
    let deadline: ContinuousClock.Instant
    /// Called each time when the server is not there while a broken commit is looked into: others need not wait for that.
    let whileAway: (StorageError) -> Void
}
