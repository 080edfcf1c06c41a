public import ControlModel
public import Keys
public import NIOCore

/// Tells that an SSH session could not be recorded.
///
/// - Wire: body of `POST /machine/ssh/event`.
/// - Source: `tailcfg.SSHEventNotifyRequest`.
public struct SSHEventNotifyRequest: Hashable, Sendable {
    /// 1 rejected, 2 ended, 3 went on without recording.
    public var eventType = 0
    public var connectionID = ""
    public var version = CapabilityVersion(0)
    public var nodeKey = NodePublicKey.zero
    /// The node the session came from; `nil` if not told.
    public var sourceNode: NodeID?
    public var sshUser = ""
    public var localUser = ""
    public var recordingAttempts: [RecordingAttempt] = []

    public init() {}

    /// One recorder that failed.
    public struct RecordingAttempt: Hashable, Sendable {
        /// Address of the recorder, as the client wrote it.
        public var recorder = ""
        public var failure = ""

        public init() {}
    }

    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeRequest(Self.self, bytes)
    }
}

extension SSHEventNotifyRequest: FieldDecodable {
    init(_ fields: RequestFields) throws {
        eventType = try fields.integer("EventType")
        connectionID = try fields.text("ConnectionID")
        version = try fields.version("CapVersion")
        nodeKey = try fields.key("NodeKey", NodePublicKey.self)
        sourceNode = NodeID(Int64(try fields.integer("SrcNode")))
        sshUser = try fields.text("SSHUser")
        localUser = try fields.text("LocalUser")
        recordingAttempts = fields.lenientList(
            "RecordingAttempts",
            of: Fields<RecordingAttempt>.self,
            limit: WireLimit.entries
        ).map(\.value)
    }
}

extension SSHEventNotifyRequest.RecordingAttempt: FieldDecodable {
    init(_ fields: RequestFields) throws {
        recorder = try fields.text("Recorder")
        failure = try fields.text("FailureMessage")
    }
}
