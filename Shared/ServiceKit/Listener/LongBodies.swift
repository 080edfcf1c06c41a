import Synchronization

/// Requests whose bodies may be longer than ``ListenerLimits/bodyLength``.
///
/// Who sends them is known only when they are there, so only a few are held at once.
public struct LongBodies: Sendable {
    /// The path, and with what is below it.
    public var path: String
    /// A request's body, in bytes; above it 413.
    public var bodyLength: Int
    /// Such requests from head to answer, at once; further ones are 503.
    public var count: Int

    public init(path: String, bodyLength: Int, count: Int) {
        self.path = path
        self.bodyLength = bodyLength
        self.count = count
    }

    func include(_ path: Substring) -> Bool {
        path.hasPrefix(self.path) && (path.count == self.path.count || path.dropFirst(self.path.count).first == "/")
    }
}

/// Counts the long bodies that a listener holds.
final class LongBodyPlaces: Sendable {
    private let count: Int
    private let taken = Mutex(0)

    init(_ count: Int) {
        self.count = count
    }

    /// A place, free again when nobody refers to it; `nil` when there is none.
    func take() -> LongBodyPlace? {
        let isFree = taken.withLock { taken in
            guard taken < count else { return false }
            taken += 1
            return true
        }
        return isFree ? LongBodyPlace(self) : nil
    }

    fileprivate func free() {
        taken.withLock { $0 -= 1 }
    }
}

/// The right to hold one long body.
final class LongBodyPlace: Sendable {
    private let places: LongBodyPlaces

    fileprivate init(_ places: LongBodyPlaces) {
        self.places = places
    }

    deinit {
        places.free()
    }
}
