/// Why the registry does not start.
public enum RegistryServiceError: Error, CustomStringConvertible {
    /// The Noise key file cannot be read.
    case noiseKeyUnreadable(path: String, cause: any Error)
    /// It holds something else than `privkey:` and 64 hexadecimal digits.
    case noiseKeyMalformed(path: String)
    /// It is not there and cannot be made.
    case noiseKeyUnwritable(path: String, cause: any Error)
    /// Nodes would get no address at all.
    case noAddressPrefix

    public var description: String {
        switch self {
        case .noiseKeyUnreadable(let path, let cause):
            "cannot read the Noise key file \(path): \(cause); check its owner and permissions"
        case .noiseKeyMalformed(let path):
            "the Noise key file \(path) does not hold 'privkey:' and 64 hexadecimal digits; restore it from a backup, "
                + "or remove it to get a new key (all clients must then log in again)"
        case .noiseKeyUnwritable(let path, let cause):
            "cannot create the Noise key file \(path): \(cause); check that its directory exists and is writable"
        case .noAddressPrefix:
            "neither an IPv4 nor an IPv6 prefix is configured; nodes need one of them"
        }
    }
}
