import Bus
import ControlModel
import HTTPTypes

/// What the admin API asks the policy service, with refusals turned into problems.
struct AdminPolicy: Sendable {
    /// Long enough for a large policy to be compiled for a large network.
    private static let patience = Duration.seconds(60)

    let bus: any Bus
    let tailnet: TailnetID

    func ask<Request: BusRequest>(_ request: Request) async throws(AdminProblem) -> Request.Response {
        do {
            return try await bus.request(request, tailnet: tailnet, timeout: Self.patience)
        } catch {
            throw AdminProblem(error, asking: "policy service")
        }
    }

    /// The policy of a verdict, or the refusal with all faults.
    static func accepted(_ verdict: PolicyVerdict) throws(AdminProblem) -> PolicyRevision {
        guard let policy = verdict.policy else { throw problem(verdict.faults, omitted: verdict.omitted) }
        return policy
    }

    /// A refused policy: every fault in the detail, and one by one.
    static func problem(_ faults: [PolicyFaultReport], omitted: Int) -> AdminProblem {
        var lines = faults.map { fault in
            let hint = fault.suggestion.map { "; \($0)" } ?? ""
            return "line \(fault.line), column \(fault.column): \(fault.message)\(hint)"
        }
        if omitted > 0 { lines.append("and \(omitted) more") }
        let fields = faults.map { fault in
            AdminProblem.FieldFault(
                location: "body.policy:\(fault.line):\(fault.column)",
                message: fault.message
            )
        }
        return AdminProblem(.badRequest, lines.joined(separator: "\n"), fields: fields)
    }
}
