import ControlGatewayService
import ControlModel

/// Everything that the processes and the admin commands are told, checked.
struct ServerConfiguration: Hashable, Sendable {
    var listener: ListenerSettings
    var data: DataSettings
    var database: DatabaseSettings
    var bus: BusSettings
    var prefixes: PrefixSettings
    var derp: DERPSettings
    var dns: DNSSettings
    /// A file of further DNS records; `nil`: none.
    var extraRecordsPath: String?
    var node: NodeSettings
    var logins: LoginSettings
    var audit: AuditSettings
    var oidc: OIDCKeys
    var features: FeatureSettings
    /// What clients are told of newer releases; `nil`: nothing.
    var clientReleases: ClientReleases?
    var tailnet: TailnetSettings
    var log: LogSettings
    var policy: PolicySettings
    var client: ClientSettings
    /// The file that was read; `nil`: none.
    var filePath: String?
    /// What its author should know.
    var notes: [ConfigurationNote]

    /// - Parameter process: what is to run with it; `nil`: nothing, it is for a command that asks a server.
    /// - Throws: every fault at once.
    init(
        _ sources: ConfigurationSources,
        surroundings: Surroundings,
        for process: ProcessKind? = nil
    ) throws(ConfigurationError) {
        var reader = SettingsReader(sources)
        let paths = SettingsPaths(sources: sources, surroundings: surroundings)
        listener = ListenerSettings(&reader, paths: paths)
        data = DataSettings(&reader, paths: paths)
        database = DatabaseSettings(&reader, paths: paths, data: data)
        bus = BusSettings(&reader, paths: paths)
        prefixes = PrefixSettings(&reader)
        derp = DERPSettings(&reader, paths: paths, listener: listener, data: data)
        dns = DNSKeys.settings(&reader, serverURL: listener.serverURL)
        extraRecordsPath = DNSKeys.extraRecordsFile(&reader, paths: paths)
        node = NodeSettings(&reader)
        logins = LoginSettings(&reader)
        audit = AuditSettings(&reader)
        oidc = OIDCKeys(&reader, paths: paths, serverURL: listener.serverURL)
        features = FeatureSettings(&reader)
        clientReleases = ClientVersionSettings.releases(&reader)
        tailnet = TailnetSettings(&reader)
        log = LogSettings(&reader)
        policy = PolicySettings(&reader, paths: paths)
        client = ClientSettings(&reader)
        filePath = sources.file?.path
        let review = ConfigurationReview(sources)
        notes = review.notes + prefixes.notes + NodeSettings.notes(sources) + policy.notes + database.notes
        if let process {
            ProcessReview.check(process, self, &reader)
            notes += ProcessReview.notes(process, self)
        }
        let faults = (sources.file?.faults ?? []) + review.faults + reader.faults
        guard faults.isEmpty else { throw ConfigurationError(faults: faults, notes: notes) }
    }

    /// Finds and reads the configuration of this start.
    ///
    /// - Parameters:
    ///   - file: as named on the command line; `nil`: wherever one is found.
    ///   - process: what is to run with it; `nil`: a command that asks a server.
    static func load(
        file: String?,
        for process: ProcessKind? = nil,
        flags: [String: ConfigurationSources.FlagValue] = [:],
        surroundings: Surroundings = .current(),
        exists: (String) -> Bool = { FilePresence.isReadable($0) }
    ) throws(ConfigurationError) -> ServerConfiguration {
        let sources = try ConfigurationSources.locate(
            file: file,
            flags: flags,
            surroundings: surroundings,
            exists: exists
        )
        return try ServerConfiguration(sources, surroundings: surroundings, for: process)
    }
}
