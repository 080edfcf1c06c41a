import ArgumentParser
import Testing

@testable import swiftscale

@Suite("commands and what they ask of the server")
struct CommandRequestTests {
    private static let users = #"{"users":[{"id":"3","name":"anna"},{"id":"4","name":"5"}]}"#
    private static let answers = [
        "GET /api/v1/user": users, "POST /api/v1/user": #"{"user":{"id":"9","name":"new"}}"#,
        "POST /api/v1/user/3/rename/anna.b": #"{"user":{"id":"3","name":"anna.b"}}"#, "DELETE /api/v1/user/3": "{}",
        "POST /api/v1/preauthkey": #"{"preAuthKey":{"id":"1","key":"hskey-auth-a-b"}}"#,
        "GET /api/v1/preauthkey": #"{"preAuthKeys":[]}"#, "POST /api/v1/preauthkey/expire": "{}",
        "DELETE /api/v1/preauthkey": "{}", "GET /api/v1/node": #"{"nodes":[]}"#,
        "GET /api/v1/node/7": #"{"node":{"id":"7","givenName":"box"}}"#, "DELETE /api/v1/node/7": "{}",
        "POST /api/v1/node/7/expire": #"{"node":{"id":"7","givenName":"box","expiry":null}}"#,
        "POST /api/v1/node/7/rename/a%20b": #"{"node":{"id":"7","givenName":"a b"}}"#,
        "GET /api/v1/audit": #"{"records":[]}"#,
        "POST /api/v1/node/7/approve": #"{"node":{"id":"7","givenName":"box"}}"#,
        "POST /api/v1/node/7/tags": #"{"node":{"id":"7","givenName":"box","tags":["tag:a"]}}"#,
        "POST /api/v1/node/backfillips": #"{"changes":[]}"#,
        "GET /api/v1/node/7/attributes": #"{"attributes":{"custom:tier":"prod"},"expiries":{},"comments":{}}"#,
        "POST /api/v1/node/7/attributes/custom%3Atier": #"{"attributes":{},"expiries":{},"comments":{}}"#,
        "DELETE /api/v1/node/7/attributes/custom%3Atier": "{}",
        "POST /api/v1/node/7/c2n": #"{"status":200,"headers":{},"body":"hello\n"}"#,
        "POST /api/v1/node/7/ping": #"{"latencySeconds":0.0123}"#,
        "POST /api/v1/node/7/ip": #"{"node":{"id":"7","givenName":"box","ipAddresses":["100.64.0.9"]}}"#,
        "POST /api/v1/node/7/approve_routes": #"{"node":{"id":"7","givenName":"box"}}"#,
        "POST /api/v1/apikey": #"{"apiKey":"hskey-api-a-b"}"#, "GET /api/v1/apikey": #"{"apiKeys":[]}"#,
        "POST /api/v1/apikey/expire": "{}", "DELETE /api/v1/apikey/-": "{}", "DELETE /api/v1/apikey/abc": "{}",
        "GET /api/v1/auth": #"{"logins":[]}"#,
        "POST /api/v1/auth/register": #"{"node":{"id":"7","givenName":"box"}}"#, "POST /api/v1/auth/approve": "{}",
        "POST /api/v1/auth/reject": "{}", "POST /api/v1/node/register": #"{"node":{"id":"7","givenName":"box"}}"#,
        "GET /api/v1/health": #"{"databaseConnectivity":true}"#,
        "POST /api/v1/user/3/role": #"{"user":{"id":"3","name":"anna","role":"admin"}}"#,
        "GET /api/v1/policy": #"{"policy":"{}\n","revision":2}"#, "GET /api/v1/policy/history": #"{"revisions":[]}"#,
        "POST /api/v1/policy/rollback": #"{"revision":9}"#, "GET /api/v1/policy/explain": #"{"answers":[]}"#,
        "POST /api/v1/policy/diff": #"{"access":[],"ssh":[],"attributes":[]}"#,
    ]

    @Test(
        "each verb and each of its names asks for the same",
        arguments: [
            ("health", "GET /api/v1/health"),
            ("nodes backfillips --force", "POST /api/v1/node/backfillips?confirmed=true"),
            ("nodes backfillips --dry-run", "POST /api/v1/node/backfillips?dry_run=true"),
            ("nodes attributes list -i 7", "GET /api/v1/node/7/attributes"),
            ("nodes attrs ls -i 7", "GET /api/v1/node/7/attributes"),
            (
                "nodes attributes set -i 7 custom:tier prod",
                #"POST /api/v1/node/7/attributes/custom%3Atier {"value":"prod"}"#
            ),
            (
                "nodes attributes set -i 7 custom:tier true --expires 24h --comment why",
                #"POST /api/v1/node/7/attributes/custom%3Atier {"comment":"why","expiry":"2027-01-16T08:00:00Z","value":true}"#
            ),
            (
                "nodes attributes set -i 7 custom:tier 1.5 -e 2030-01-31T12:00:00Z",
                #"POST /api/v1/node/7/attributes/custom%3Atier {"expiry":"2030-01-31T12:00:00Z","value":1.5}"#
            ),
            (
                "nodes attributes set -i 7 custom:tier 12",
                #"POST /api/v1/node/7/attributes/custom%3Atier {"value":12}"#
            ),
            (
                "nodes attributes set -i 7 custom:tier 12 --text",
                #"POST /api/v1/node/7/attributes/custom%3Atier {"value":"12"}"#
            ),
            (
                "nodes attributes set -i 7 custom:tier 1.2.3",
                #"POST /api/v1/node/7/attributes/custom%3Atier {"value":"1.2.3"}"#
            ),
            ("nodes attributes delete -i 7 custom:tier", "DELETE /api/v1/node/7/attributes/custom%3Atier"),
            ("nodes set-ip -i 7 100.64.0.9", #"POST /api/v1/node/7/ip {"ipv4":"100.64.0.9"}"#),
            ("nodes set-ip fd7a::9 100.64.0.9 -i 7", #"POST /api/v1/node/7/ip {"ipv4":"100.64.0.9","ipv6":"fd7a::9"}"#),
            ("nodes ping -i 7", #"POST /api/v1/node/7/ping {"timeout":10}"#),
            (
                "nodes ping -i 7 --to box --type ICMP --timeout 1m",
                #"POST /api/v1/node/7/ping {"timeout":60,"to":"box","type":"icmp"}"#
            ),
            ("nodes c2n -i 7 /echo", #"POST /api/v1/node/7/c2n {"path":"/echo","timeout":10}"#),
            (
                "nodes c2n /a?b=c -i 7 -X put -d x --content-type a/b --timeout 1500ms",
                #"POST /api/v1/node/7/c2n {"body":"x","contentType":"a/b","method":"PUT","path":"/a?b=c","timeout":1.5}"#
            ),
            ("nodes list-routes", "GET /api/v1/node"), ("nodes lsr", "GET /api/v1/node"),
            ("node routes -i 7", "GET /api/v1/node/7"),
            (
                "nodes approve-routes -i 7 -r 10.0.0.0/8,fd00::/8",
                #"POST /api/v1/node/7/approve_routes {"routes":["10.0.0.0/8","fd00::/8"]}"#
            ),
            (
                "nodes approve-routes --identifier 7 --routes 10.0.0.0/8 fd00::/8",
                #"POST /api/v1/node/7/approve_routes {"routes":["10.0.0.0/8","fd00::/8"]}"#
            ),
            ("nodes approve-routes -i 7 -r ,", #"POST /api/v1/node/7/approve_routes {"routes":[]}"#),
            ("users list", "GET /api/v1/user"), ("user ls", "GET /api/v1/user"),
            ("users show -i 3", "GET /api/v1/user?id=3"),
            ("users list -n anna", "GET /api/v1/user?name=anna"), ("users list -e a@b", "GET /api/v1/user?email=a%40b"),
            ("users create new", #"POST /api/v1/user {"name":"new"}"#),
            (
                "users c new -d N -e a@b -p u",
                #"POST /api/v1/user {"displayName":"N","email":"a@b","name":"new","pictureUrl":"u"}"#
            ),
            ("users new new", #"POST /api/v1/user {"name":"new"}"#),
            ("users rename -i 3 -r anna.b", "POST /api/v1/user/3/rename/anna.b"),
            ("users mv --name anna --new-name anna.b", "POST /api/v1/user/3/rename/anna.b"),
            ("users destroy -n anna --force", "DELETE /api/v1/user/3"),
            ("--force users delete -i 3", "DELETE /api/v1/user/3"),
            ("preauthkeys list", "GET /api/v1/preauthkey"), ("preauthkey ls", "GET /api/v1/preauthkey"),
            ("authkey show", "GET /api/v1/preauthkey"),
            ("preauthkeys create -u anna", create("3")), ("pre c --user 3", create("3")), ("pre new -u 5", create("4")),
            ("preauthkeys create --user me --create-user --reusable", create("9", reusable: true)),
            (
                "preauthkeys create --tags tag:a,tag:b -e 2030-01-31T12:00:00Z --ephemeral",
                #"POST /api/v1/preauthkey {"aclTags":["tag:a","tag:b"],"ephemeral":true,"expiration":"2030-01-31T12:00:00Z","reusable":false}"#
            ),
            ("preauthkeys expire -i 2", #"POST /api/v1/preauthkey/expire {"id":"2"}"#),
            ("pre revoke --id 2", #"POST /api/v1/preauthkey/expire {"id":"2"}"#),
            ("pre e -i 2", #"POST /api/v1/preauthkey/expire {"id":"2"}"#),
            ("preauthkeys delete -i 2", "DELETE /api/v1/preauthkey?id=2"),
            ("pre rm -i 2", "DELETE /api/v1/preauthkey?id=2"),
            ("pre d -i 2", "DELETE /api/v1/preauthkey?id=2"),
            ("nodes list", "GET /api/v1/node"), ("node ls -u anna", "GET /api/v1/node?user=anna"),
            ("nodes show", "GET /api/v1/node"), ("nodes expire -i 7", "POST /api/v1/node/7/expire {}"),
            ("nodes logout -i 7 -d", #"POST /api/v1/node/7/expire {"disableExpiry":true}"#),
            ("nodes e -i 7 -e 1h", #"POST /api/v1/node/7/expire {"expiry":"2027-01-15T09:00:00Z"}"#),
            (
                "nodes exp -i 7 --expiry 2030-01-31T12:00:00Z",
                #"POST /api/v1/node/7/expire {"expiry":"2030-01-31T12:00:00Z"}"#
            ),
            ("nodes delete -i 7 --force", "DELETE /api/v1/node/7"), ("nodes del -i 7 --force", "DELETE /api/v1/node/7"),
            ("nodes list -t", "GET /api/v1/node"), ("nodes list --tags -u anna", "GET /api/v1/node?user=anna"),
            ("nodes approve -i 7", #"POST /api/v1/node/7/approve {"approved":true}"#),
            ("nodes approve -i 7 --withdraw", #"POST /api/v1/node/7/approve {"approved":false}"#),
            (
                "pre create --tags tag:a -e 2030-01-31T12:00:00Z --preapproved",
                #"POST /api/v1/preauthkey {"aclTags":["tag:a"],"ephemeral":false,"expiration":"2030-01-31T12:00:00Z","preapproved":true,"reusable":false}"#
            ),
            ("nodes tag -i 7 -t tag:a,tag:b", #"POST /api/v1/node/7/tags {"tags":["tag:a","tag:b"]}"#),
            ("nodes tags -i 7 --tags tag:a tag:b", #"POST /api/v1/node/7/tags {"tags":["tag:a","tag:b"]}"#),
            ("node t --identifier 7 --tags tag:a", #"POST /api/v1/node/7/tags {"tags":["tag:a"]}"#),
            ("auth list", "GET /api/v1/auth"), ("auth ls", "GET /api/v1/auth"),
            ("auth register --auth-id ID -u anna", #"POST /api/v1/auth/register {"authId":"ID","user":"anna"}"#),
            ("auth approve --auth-id ID", #"POST /api/v1/auth/approve {"authId":"ID"}"#),
            ("auth reject --auth-id ID", #"POST /api/v1/auth/reject {"authId":"ID"}"#),
            ("nodes register -k ID --user anna", #"POST /api/v1/node/register {"key":"ID","user":"anna"}"#),
            ("apikeys list", "GET /api/v1/apikey"), ("api ls", "GET /api/v1/apikey"),
            ("apikeys create", #"POST /api/v1/apikey {"expiration":"2027-04-15T08:00:00Z"}"#),
            ("apikey c -e 1d", #"POST /api/v1/apikey {"expiration":"2027-01-16T08:00:00Z"}"#),
            ("apikeys expire -p abc", #"POST /api/v1/apikey/expire {"prefix":"abc"}"#),
            ("apikeys e -i 4", #"POST /api/v1/apikey/expire {"id":"4"}"#),
            ("apikeys delete -p abc", "DELETE /api/v1/apikey/abc"),
            ("apikeys del -i 4", "DELETE /api/v1/apikey/-?id=4"),
            ("audit list", "GET /api/v1/audit?limit=100"),
            ("audit ls --since 1d --limit 5", "GET /api/v1/audit?limit=5&since=2027-01-14T08%3A00%3A00Z"),
            (
                "audit list --since 2030-01-31T12:00:00Z --before 9",
                "GET /api/v1/audit?before=9&limit=100&since=2030-01-31T12%3A00%3A00Z"
            ),
            ("users set-role -n anna admin", #"POST /api/v1/user/3/role {"role":"admin"}"#),
            ("policy get", "GET /api/v1/policy"), ("acl show --revision 2", "GET /api/v1/policy?revision=2"),
            ("policy view", "GET /api/v1/policy"), ("policy fetch", "GET /api/v1/policy"),
            ("policy history", "GET /api/v1/policy/history?limit=20"),
            ("policy log --limit 5 --before 9", "GET /api/v1/policy/history?before=9&limit=5"),
            ("policy rollback 7", #"POST /api/v1/policy/rollback {"revision":7}"#),
            ("policy rollback 7 --note why", #"POST /api/v1/policy/rollback {"note":"why","revision":7}"#),
            ("policy explain a b:22", "GET /api/v1/policy/explain?dst=b%3A22&src=a"),
            ("policy explain a b --proto udp", "GET /api/v1/policy/explain?dst=b&proto=udp&src=a"),
            ("policy diff 6 7", #"POST /api/v1/policy/diff {"after":{"revision":7},"before":{"revision":6}}"#),
            ("policy diff current 7", #"POST /api/v1/policy/diff {"after":{"revision":7},"before":{}}"#),
        ]
    )
    func asks(line: String, expected: String) async throws {
        let transport = FakeAdminTransport(Self.answers)
        _ = try await Self.perform(line.split(separator: " ").map(String.init), transport)
        #expect(transport.lastLine == expected)
    }

    @Test("a name goes through the path as it is")
    func encodedPath() async throws {
        let transport = FakeAdminTransport(Self.answers)
        let report = try await Self.perform(["nodes", "rename", "-i", "7", "a b"], transport)
        #expect(transport.lastLine == "POST /api/v1/node/7/rename/a%20b")
        #expect(report.text == "Node 7 is now a b.")
        #expect(AdminRequest(method: .get, path: ["a/b", "ü%"]).target == "/api/v1/a%2Fb/%C3%BC%25")
    }

    @Test(
        "nothing is deleted without a yes, and nobody asked means no",
        arguments: [(nil, false), ("", false), ("n", false), ("y", true), ("YES", true)] as [(String?, Bool)]
    )
    func confirmation(answer: String?, isDone: Bool) async throws {
        let transport = FakeAdminTransport(Self.answers)
        let report = try? await Self.perform(["nodes", "delete", "-i", "7"], transport, .test(answer: answer))
        #expect((report != nil) == isDone)
        #expect(transport.requests.contains { $0.method == .delete } == isDone)
    }

    @Test("addresses are changed after a look at what that means and a yes; where all fit nobody is asked")
    func backfill() async throws {
        let plan = #"{"changes":["node 7 (box): gets an IPv6 address"],"nodes":1}"#
        let path = "POST /api/v1/node/backfillips"
        let transport = FakeAdminTransport([path: plan])
        let refused = try? await Self.perform(["nodes", "backfillips"], transport, .test(answer: "n"))
        #expect(refused == nil && transport.requests.count == 1)
        let report = try await Self.perform(["nodes", "backfillips"], transport, .test(answer: "y"))
        #expect(transport.lastLine == path + "?confirmed=true")
        #expect(report.text == "node 7 (box): gets an IPv6 address")
        let shown = try await Self.perform(["nodes", "backfillips", "--dry-run"], transport)
        #expect(transport.lastLine == path + "?dry_run=true" && shown.text == report.text)
        let fitting = FakeAdminTransport([path: #"{"changes":[],"nodes":0}"#])
        let nothing = try await Self.perform(["nodes", "backfillips"], fitting)
        #expect(nothing.text == "All nodes have their addresses." && fitting.requests.count == 1)
    }

    @Test("a client's event is told with its details; attributes stand in a table with values as policies write them")
    func tables() async throws {
        let record = #"""
            {"records":[{"version":"3","time":"2027-01-15T07:00:00Z","actor":"user anna","source":"192.0.2.1",
            "action":"client.DISCONNECT_NODE","target":{"kind":"node","id":"7","name":"box"},"before":{},
            "after":{"details":"for lunch"}}]}
            """#
        let audit = try await Self.perform(["audit", "list"], FakeAdminTransport(["GET /api/v1/audit": record]))
        #expect(audit.text.contains("client.DISCONNECT_NODE") && audit.text.hasSuffix("details: for lunch"))
        let list = try await Self.perform(["nodes", "attributes", "list", "-i", "7"], FakeAdminTransport(Self.answers))
        #expect(list.text.contains("custom:tier") && list.text.contains("'prod'"))
    }

    @Test("a user that is not there is not made unasked, and the failure says what to do")
    func unknownUser() async throws {
        let transport = FakeAdminTransport(Self.answers)
        await #expect(throws: CommandFailure("there is no user \"nobody\"; see them with: swiftscale users list")) {
            try await Self.perform(["preauthkeys", "create", "--user", "nobody"], transport)
        }
        #expect(!transport.requests.contains { $0.method == .post })
    }

    @Test("a refusal of the server is shown in its words")
    func refusal() async throws {
        await #expect(throws: CommandFailure("there is no such row")) {
            try await Self.perform(["nodes", "expire", "-i", "99"], FakeAdminTransport([:]))
        }
        let odd = FakeAdminTransport(["GET /api/v1/node": "<html>"])
        await #expect(throws: CommandFailure.self) { try await Self.perform(["nodes", "list"], odd) }
        let other = FakeAdminTransport(["GET /api/v1/node": "{}"])
        await #expect(throws: CommandFailure.self) { try await Self.perform(["nodes", "list"], other) }
    }

    private static func create(_ user: String, reusable: Bool = false) -> String {
        #"POST /api/v1/preauthkey {"aclTags":[],"ephemeral":false,"expiration":"2027-01-15T09:00:00Z","#
            + #""reusable":\#(reusable),"user":"\#(user)"}"#
    }

    @discardableResult
    private static func perform(
        _ arguments: [String],
        _ transport: FakeAdminTransport,
        _ console: Console = .test()
    ) async throws -> Report {
        let command = try Swiftscale.parseAsRoot(LeadingOptions.moved(arguments))
        let admin = try #require(command as? any AdminCommand, "\(arguments) is no admin command")
        return try await admin.perform(AdminClient(transport: transport), console: console)
    }
}
