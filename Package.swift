// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "swiftscale",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "swiftscale", targets: ["swiftscale"]),
        // For Tests/Fuzz, a package of its own.
        .library(name: "DERPProtocol", targets: ["DERPProtocol", "Keys"]),
        .library(name: "NoiseProtocol", targets: ["Keys", "NoiseProtocol"]),
        .library(name: "PolicyLanguage", targets: ["IPAddresses", "PolicyLanguage"]),
        // For Tests/ProcessTests: loaded into processes before the C library.
        .library(name: "SteppedClock", type: .dynamic, targets: ["SteppedClock"]),
        .library(name: "STUNProtocol", targets: ["STUNProtocol"]),
        .library(name: "ServiceKit", targets: ["ServiceKit"]),
        .library(name: "TailcfgWire", targets: ["TailcfgWire"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: [
        // L0 values
        shared("ControlModel", ["IPAddresses", "Keys"]),
        shared("IPAddresses", []),
        shared("Keys", [.crypto]),

        // L1 protocols, pure
        shared("DERPProtocol", ["CSodium", "Keys", .nioCore]),
        shared("NoiseProtocol", ["COpenSSLCrypto", "Keys", .crypto, .nioCore]),
        shared("PolicyLanguage", ["ControlModel", "IPAddresses"]),
        shared("STUNProtocol", [.nioCore]),
        shared("SecretBox", ["CSodium", "Keys"]),
        shared("TailcfgWire", ["ControlModel", "IPAddresses", "Keys", .nioCore]),
        shared("Zstandard", ["CZstd", .nioCore]),

        // L2 ports
        shared("Bus", ["ControlModel", "IPAddresses", "Keys"]),
        shared("Storage", ["ControlModel", "IPAddresses", "Keys"]),

        // L3 adapters and what every service starts with
        shared("BusInProcess", ["Bus", "ControlModel"]),
        shared("BusNATS", ["Bus", "CNats", "ControlModel", "ServiceKit", .log, .metrics]),
        shared("OpenIDConnect", ["ControlModel", .asyncHTTPClient, .crypto, .jwt, .nioCore, .nioHTTP1]),
        shared("ServiceKit", [
            "Bus", "ControlModel", "IPAddresses", .asn1, .certificates, .crypto, .httpTypes, .hummingbird, .hummingbirdCore,
            .lifecycle, .log, .metrics, .nioCore, .nioHTTP1, .nioHTTPTypes, .nioPosix, .nioSSL, .nioWebSocket,
        ]),
        shared("StoragePostgres", ["CPostgres", "ControlModel", "IPAddresses", "Keys", "Storage", .log, .metrics]),
        shared("StorageSQLite", ["ControlModel", "IPAddresses", "Keys", "Storage", .grdb]),

        // L4 test support
        shared("TestKit", [
            "Bus", "BusInProcess", "ControlModel", "DERPProtocol", "IPAddresses", "Keys", "NoiseProtocol", "PolicyLanguage", "Storage",
            "TailcfgWire", "Zstandard", .nioCore, .nioHPACK, .nioHTTP2, .nioPosix, .nioSSL,
        ]),

        // Services
        service("ControlGatewayService", folder: "control-gateway", [
            "NoiseProtocol", "OpenIDConnect", "PolicyLanguage", "TailcfgWire", "Zstandard", .crypto, .httpTypes, .hummingbird,
            .mustache, .nioHPACK, .nioHTTP1, .nioHTTP2, .nioWebSocket,
        ]),
        service("DERPService", folder: "derp", ["DERPProtocol", "STUNProtocol", .httpTypes, .hummingbird, .nioHTTP1]),
        service("DNSService", folder: "dns", ["PolicyLanguage"]),
        service("PolicyService", folder: "policy", ["PolicyLanguage", "Storage"]),
        service("RegistryService", folder: "registry", ["PolicyLanguage", "SecretBox", "Storage", .crypto, .cryptoExtras]),

        .executableTarget(
            name: "swiftscale",
            dependencies: [
                "Bus", "BusInProcess", "BusNATS", "ControlGatewayService", "ControlModel", "DERPService", "DNSService",
                "IPAddresses", "Keys", "OpenIDConnect", "PolicyLanguage", "PolicyService", "RegistryService", "ServiceKit",
                "Storage", "StoragePostgres", "StorageSQLite",
                .argumentParser, .asyncHTTPClient, .configuration, .crypto, .lifecycle, .log, .metrics, .nioCore,
                .nioHTTP1, .nioPosix, .nioSSL, .unixSignals, .yams,
            ],
            path: "Services/swiftscale/Sources",
            swiftSettings: strict
        ),

        // Benchmarks
        .target(name: "CMallocCount", path: "Tests/Benchmarks/CMallocCount"),
        .target(name: "SteppedClock", path: "Tests/SteppedClock"),
        .executableTarget(
            name: "swiftscale-bench",
            dependencies: [
                "Bus", "BusInProcess", "BusNATS", "CMallocCount", "ControlGatewayService", "ControlModel", "IPAddresses", "Keys",
                "NoiseProtocol", "PolicyLanguage", "RegistryService", "ServiceKit", "Storage", "StoragePostgres", "StorageSQLite",
                "TailcfgWire", "TestKit", .log, .nioCore, .nioPosix,
            ],
            path: "Tests/Benchmarks/Sources", swiftSettings: strict
        ),
        .executableTarget(
            name: "swiftscale-load", dependencies: ["IPAddresses", "TailcfgWire", "TestKit"], path: "Tests/Benchmarks/Load",
            swiftSettings: strict
        ),

        // Tests
        tests("ArchitectureTests", []),
        tests("BusNATSTests", [
            "Bus", "BusNATS", "ControlModel", "TestKit", .asn1, .certificates, .crypto, .log,
        ]),
        tests("BusTests", ["Bus", "BusInProcess", "ControlModel", "IPAddresses", "Keys", "TestKit"], vectors: true),
        tests("ControlGatewayServiceTests", [
            "Bus", "BusInProcess", "ControlGatewayService", "ControlModel", "IPAddresses", "Keys", "PolicyLanguage", "PolicyService",
            "ServiceKit", "Storage", "TailcfgWire", "TestKit", "Zstandard", .httpTypes, .hummingbird, .log, .nioCore, .nioEmbedded, .nioPosix,
        ]),
        tests("ControlModelTests", ["ControlModel", "IPAddresses", "Keys", "TestKit"]),
        tests("DERPProtocolTests", ["DERPProtocol", "Keys", "TestKit", .nioCore], vectors: true),
        tests("DERPServiceTests", [
            "Bus", "BusInProcess", "ControlModel", "DERPProtocol", "DERPService", "IPAddresses", "Keys", "STUNProtocol",
            "ServiceKit", "TestKit", .httpTypes, .hummingbird, .lifecycle, .log, .nioCore, .nioEmbedded, .nioHTTP1, .nioPosix,
        ]),
        tests("DNSServiceTests", ["Bus", "BusInProcess", "ControlModel", "DNSService", "ServiceKit", "TestKit", .lifecycle, .log]),
        tests("IPAddressesTests", ["IPAddresses"]),
        tests("KeysTests", ["Keys"]),
        tests("NoiseProtocolTests", ["Keys", "NoiseProtocol", .crypto, .nioCore], vectors: true),
        tests("OpenIDConnectTests", ["ControlModel", "OpenIDConnect", .crypto, .jwt]),
        tests("PolicyLanguageTests", ["ControlModel", "IPAddresses", "Keys", "PolicyLanguage", "TestKit"]),
        tests("PolicyServiceTests", [
            "Bus", "BusInProcess", "ControlModel", "IPAddresses", "PolicyService", "Storage", "StorageSQLite", "TestKit",
            .lifecycle, .log,
        ]),
        tests("ProcessTests", ["ControlModel", "IPAddresses", "TailcfgWire", "TestKit", "swiftscale"]),
        tests("RegistryServiceTests", [
            "Bus", "BusInProcess", "ControlModel", "IPAddresses", "Keys", "RegistryService", "SecretBox", "ServiceKit",
            "Storage", "StoragePostgres", "StorageSQLite", "TestKit", .lifecycle, .log,
        ]),
        tests("STUNProtocolTests", ["STUNProtocol", .nioCore], vectors: true),
        tests("ScenarioTests", [
            "Bus", "BusInProcess", "BusNATS", "ControlGatewayService", "ControlModel", "DNSService", "IPAddresses", "Keys",
            "NoiseProtocol", "OpenIDConnect", "PolicyService", "RegistryService", "ServiceKit", "Storage", "StoragePostgres",
            "StorageSQLite", "TailcfgWire", "TestKit", .crypto, .jwt, .lifecycle, .log, .nioCore, .nioPosix,
        ]),
        tests("SecretBoxTests", ["SecretBox"]),
        tests("ServiceKitTests", [
            "Bus", "BusInProcess", "ControlModel", "IPAddresses", "ServiceKit", "TestKit", .asyncHTTPClient, .crypto, .httpTypes,
            .hummingbird, .lifecycle, .log,
            .metrics, .nioCore, .nioEmbedded, .nioHTTP1, .nioPosix, .nioSSL, .nioWebSocket,
        ]),
        tests("StoragePostgresTests", [
            "ControlModel", "IPAddresses", "Keys", "ServiceKit", "Storage", "StoragePostgres", "TestKit", .log,
        ]),
        tests("StorageSQLiteTests", ["ControlModel", "IPAddresses", "Keys", "Storage", "StorageSQLite", "TestKit", .grdb]),
        tests("SwiftscaleTests", [
            "ControlModel", "DERPService", "IPAddresses", "Keys", "OpenIDConnect", "PolicyLanguage", "PolicyService",
            "RegistryService", "ServiceKit", "TestKit", "swiftscale", .argumentParser, .configuration, .log,
        ]),
        tests("TailcfgWireTests", ["ControlModel", "IPAddresses", "Keys", "TailcfgWire", .nioCore], vectors: true),
        tests("ZstandardTests", ["Zstandard", .nioCore]),

        // C libraries, from the system
        .systemLibrary(name: "CNats", path: "Shared/CNats", pkgConfig: "libnats", providers: [.apt(["libnats-dev"])]),
        .systemLibrary(
            name: "COpenSSLCrypto", path: "Shared/COpenSSLCrypto", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CPostgres", path: "Shared/CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]
        ),
        .systemLibrary(
            name: "CSodium", path: "Shared/CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]
        ),
        .systemLibrary(name: "CZstd", path: "Shared/CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    ],
    swiftLanguageModes: [.v6]
)

func shared(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Shared/\(name)", exclude: ["README.md"], swiftSettings: strict)
}

/// A service library: the ports, ServiceKit and NIO are there for each of them.
func service(_ name: String, folder: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name,
        dependencies: [
            "Bus", "ControlModel", "IPAddresses", "Keys", "ServiceKit", .lifecycle, .log, .metrics, .nioCore, .nioPosix,
        ] + dependencies,
        path: "Services/\(folder)/Sources",
        swiftSettings: strict
    )
}

func tests(_ name: String, _ dependencies: [Target.Dependency], vectors: Bool = false) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", resources: vectors ? [.copy("Vectors")] : [],
        swiftSettings: strict
    )
}

extension Target.Dependency {
    static let asn1 = product(name: "SwiftASN1", package: "swift-asn1")
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let certificates = product(name: "X509", package: "swift-certificates")
    static let configuration = product(name: "Configuration", package: "swift-configuration")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras = product(name: "CryptoExtras", package: "swift-crypto")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let jwt = product(name: "JWTKit", package: "jwt-kit")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let log = product(name: "Logging", package: "swift-log")
    static let metrics = product(name: "Metrics", package: "swift-metrics")
    static let mustache = product(name: "Mustache", package: "swift-mustache")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let nioHPACK = product(name: "NIOHPACK", package: "swift-nio-http2")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTP2 = product(name: "NIOHTTP2", package: "swift-nio-http2")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let nioWebSocket = product(name: "NIOWebSocket", package: "swift-nio")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let yams = product(name: "Yams", package: "Yams")
}
