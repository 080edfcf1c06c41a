/// Why the relay does not start.
public enum DERPServiceError: Error {
    /// The key file cannot be read. Check owner and permissions.
    case keyFileUnreadable(path: String, cause: any Error)
    /// The file holds something else than `privkey:` and 64 hexadecimal digits. Restore it or remove it for a new key.
    case keyFileInvalid(path: String)
    /// The file is not there and cannot be made. Check the directory.
    case keyFileUnwritable(path: String, cause: any Error)
    /// The STUN address is taken or not of this host.
    case stunBindFailed(address: String, cause: any Error)
}
