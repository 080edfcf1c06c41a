import Configuration

/// Where values come from: flags before the environment, the environment before the file.
struct ConfigurationSources: Sendable {
    let reader: ConfigReader
    let file: ConfigurationFile?
    let environment: EnvironmentSource
    /// Values given by flags: key to the flag's name and its text.
    let flags: [String: FlagValue]

    struct FlagValue: Hashable, Sendable {
        /// As typed, `--data-dir` for one.
        var flag: String
        var text: String
    }

    init(flags: [String: FlagValue], environment: [String: String], file: ConfigurationFile?) {
        self.flags = flags
        self.file = file
        self.environment = EnvironmentSource(environment)
        let given = flags.map {
            (AbsoluteConfigKey(ConfigKey($0.key)), ConfigValue(.string($0.value.text), isSecret: false))
        }
        reader = ConfigReader(providers: [
            InMemoryProvider(name: "flags", values: Dictionary(given, uniquingKeysWith: { first, _ in first })),
            self.environment.provider,
            InMemoryProvider(name: "file", values: Self.values(file)),
        ])
    }

    /// Finds the file: the one named by flag or environment, else the first that exists, else none.
    ///
    /// - Throws: where a file that was named cannot be read, or where a file is not YAML.
    static func locate(
        file named: String?,
        flags: [String: FlagValue],
        surroundings: Surroundings,
        exists: (String) -> Bool
    ) throws(ConfigurationError) -> ConfigurationSources {
        var path = named ?? surroundings.environment[EnvironmentSource.fileVariable].flatMap { $0.isEmpty ? nil : $0 }
        path = path.map { surroundings.absolute($0, below: surroundings.workingDirectory) }
        let candidates = [
            "/etc/swiftscale/config.yaml", surroundings.homeDirectory + "/.swiftscale/config.yaml",
            surroundings.workingDirectory + "/config.yaml",
        ]
        let found = path ?? candidates.first(where: exists)
        var file: ConfigurationFile?
        if let found { file = try ConfigurationFile.read(found) }
        return ConfigurationSources(flags: flags, environment: surroundings.environment, file: file)
    }

    /// Where the value in force of a key stands.
    func place(of key: ConfigurationKey) -> String {
        if let flag = flags[key.name] { return "flag \(flag.flag)" }
        if environment.value(of: key) != nil { return "environment variable \(key.environmentName)" }
        if let file, let entry = file.entries[key.name] { return file.place(line: entry.line) }
        return "default"
    }

    /// Whether anything but the default says something about a key.
    func isGiven(_ key: ConfigurationKey) -> Bool {
        flags[key.name] != nil || environment.value(of: key) != nil || file?.entries[key.name] != nil
    }

    private static func values(_ file: ConfigurationFile?) -> [AbsoluteConfigKey: ConfigValue] {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (name, entry) in file?.entries ?? [:] {
            guard let key = KnownKeys.key(name) else { continue }
            switch entry.value {
            case .text(let text) where key.shape == .list:
                let parts = text.split { $0 == "," || $0.isWhitespace }.map(String.init)
                values[AbsoluteConfigKey(ConfigKey(name))] = ConfigValue(.stringArray(parts), isSecret: key.isSecret)
            case .text(let text):
                values[AbsoluteConfigKey(ConfigKey(name))] = ConfigValue(.string(text), isSecret: key.isSecret)
            case .list(let list):
                values[AbsoluteConfigKey(ConfigKey(name))] = ConfigValue(.stringArray(list), isSecret: key.isSecret)
            case .structure:
                continue
            }
        }
        return values
    }
}
