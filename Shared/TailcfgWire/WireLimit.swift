/// How much of a client's message is taken.
public enum WireLimit {
    /// Longest request, in bytes, of which nearly all is the Hostinfo.
    ///
    /// A usual one has 2 to 5 kB.
    public static let requestLength = 256 << 10
    /// Longest answer a client reads, in bytes.
    public static let responseLength = 64 << 20
    /// Endpoints looked at; the rest is dropped.
    public static let endpoints = 128
    /// Services looked at; the rest is dropped.
    public static let services = 256
    /// Advertised routes looked at; the rest is dropped.
    public static let routableIPs = 4096
    /// Requested tags looked at; the rest is dropped.
    public static let tags = 256
    /// Entries of every other list or map looked at; the rest is dropped.
    public static let entries = 256
    /// Longest text in a Hostinfo, in bytes; a longer one counts as not sent.
    public static let hostinfoTextLength = 1024
    /// Longest text elsewhere, in bytes; a longer one is refused.
    public static let textLength = 4096
    /// Longest audit detail or health text, in bytes; a longer one is refused.
    public static let longTextLength = 32 << 10
}
