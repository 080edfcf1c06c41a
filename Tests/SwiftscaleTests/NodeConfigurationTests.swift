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

    @Test("clients may set no attributes but those that are named, which must be names of attributes")
    func attributes() throws {
        #expect(try ConfigurationSandbox().load().node.clientAttributes == [])
        let yaml = #"node: {attributes: {set_by_clients: ["custom:a", "custom:b_2"]}}"#
        #expect(try ConfigurationSandbox(yaml: yaml).load().node.clientAttributes == ["custom:a", "custom:b_2"])
        let environment = ["SWIFTSCALE_NODE_ATTRIBUTES_SET_BY_CLIENTS": "custom:a"]
        #expect(try ConfigurationSandbox(environment: environment).load().node.clientAttributes == ["custom:a"])
        for name in ["node:os", "custom:", "tier", "custom:a b"] {
            let sandbox = ConfigurationSandbox(yaml: #"node: {attributes: {set_by_clients: ["\#(name)"]}}"#)
            #expect(sandbox.faults().count == 1, "\(name)")
        }
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
