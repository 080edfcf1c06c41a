/// Names of log metadata: no other keys are used.
public enum LogKey {
    public static let address = "address"
    public static let destination = "destination"
    public static let details = "details"
    public static let error = "error"
    public static let gateway = "gateway"
    public static let key = "key"
    public static let method = "method"
    public static let node = "node"
    public static let path = "path"
    public static let reason = "reason"
    public static let requestID = "request_id"
    public static let status = "status"
    public static let subject = "subject"
    public static let tailnet = "tailnet"
    public static let user = "user"
    public static let version = "version"
}
