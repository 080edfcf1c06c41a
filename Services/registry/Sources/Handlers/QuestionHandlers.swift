import Bus
import ControlModel
import Storage

extension Registry {
    func serveQuestions(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(RecordClientQuestion.self, in: &group) { try await self.recordQuestion($0) }
    }

    /// What comes of it is not recorded: the gateway may end while it waits.
    private func recordQuestion(_ question: RecordClientQuestion) async throws -> Node {
        guard question.method.utf8.count <= RecordClientQuestion.methodLimit,
            question.path.utf8.count <= RecordClientQuestion.pathLimit
        else { throw RequestFailure(.invalid, "the request is too long to be recorded") }
        let fields = ["method": question.method, "path": question.path]
        return try await committing {
            let node = try await requireNode(question.node)
            return Plan(writes: [.noteNodeEvent(node.id, fields)]) { $0.node(node.id) ?? node }
        }
    }
}
