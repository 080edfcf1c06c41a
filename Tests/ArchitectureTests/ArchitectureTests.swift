import Testing

@Suite("architecture")
struct ArchitectureTests {
    @Test("modules in Shared import lower levels only")
    func sharedLevels() throws {
        let files = try SourceTree.swiftFiles(under: "Shared")
        #expect(files.count > 20)
        for file in files {
            let module = file.folders.dropFirst().first ?? ""
            let faults = ImportRules.faults(ofShared: module, importing: ImportRules.imports(in: file.text))
            #expect(faults.isEmpty, "\(file.path): \(faults.joined(separator: ", "))")
        }
    }

    @Test(
        "no service imports another or an adapter",
        arguments: [
            ("control-gateway", "ControlGatewayService"), ("derp", "DERPService"), ("dns", "DNSService"),
            ("policy", "PolicyService"), ("registry", "RegistryService"),
        ]
    )
    func services(folder: String, module: String) throws {
        let files = try SourceTree.swiftFiles(under: "Services/\(folder)")
        #expect(!files.isEmpty)
        for file in files {
            let faults = ImportRules.faults(ofService: module, importing: ImportRules.imports(in: file.text))
            #expect(faults.isEmpty, "\(file.path): \(faults.joined(separator: ", "))")
        }
    }

    @Test("every service is known to the rules")
    func allServicesKnown() throws {
        let folders = try SourceTree.folders(in: "Services")
        #expect(folders == ["control-gateway", "derp", "dns", "policy", "registry", "swiftscale"])
    }

    @Test("the verbs of the command line import no service and no adapter")
    func commandLine() throws {
        let folder = "Services/swiftscale/Sources"
        let files = try SourceTree.swiftFiles(under: "\(folder)/Commands", "\(folder)/Admin", "\(folder)/Output")
        #expect(files.count > 20)
        for file in files {
            let forbidden = ImportRules.imports(in: file.text)
                .intersection(ImportRules.services.union(ImportRules.adapters).union(["Bus", "Storage", "ServiceKit"]))
            #expect(forbidden.isEmpty, "\(file.path) imports \(forbidden.sorted().joined(separator: ", "))")
        }
    }

    @Test("files stay short")
    func size() throws {
        let listed = try SourceTree.list("Tests/ArchitectureTests/LargeFiles.txt")
        for file in try SourceTree.swiftFiles(under: "Services", "Shared", "Tests") where !listed.contains(file.path) {
            #expect(file.lineCount <= FormRules.lineLimit, "\(file.path) has \(file.lineCount) lines")
        }
    }

    @Test("constructs that hide faults carry a reason")
    func constructs() throws {
        for file in try SourceTree.swiftFiles(under: "Services", "Shared", "Tests") {
            for (line, name) in FormRules.unexplained(in: file.text) {
                Issue.record("\(file.path):\(line): \(name) without a reason")
            }
        }
    }

    @Test("names say what is inside")
    func names() throws {
        for file in try SourceTree.swiftFiles(under: "Services", "Shared", "Tests") {
            let empty = FormRules.emptyNames(in: file.path)
            #expect(empty.isEmpty, "\(file.path): \(empty.joined(separator: ", "))")
        }
    }

    @Test("every module and service says what it is for")
    func readmes() throws {
        let shared = try SourceTree.folders(in: "Shared").filter { !SourceTree.exists("Shared/\($0)/module.modulemap") }
        for folder in shared.map({ "Shared/\($0)" })
            + (try SourceTree.folders(in: "Services")).map({ "Services/\($0)" })
        {
            #expect(SourceTree.exists("\(folder)/README.md"), "\(folder) has no README.md")
        }
    }
}
