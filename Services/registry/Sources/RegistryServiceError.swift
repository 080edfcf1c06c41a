/// Why the registry does not start, or its master key is not changed.
public enum RegistryServiceError: Error, CustomStringConvertible {
    /// The Noise key file cannot be read.
    case noiseKeyUnreadable(path: String, cause: any Error)
    /// It holds something else than `privkey:` and 64 hexadecimal digits.
    case noiseKeyMalformed(path: String)
    /// The master key's file cannot be read.
    case masterKeyUnreadable(path: String, cause: any Error)
    /// It cannot be made.
    case masterKeyUnwritable(path: String, cause: any Error)
    /// The file or variable holds something else than `masterkey:` and 64 hexadecimal digits.
    case masterKeyMalformed(source: String)
    /// The store holds sealed secrets and there is no key.
    ///
    /// `needed`: ids of the keys that they are sealed with.
    case masterKeyMissing(source: MasterKeySource, needed: [String])
    /// Another key sealed the store's secrets.
    case masterKeyWrong(source: MasterKeySource, found: [String], needed: String)
    /// A secret of the store was changed by somebody else, or cannot be sealed.
    case secretDamaged(name: String)
    /// The key is not in a file, and nobody said where to write the new one.
    case rotationNeedsOutput
    /// Nodes would get no address at all.
    case noAddressPrefix

    public var description: String {
        switch self {
        case .noiseKeyUnreadable(let path, let cause):
            "cannot read the Noise key file \(path): \(cause); check its owner and permissions"
        case .noiseKeyMalformed(let path):
            "the Noise key file \(path) does not hold 'privkey:' and 64 hexadecimal digits; restore it from a backup, "
                + "or remove it to get a new key (all clients must then log in again)"
        case .masterKeyUnreadable(let path, let cause):
            "cannot read the master key file \(path): \(cause); check its owner and permissions"
        case .masterKeyUnwritable(let path, let cause):
            "cannot write the master key file \(path): \(cause); check that its directory exists and is writable"
        case .masterKeyMalformed(let source):
            "\(source) does not hold 'masterkey:' and 64 hexadecimal digits; restore it from a backup"
        case .masterKeyMissing(let source, let needed):
            "there is no master key in \(source)"
                + (needed.isEmpty ? "" : ", and the database's secrets are sealed with \(Self.list(needed))")
                + "; restore the file from a backup, copy it from another registry, or set master_key (SWIFTSCALE_MASTER_KEY)"
        case .masterKeyWrong(let source, let found, let needed):
            "the database's secrets are sealed with the master key \(needed), and \(source) holds \(Self.list(found)); "
                + "put the right key there, from a backup or from another registry of this database"
        case .secretDamaged(let name):
            "the secret '\(name)' in the database is damaged; restore the database from a backup"
        case .rotationNeedsOutput:
            "the master key comes from master_key (SWIFTSCALE_MASTER_KEY): say with --to where to write the new one"
        case .noAddressPrefix:
            "neither an IPv4 nor an IPv6 prefix is configured; nodes need one of them"
        }
    }

    private static func list(_ keys: [String]) -> String {
        keys.joined(separator: ", ")
    }
}
