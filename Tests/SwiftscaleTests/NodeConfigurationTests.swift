import RegistryService
import Testing

@testable import swiftscale

@Suite("configuration: nodes")
struct NodeConfigurationTests {
    @Test("without any configuration no device needs approval")
    func defaults() throws {
        #expect(try ConfigurationSandbox().load().node.deviceApproval == DeviceApproval())
    }

    @Test("device approval and its rules come from the file or the environment")
    func approval() throws {
        let yaml = """
            node:
              device_approval:
                enabled: true
                approved_users: [anna, bert@example.com]
                approved_groups: [staff]
                approved_tags: ["tag:server"]
            """
        let expected = DeviceApproval(
            isRequired: true,
            users: ["anna", "bert@example.com"],
            groups: ["staff"],
            tags: ["tag:server"]
        )
        #expect(try ConfigurationSandbox(yaml: yaml).load().node.deviceApproval == expected)
        let environment = [
            "SWIFTSCALE_NODE_DEVICE_APPROVAL_ENABLED": "true",
            "SWIFTSCALE_NODE_DEVICE_APPROVAL_APPROVED_USERS": "anna,bert@example.com",
            "SWIFTSCALE_NODE_DEVICE_APPROVAL_APPROVED_GROUPS": "staff",
            "SWIFTSCALE_NODE_DEVICE_APPROVAL_APPROVED_TAGS": "tag:server",
        ]
        #expect(try ConfigurationSandbox(environment: environment).load().node.deviceApproval == expected)
    }

    @Test(
        "a flag that is none and a tag that is none are refused",
        arguments: ["enabled: perhaps", "approved_tags: [server]"]
    )
    func faults(line: String) {
        let sandbox = ConfigurationSandbox(yaml: "node: {device_approval: {\(line)}}")
        #expect(sandbox.faults().count == 1)
    }
}
