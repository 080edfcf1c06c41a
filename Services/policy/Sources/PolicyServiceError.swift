/// Why the service cannot start.
public enum PolicyServiceError: Error, Hashable, Sendable {
    /// There is no policy to fall back to, and the file cannot be read or is refused. Mend the file.
    case fileRefused(path: String, faults: String)
}

extension PolicyServiceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .fileRefused(let path, let faults):
            "the policy in \(path) cannot be put in force, and no earlier one is stored:\n\(faults)"
        }
    }
}
