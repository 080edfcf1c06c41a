import SecretBox

/// Where the master key is, which seals secrets in the store.
public enum MasterKeySource: Sendable, CustomStringConvertible {
    /// The key itself, and maybe others after it, by commas, that open what they sealed.
    case text(String)
    /// The path of a file with a key, made at first start.
    ///
    /// Files beside it with `.next` and `.previous` at the end are read as well: a change of keys leaves them.
    case file(String)

    /// Names the place for people, never the key.
    public var description: String {
        switch self {
        case .text: "master_key (SWIFTSCALE_MASTER_KEY)"
        case .file(let path): path
        }
    }

    /// The keys that are there; `nil` where no file is.
    func load() throws(RegistryServiceError) -> MasterKeys? {
        switch self {
        case .text(let text):
            guard let keys = MasterKeys(text) else { throw .masterKeyMalformed(source: description) }
            return keys
        case .file(let path):
            let files = MasterKeyFiles(path: path)
            var keys: [MasterKey] = []
            for file in files.all {
                if let key = try Self.read(file) { keys.append(key) }
            }
            return keys.first.map { MasterKeys($0, others: Array(keys.dropFirst())) }
        }
    }

    /// The key of a file; `nil` where there is none.
    static func read(_ file: SecretFile) throws(RegistryServiceError) -> MasterKey? {
        let text: String?
        do {
            text = try file.read()
        } catch {
            throw .masterKeyUnreadable(path: file.path, cause: error)
        }
        guard let text else { return nil }
        guard let key = MasterKey(text) else { throw .masterKeyMalformed(source: file.path) }
        return key
    }
}

/// The file of the master key, and those that a change of keys makes.
struct MasterKeyFiles {
    let main: SecretFile
    /// Written before the store is sealed with it.
    let next: SecretFile
    let previous: SecretFile

    init(path: String) {
        main = SecretFile(path: path)
        next = SecretFile(path: path + ".next")
        previous = SecretFile(path: path + ".previous")
    }

    var all: [SecretFile] { [main, next, previous] }
}
