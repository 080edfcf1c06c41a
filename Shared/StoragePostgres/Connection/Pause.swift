import Foundation

/// Keeps a dispatch queue's thread waiting; never called on Swift's threads.
func pause(_ duration: Duration) {
    _ = poll(nil, 0, Int32(clamping: duration.milliseconds))
}
