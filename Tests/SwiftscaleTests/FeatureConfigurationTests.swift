import Testing

@testable import swiftscale

@Suite("configuration: features")
struct FeatureConfigurationTests {
    @Test("devices are asked for serial numbers only where that is switched on, in the file or the environment")
    func posture() throws {
        #expect(try !ConfigurationSandbox().load().features.collectsPostureIdentity)
        let yaml = "posture:\n  identity_collection: true\n"
        #expect(try ConfigurationSandbox(yaml: yaml).load().features.collectsPostureIdentity)
        let environment = ["SWIFTSCALE_POSTURE_IDENTITY_COLLECTION": "true"]
        #expect(try ConfigurationSandbox(environment: environment).load().features.collectsPostureIdentity)
        #expect(throws: (any Error).self) {
            try ConfigurationSandbox(yaml: "posture:\n  identity_collection: sometimes\n").load()
        }
    }
}
