import Foundation
import Synchronization

/// What the registry said about API keys lately, so that a busy caller does not cost it a lookup a request.
///
/// A revoked key works on for ``acceptance`` at most. At ``limit`` entries the cache is emptied: that costs lookups only.
final class APIKeyVerdicts: Sendable {
    static let acceptance: TimeInterval = 1
    static let refusal: TimeInterval = 1
    /// Entries of each kind; refusals cannot crowd out acceptances.
    static let limit = 256

    private struct State {
        var acceptedUntil: [String: Date] = [:]
        var refusedUntil: [String: Date] = [:]
    }

    private let state = Mutex(State())

    /// Whether a key is valid, or `nil` when the registry must be asked.
    func verdict(on secret: String, now: Date) -> Bool? {
        state.withLock { state in
            if let end = state.acceptedUntil[secret], now < end { return true }
            if let end = state.refusedUntil[secret], now < end { return false }
            return nil
        }
    }

    func accept(_ secret: String, until expiry: Date, now: Date) {
        state.withLock { state in
            state.refusedUntil[secret] = nil
            if state.acceptedUntil.count >= Self.limit { state.acceptedUntil.removeAll() }
            state.acceptedUntil[secret] = min(expiry, now.addingTimeInterval(Self.acceptance))
        }
    }

    func refuse(_ secret: String, now: Date) {
        state.withLock { state in
            state.acceptedUntil[secret] = nil
            if state.refusedUntil.count >= Self.limit { state.refusedUntil.removeAll() }
            state.refusedUntil[secret] = now.addingTimeInterval(Self.refusal)
        }
    }
}
