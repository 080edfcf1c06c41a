import Testing

@Suite("architecture rules")
struct RulesTests {
    @Test("imports are read with access levels, attributes, kinds and submodules")
    func imports() {
        let text = """
            import Bus
            public import Keys
            @testable import Storage
            @preconcurrency internal import NIOCore
            import struct Foundation.URL
            import NIOPosix.Thing
            // import Hidden
            let important = "import Nothing"
              import Indented
            """
        let expected: Set = ["Bus", "Keys", "Storage", "NIOCore", "Foundation", "NIOPosix", "Indented"]
        #expect(ImportRules.imports(in: text) == expected)
    }

    @Test(
        "an import of a higher level, a service or a socket is a fault",
        arguments: [
            ("Keys", "Bus"), ("Keys", "IPAddresses"), ("NoiseProtocol", "TailcfgWire"), ("Bus", "BusInProcess"),
            ("Storage", "Bus"), ("StorageSQLite", "ServiceKit"), ("ServiceKit", "RegistryService"),
            ("TestKit", "DERPService"), ("DERPProtocol", "NIOPosix"), ("ControlModel", "FoundationNetworking"),
            ("Unlisted", "Keys"),
        ]
    )
    func sharedFaults(module: String, imported: String) {
        #expect(ImportRules.faults(ofShared: module, importing: [imported]).count == 1)
    }

    @Test(
        "an import of a lower level is none",
        arguments: [
            ("ControlModel", "Keys"), ("DERPProtocol", "CSodium"), ("DERPProtocol", "NIOCore"), ("Bus", "ControlModel"),
            ("StorageSQLite", "GRDB"), ("TestKit", "StorageSQLite"), ("ServiceKit", "NIOPosix"), ("Keys", "Keys"),
        ]
    )
    func sharedFine(module: String, imported: String) {
        #expect(ImportRules.faults(ofShared: module, importing: [imported]).isEmpty)
    }

    @Test("a service that imports another, an adapter or test support is a fault")
    func serviceFaults() {
        let imported: Set = ["Bus", "DERPService", "RegistryService", "StorageSQLite", "TestKit", "NIOPosix"]
        #expect(
            ImportRules.faults(ofService: "RegistryService", importing: imported) == [
                "RegistryService imports DERPService", "RegistryService imports StorageSQLite",
                "RegistryService imports TestKit",
            ]
        )
    }

    @Test(
        "a construct without a reason is found",
        arguments: [
            "let a = try" + "! read()", "let b = c as" + "! D", "Task" + " { await run() }", "Task" + ".detached { }",
            "final class E: @unchecked " + "Sendable {}", "nonisolated" + "(unsafe) var f = 1",
            "\n\nlet g = try" + "! h()", "foo(Task" + " { })",
        ]
    )
    func unexplained(text: String) {
        #expect(FormRules.unexplained(in: text).count == 1)
    }

    @Test(
        "with a reason, in a comment or in a longer name it is fine",
        arguments: [
            "let a = try" + "! read()  // The literal is valid.", "// C calls back here.\nTask" + " { }",
            "// Task" + " { }", "struct MyTask" + " {}", "final class SubTask" + " {", "try? a()", "x as? Y",
        ]
    )
    func explained(text: String) {
        #expect(FormRules.unexplained(in: text).isEmpty)
    }

    @Test("an empty name is found in any part of a path")
    func names() {
        #expect(FormRules.emptyNames(in: "Shared/Utils/A.swift") == ["Utils"])
        #expect(FormRules.emptyNames(in: "Shared/Keys/String+Extensions.swift") == ["Extensions"])
        #expect(FormRules.emptyNames(in: "Shared/Keys/Helpers.swift") == ["Helpers"])
        #expect(FormRules.emptyNames(in: "Shared/Keys/BaseDomain.swift").isEmpty)
        #expect(FormRules.emptyNames(in: "Shared/Keys/NewUser.swift").isEmpty)
    }
}
