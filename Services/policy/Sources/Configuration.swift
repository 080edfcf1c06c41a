public import ControlModel

extension PolicyService {
    /// What the service is told at start.
    public struct Configuration: Sendable {
        public var tailnet: TailnetID
        public var source: Source
        /// How often the file is looked at.
        public var watchInterval = Duration.seconds(1)
        /// How often what is in force is told again, and the store looked at for what others wrote.
        public var repetition = Duration.seconds(30)

        public init(tailnet: TailnetID = .default, source: Source = .database) {
            self.tailnet = tailnet
            self.source = source
        }
    }

    /// Where policies come from.
    public enum Source: Hashable, Sendable {
        /// Set by request, kept in the store.
        case database
        /// Read from a file, each accepted version kept in the store.
        case file(path: String)

        var path: String? {
            switch self {
            case .database: nil
            case .file(let path): path
            }
        }
    }
}
