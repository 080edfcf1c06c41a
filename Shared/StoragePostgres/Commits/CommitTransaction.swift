import ControlModel
import Storage

/// Writes a group of batches of one tailnet in one transaction.
struct CommitTransaction {
    typealias Outcome = CommitPlan.Outcome

    let tailnet: TailnetID
    let turn: Turn

    /// One outcome for each batch.
    func run(_ batches: [[RegistryWrite]]) -> [Outcome] {
        do {
            return try transaction(batches).run()
        } catch let fault as PostgresFault where fault.isAboutValues && batches.count > 1 {
            // One of them met a constraint, whatever was read: each for itself, the others are fine.
            return batches.flatMap { run([$0]) }
        } catch {
            return Array(repeating: .failure(StorageError(of: error)), count: batches.count)
        }
    }

    private func transaction(_ batches: [[RegistryWrite]]) -> TailnetTransaction<[Outcome]> {
        let reader = ImageReader(CommitNeeds(batches), tailnet: tailnet)
        return TailnetTransaction(tailnet: tailnet, turn: turn, reads: reader.statements) { state, answers in
            var plan = CommitPlan(tailnet: tailnet, state: state, image: try reader.image(answers))
            for batch in batches { plan.add(batch) }
            return try plan.decision(plan.outcomes)
        }
    }
}

extension CommitPlan {
    /// What carries the plan out, together with other statements.
    func decision<Answer: Sendable>(
        _ answer: Answer,
        after statements: [Statement] = [],
        otherwise proof: TailnetDecision<Answer>.Proof = .repetition
    ) throws -> TailnetDecision<Answer> {
        guard let first = written.changes.first?.version else {
            return TailnetDecision(statements: statements, proof: proof, answer: answer)
        }
        let writer = Int64.random(in: .min ... .max)
        return TailnetDecision(
            statements: statements + (try self.statements(writer: writer)),
            proof: .change(first, writer: writer),
            answer: answer
        )
    }
}
