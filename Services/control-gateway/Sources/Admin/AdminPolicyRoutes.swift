import Bus
import ControlModel
import HTTPTypes
import Hummingbird
import ServiceKit

/// Policies: the one in force, their history, and what they would do.
struct AdminPolicyRoutes: Sendable {
    let policy: AdminPolicy

    func register(on group: RouterGroup<SurfaceContext>) {
        group.get("policy") { request, _ in try await get(request) }
        group.put("policy") { request, context in try await set(request, context) }
        group.get("policy/history") { request, _ in try await history(request) }
        group.post("policy/rollback") { request, context in try await rollBack(request, context) }
        group.post("policy/check") { request, _ in try await check(request) }
        group.get("policy/explain") { request, _ in try await explain(request) }
        group.post("policy/diff") { request, _ in try await compare(request) }
    }

    private func get(_ request: Request) async throws -> Response {
        let revision = try request.adminNumber("revision")
        let answer = try await policy.ask(GetPolicy(revision: revision))
        guard let found = answer.policy else {
            throw AdminProblem(.notFound, "there is no policy: everybody may reach everything")
        }
        return try AdminResponse.json(GetBody(policy: AdminPolicyBody(found), file: answer.file, fault: answer.fault))
    }

    private func set(_ request: Request, _ context: SurfaceContext) async throws -> Response {
        let body = try await AdminRequestBody.decode(SetBody.self, from: request, upTo: AdminAPI.policyBodyLimit)
        guard let text = body.policy else { throw AdminProblem.badField("body.policy", "is missing") }
        let verdict = try await policy.ask(
            SetPolicy(
                text: text,
                author: AdminAuthentication.actor(request, context),
                note: body.note ?? "",
                expected: body.expectedRevision
            )
        )
        return try AdminResponse.json(AdminPolicyBody(try AdminPolicy.accepted(verdict)))
    }

    private func history(_ request: Request) async throws -> Response {
        let before = try request.adminNumber("before")
        let limit = try request.adminNumber("limit") ?? 100
        let revisions = try await policy.ask(ListPolicyRevisions(before: before, limit: limit))
        return try AdminResponse.json(["revisions": revisions.map(AdminPolicySummaryBody.init)])
    }

    private func rollBack(_ request: Request, _ context: SurfaceContext) async throws -> Response {
        let body = try await AdminRequestBody.decode(RollBackBody.self, from: request)
        guard let revision = body.revision else { throw AdminProblem.badField("body.revision", "is missing") }
        let verdict = try await policy.ask(
            RollBackPolicy(
                revision: revision,
                author: AdminAuthentication.actor(request, context),
                note: body.note ?? ""
            )
        )
        return try AdminResponse.json(AdminPolicyBody(try AdminPolicy.accepted(verdict)))
    }

    private func check(_ request: Request) async throws -> Response {
        let body = try await AdminRequestBody.decode(CheckBody.self, from: request, upTo: AdminAPI.policyBodyLimit)
        guard let text = body.policy else { throw AdminProblem.badField("body.policy", "is missing") }
        let found = try await policy.ask(CheckPolicy(text: text))
        if body.report == true {
            return try AdminResponse.json(
                CheckReport(valid: found.faults.isEmpty, errors: found.faults, omitted: found.omitted)
            )
        }
        guard found.faults.isEmpty else { throw AdminPolicy.problem(found.faults, omitted: found.omitted) }
        return try AdminResponse.done()
    }

    private func explain(_ request: Request) async throws -> Response {
        guard let source = request.adminQuery("src") else { throw AdminProblem.badField("query.src", "is missing") }
        guard let destination = request.adminQuery("dst") else {
            throw AdminProblem.badField("query.dst", "is missing")
        }
        let proto = request.adminQuery("proto") ?? ""
        let found = try await policy.ask(
            ExplainAccess(source: source, destination: destination, protocol: proto)
        )
        return try AdminResponse.json(
            ExplainReport(
                allowed: !found.answers.isEmpty && found.answers.allSatisfy(\.allowed),
                revision: found.revision,
                answers: found.answers
            )
        )
    }

    private func compare(_ request: Request) async throws -> Response {
        let body = try await AdminRequestBody.decode(CompareBody.self, from: request, upTo: AdminAPI.policyBodyLimit)
        let changes = try await policy.ask(
            ComparePolicies(
                before: .init(revision: body.before?.revision, text: body.before?.policy),
                after: .init(revision: body.after?.revision, text: body.after?.policy)
            )
        )
        return try AdminResponse.json(changes)
    }
}

extension AdminPolicyRoutes {
    private struct GetBody: Encodable {
        var policy: AdminPolicyBody
        /// The file that policies come from; absent where they are set by request.
        var file: String?
        /// Why something newer is not in force.
        var fault: String?

        func encode(to encoder: any Encoder) throws {
            try policy.encode(to: encoder)
            var container = encoder.container(keyedBy: Keys.self)
            try container.encodeIfPresent(file, forKey: .file)
            try container.encodeIfPresent(fault, forKey: .fault)
        }

        private enum Keys: String, CodingKey {
            case file
            case fault
        }
    }

    private struct SetBody: Decodable {
        var policy: String?
        var note: String?
        /// The revision the author saw; another one is a conflict.
        var expectedRevision: Int?
    }

    private struct RollBackBody: Decodable {
        var revision: Int?
        var note: String?
    }

    private struct CheckBody: Decodable {
        var policy: String?
        /// Whether faults are an answer rather than a refusal.
        var report: Bool?
    }

    private struct CheckReport: Encodable {
        var valid: Bool
        var errors: [PolicyFaultReport]
        var omitted: Int
    }

    private struct ExplainReport: Encodable {
        var allowed: Bool
        var revision: Int
        var answers: [ExplainAccess.Answer]
    }

    private struct CompareBody: Decodable {
        var before: Side?
        var after: Side?

        /// A stored revision, a policy, or, without both, the one in force.
        struct Side: Decodable {
            var revision: Int?
            var policy: String?
        }
    }
}
