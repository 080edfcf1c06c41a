import Bus
import Foundation
import Testing

@Suite("Bus messages as JSON")
struct ContractVectorTests {
    @Test(
        "a message decodes, encodes to the same again, and may have fields that are not known",
        arguments: Message.all
    )
    func vector(message: Message) throws {
        let file = try #require(JSONSerialization.jsonObject(with: message.file) as? [String: [Any]])
        #expect(Set(file.keys.filter { !$0.hasPrefix("older ") }) == Set(message.parts.keys))
        for (part, roundTrip) in message.parts {
            let examples = try #require(file[part])
            #expect(!examples.isEmpty)
            for example in examples {
                #expect(try canonical(roundTrip(encode(example))) == canonical(encode(example)))
                #expect(try canonical(roundTrip(encode(extended(example)))) == canonical(encode(example)))
            }
        }
    }

    @Test(
        "a message of an earlier release decodes, and says the same with the fields it does not have",
        arguments: Message.all
    )
    func older(message: Message) throws {
        let file = try #require(JSONSerialization.jsonObject(with: message.file) as? [String: [Any]])
        for (name, examples) in file where name.hasPrefix("older ") {
            let roundTrip = try #require(message.parts[String(name.dropFirst("older ".count))])
            for example in examples {
                let now = try roundTrip(encode(example))
                #expect(Self.isContained(example, in: try JSONSerialization.jsonObject(with: now)))
            }
        }
    }

    @Test("every message has a file, and every file a message")
    func completeness() throws {
        let directory = try #require(Bundle.module.url(forResource: "Vectors", withExtension: nil))
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(Set(files) == Set(Message.all.map { "\($0).json" } + ["README.md"]))
    }

    @Test("every message that the contract declares is in the list")
    func list() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../Shared/Bus/Contract").standardized
        var declared: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            let text = try String(contentsOf: file, encoding: .utf8)
            declared.formUnion(text.matches(of: #/public struct (\w+): Bus(?:Event|Request)\b/#).map { String($0.1) })
        }
        #expect(declared == Set(Message.all.map(\.description)))
        #expect(Set(Message.all.map(\.subject)).count == Message.all.count)
    }

    /// Whether `now` has all that `older` has, at any depth.
    private static func isContained(_ older: Any, in now: Any) -> Bool {
        switch (older, now) {
        case (let older as [Any], let now as [Any]):
            older.count == now.count && zip(older, now).allSatisfy { isContained($0, in: $1) }
        case (let older as [String: Any], let now as [String: Any]):
            older.allSatisfy { key, value in now[key].map { isContained(value, in: $0) } ?? false }
        default: (older as? NSObject)?.isEqual(now) ?? false
        }
    }

    private func encode(_ value: Any) throws -> Data {
        try JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed)
    }

    private func canonical(_ data: Data) throws -> String {
        let value = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
        let sorted = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed])
        return String(decoding: sorted, as: UTF8.self)
    }

    /// The same with a field more in each object, but for those that stand for a case or a map.
    private func extended(_ value: Any, key: String = "") -> Any {
        if let list = value as? [Any] { return list.map { extended($0) } }
        guard let object = value as? [String: Any] else { return value }
        var more: [String: Any] = [:]
        for (key, value) in object { more[key] = extended(value, key: key) }
        let isCase = object.count <= 1 && object.values.allSatisfy { ($0 as? [String: Any])?["_0"] != nil }
        if !isCase, key != "splitNameservers", !Self.cases.contains(where: { object[$0] is [String: Any] }) {
            more["fieldOfALaterRelease"] = ["x": 1]
        }
        return more
    }

    private static let cases = [
        "approved", "done", "registered", "keyExpired", "loggedOut", "loginRequired", "refused", "rejected", "waiting",
    ]
}

/// A message of the contract, and how each part of its file goes through its type.
struct Message: Sendable, CustomStringConvertible {
    let description: String
    let subject: String
    let parts: [String: @Sendable (Data) throws -> Data]

    init<Event: BusEvent>(_ event: Event.Type) {
        description = "\(event)"
        subject = event.subject
        parts = ["events": { try roundTrip(Event.self, $0) }]
    }

    init<Request: BusRequest>(_ request: Request.Type) {
        description = "\(request)"
        subject = request.subject
        parts = [
            "requests": { try roundTrip(Request.self, $0) }, "responses": { try roundTrip(Request.Response.self, $0) },
        ]
    }

    var file: Data {
        get throws {
            let url = Bundle.module.url(forResource: description, withExtension: "json", subdirectory: "Vectors")
            return try Data(contentsOf: #require(url))
        }
    }

    static let all: [Message] = [
        Message(ApproveLogin.self), Message(ApproveNode.self), Message(ApproveNodeRoutes.self),
        Message(AuthenticateAPIKey.self), Message(BackfillAddresses.self), Message(BeginLoginStep.self),
        Message(CheckPolicy.self), Message(CheckRegistry.self), Message(CheckSSHLogin.self), Message(CheckTags.self),
        Message(ClientAnswered.self), Message(ClientAsked.self), Message(ComparePolicies.self),
        Message(ConfirmLogin.self), Message(CreateAPIKey.self), Message(CreateAuthKey.self), Message(CreateUser.self),
        Message(DERPAnnounced.self), Message(DERPWanted.self), Message(DNSSettingsPublished.self),
        Message(DeleteAPIKey.self), Message(DeleteAuthKey.self), Message(DeleteNode.self), Message(DeleteUser.self),
        Message(ExpireAPIKey.self), Message(ExpireAuthKey.self), Message(ExplainAccess.self),
        Message(FetchChanges.self), Message(FetchDNSSettings.self), Message(FetchPolicy.self),
        Message(FetchServerKey.self), Message(FetchSnapshot.self), Message(FetchTokenKeys.self), Message(GetLogin.self),
        Message(GetNode.self), Message(GetPolicy.self), Message(IdentifyLogin.self), Message(IssueIDToken.self),
        Message(ListAPIKeys.self), Message(ListAuditRecords.self), Message(ListAuthKeys.self), Message(ListLogins.self),
        Message(ListNodes.self), Message(RecordClientEvent.self), Message(ListPolicyRevisions.self),
        Message(ListUsers.self), Message(LoginDecided.self), Message(LookupNode.self), Message(PingAnswered.self),
        Message(PingAsked.self), Message(PolicyPublished.self), Message(RecordClientQuestion.self),
        Message(RegisterNode.self), Message(RegistryChanges.self), Message(RejectLogin.self), Message(RenameNode.self),
        Message(RenameUser.self), Message(ReportNodeStatus.self), Message(ReportPostureIdentity.self),
        Message(ReportPresence.self), Message(ReportRouterHealth.self), Message(RollBackPolicy.self),
        Message(SetNodeAddresses.self), Message(SetNodeExpiry.self), Message(SetNodeRoutes.self),
        Message(SetNodeTags.self), Message(SetPolicy.self), Message(SetUserRole.self), Message(StreamsOpened.self),
        Message(TakeLoginStep.self),
    ]
}

private func roundTrip<Value: Codable>(_ type: Value.Type, _ data: Data) throws -> Data {
    try JSONEncoder().encode(JSONDecoder().decode(type, from: data))
}
