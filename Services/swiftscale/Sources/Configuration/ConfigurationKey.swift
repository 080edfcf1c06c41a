/// One key of the configuration, as files and the environment name it.
struct ConfigurationKey: Hashable, Sendable {
    /// What a file may hold under a key.
    enum Shape: Hashable, Sendable {
        case scalar
        /// Several values; one alone, or several divided by commas or spaces, are read as well.
        case list
        /// A mapping, or a sequence of mappings: only a file can hold it.
        case structure
    }

    /// What becomes of a key.
    enum Standing: Hashable, Sendable {
        case read
        /// headscale has it; this server does not act on it yet.
        case notYetSupported
        /// headscale once had it; it stops the start with this advice.
        case removed(useInstead: String)
    }

    var name: String
    var shape: Shape
    var standing: Standing
    /// Whether its value must never be printed.
    var isSecret: Bool

    init(_ name: String, _ shape: Shape = .scalar, _ standing: Standing = .read, isSecret: Bool = false) {
        self.name = name
        self.shape = shape
        self.standing = standing
        self.isSecret = isSecret
    }

    /// `SWIFTSCALE_` and the key in upper case, with `_` for each dot.
    var environmentName: String {
        EnvironmentSource.prefix + name.uppercased().replacing(".", with: "_")
    }
}
