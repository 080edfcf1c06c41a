import ControlModel

/// Brings changes of concurrent commits into the order of their versions.
struct ChangeOrder: Sendable {
    /// Changes held back at most while one before them is missing.
    static let limit = 4096

    private var last: Version
    private var held: [Version: RegistryChange] = [:]

    /// - Parameter last: the version before the first change to come.
    init(after last: Version) {
        self.last = last
    }

    var hasGap: Bool { !held.isEmpty }

    /// Takes changes and returns those whose turn has come.
    mutating func accept(_ changes: [RegistryChange]) -> [RegistryChange] {
        for change in changes where change.version > last { held[change.version] = change }
        let ready = takeReady()
        return ready.isEmpty && held.count > Self.limit ? skipGap() : ready
    }

    /// Gives up on what is missing.
    ///
    /// That is another registry's change, which publishes it itself; readers repair gaps.
    mutating func skipGap() -> [RegistryChange] {
        guard let first = held.keys.min() else { return [] }
        last = first - 1
        return takeReady()
    }

    private mutating func takeReady() -> [RegistryChange] {
        var ready: [RegistryChange] = []
        while let change = held.removeValue(forKey: last + 1) {
            ready.append(change)
            last += 1
        }
        return ready
    }
}
