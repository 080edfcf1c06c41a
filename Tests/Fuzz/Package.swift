// swift-tools-version:6.2
import PackageDescription

let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swiftscale", path: "../.."),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    ],
    targets: [
        fuzzer("FuzzDERPFrames", ["DERPProtocol"]),
        fuzzer("FuzzHTTPUpgrade", ["ServiceKit"]),
        fuzzer("FuzzMapRequest", ["TailcfgWire"]),
        fuzzer("FuzzNoiseInitiation", ["NoiseProtocol"]),
        fuzzer("FuzzNoiseRecords", ["NoiseProtocol"]),
        fuzzer("FuzzPolicyCompiler", ["PolicyLanguage"]),
        fuzzer("FuzzPolicyParser", ["PolicyLanguage"]),
        fuzzer("FuzzSTUN", ["STUNProtocol"]),
    ],
    swiftLanguageModes: [.v6]
)

/// A program that libFuzzer drives; see README.md for the flags that its dependencies need as well.
func fuzzer(_ name: String, _ modules: [String]) -> Target {
    .executableTarget(
        name: name,
        dependencies: modules.map { .product(name: $0, package: "swiftscale") } + [
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOEmbedded", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
        ],
        path: "Sources/\(name)",
        swiftSettings: [.unsafeFlags(["-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]
    )
}
