/// Which module may import which.
enum ImportRules {
    /// Levels of the modules in Shared: a module imports lower levels, and its own only where it says so below.
    static let levels: [String: Int] = [
        "ControlModel": 0, "IPAddresses": 0, "Keys": 0,
        "CNats": 0, "COpenSSLCrypto": 0, "CPostgres": 0, "CSodium": 0, "CZstd": 0,
        "DERPProtocol": 1, "DNSMessage": 1, "NoiseProtocol": 1, "PolicyLanguage": 1, "STUNProtocol": 1,
        "SecretBox": 1, "TailcfgWire": 1,
        "Zstandard": 1,
        "Bus": 2, "Storage": 2,
        "BusInProcess": 3, "BusNATS": 3, "ServiceKit": 3, "StoragePostgres": 3, "StorageSQLite": 3,
        "TestKit": 4,
    ]

    /// Imports of one's own level that the map of the project allows.
    static let sameLevel: [String: Set<String>] = [
        "BusNATS": ["ServiceKit"], "ControlModel": ["IPAddresses", "Keys"],
    ]

    static let adapters: Set<String> = ["BusInProcess", "BusNATS", "StoragePostgres", "StorageSQLite"]
    static let services: Set<String> = [
        "ControlGatewayService", "DERPService", "DNSService", "PolicyService", "RegistryService",
    ]
    /// What can open a socket, read a file or start a process: nothing for values and pure protocols.
    static let doors: Set<String> = [
        "AsyncHTTPClient", "CPostgres", "FoundationNetworking", "GRDB", "Hummingbird", "HummingbirdCore", "NIO",
        "NIOPosix",
        "NIOSSL",
        "ServiceLifecycle",
    ]

    /// Modules imported by a source text, whatever the access level or attribute.
    static func imports(in text: String) -> Set<String> {
        var modules: Set<String> = []
        for line in text.split(separator: "\n") {
            var words = line.split(whereSeparator: \.isWhitespace).map(String.init)[...]
            while let first = words.first, first.hasPrefix("@") || access.contains(first) { words = words.dropFirst() }
            guard words.first == "import" else { continue }
            words = words.dropFirst()
            if let kind = words.first, kinds.contains(kind) { words = words.dropFirst() }
            if let module = words.first?.split(separator: ".").first { modules.insert(String(module)) }
        }
        return modules
    }

    /// What is wrong with the imports of one file of a module in Shared.
    static func faults(ofShared module: String, importing imported: Set<String>) -> [String] {
        guard let level = levels[module] else { return ["\(module) has no level: add it to ImportRules"] }
        var faults: [String] = []
        for other in imported.sorted() where other != module {
            if services.contains(other) { faults.append("\(module) imports the service \(other)") }
            if level <= 1, doors.contains(other) { faults.append("\(module) is pure and imports \(other)") }
            guard let otherLevel = levels[other], otherLevel >= level, level < 4 else { continue }
            if otherLevel > level || !(sameLevel[module] ?? []).contains(other) {
                faults.append("\(module) (level \(level)) imports \(other) (level \(otherLevel))")
            }
        }
        return faults
    }

    /// What is wrong with the imports of one file of a service.
    static func faults(ofService service: String, importing imported: Set<String>) -> [String] {
        let foreign = services.subtracting([service]).union(adapters).union(["TestKit", "GRDB", "swiftscale"])
        return imported.intersection(foreign).sorted().map { "\(service) imports \($0)" }
    }

    private static let access: Set<String> = ["public", "package", "internal", "fileprivate", "private"]
    private static let kinds: Set<String> = ["class", "enum", "func", "let", "protocol", "struct", "typealias", "var"]
}
