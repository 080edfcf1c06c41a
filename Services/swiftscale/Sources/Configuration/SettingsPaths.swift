/// Makes paths absolute: those of the file from its directory, others from the working directory.
struct SettingsPaths: Sendable {
    let sources: ConfigurationSources
    let surroundings: Surroundings

    func resolve(_ path: String, for key: ConfigurationKey) -> String {
        let isFromFile =
            sources.flags[key.name] == nil && sources.environment.value(of: key) == nil
            && sources.file?.entries[key.name] != nil
        guard isFromFile, let file = sources.file, let slash = file.path.lastIndex(of: "/") else {
            return surroundings.absolute(path, below: surroundings.workingDirectory)
        }
        return surroundings.absolute(path, below: String(file.path[..<slash]) + "/")
    }
}
