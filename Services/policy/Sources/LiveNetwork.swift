import Bus
import ControlModel
import PolicyLanguage

/// The present network, and the policy in force compiled for it where somebody asked.
///
/// What takes long happens here, one thing at a time.
actor LiveNetwork {
    private var copy = TailnetCopy()
    private var compiled: (policy: PolicyRevision?, engine: PolicyEngine)?

    var version: Version { copy.version }

    /// Whether users and nodes are known.
    var isComplete: Bool { copy.isComplete }

    /// - Returns: whether changes are missing.
    func apply(_ changes: [RegistryChange]) -> Bool {
        copy.apply(changes)
    }

    func replace(users: [User], nodes: [Node], version: Version) {
        copy.replace(users: users, nodes: nodes, version: version)
    }

    /// What is wrong with a policy in the present network, its tests included.
    ///
    /// - Throws: `RequestFailure` while the network is not known.
    func faults(of text: String) throws -> PolicyErrors? {
        let network = try presentNetwork()
        do {
            _ = try PolicyEngine.checked(Array(text.utf8), for: network)
            return nil
        } catch {
            return error
        }
    }

    /// Answers a question about the policy in force.
    func explain(_ request: ExplainAccess, under policy: PolicyRevision?) throws -> ExplainAccess.Response {
        let engine = try engine(for: policy)
        do {
            let answers = try engine.explain(
                source: request.source,
                destination: request.destination,
                protocol: request.protocol
            )
            return .init(revision: policy?.revision ?? 0, answers: answers.map(ExplainAccess.Answer.init))
        } catch {
            throw RequestFailure(.invalid, error.message)
        }
    }

    /// Who gains and who loses access when one text comes in the place of another.
    func difference(from before: String, to after: String) throws -> ComparePolicies.Response {
        let network = try presentNetwork()
        let engines = try [("first", before), ("second", after)].map { place, text in
            do {
                return PolicyEngine(try PolicyDocument.parse(text), for: network)
            } catch {
                throw RequestFailure(.invalid, "the \(place) policy is refused:\n\(error)")
            }
        }
        return .init(engines[0].difference(to: engines[1]))
    }

    private func presentNetwork() throws(RequestFailure) -> PolicyNetwork {
        guard copy.isComplete else {
            throw RequestFailure(.unavailable, "users and nodes are not known yet; try again in a moment")
        }
        return copy.network
    }

    /// The policy compiled for the network as it is now; changes of single nodes are followed, not compiled anew.
    func engine(for policy: PolicyRevision?) throws -> PolicyEngine {
        let touched = copy.takeTouched()
        if var held = compiled, held.policy == policy, touched.users.isEmpty {
            // The only reference, so that nothing is copied.
            compiled = nil
            for id in touched.nodes {
                if let node = copy.nodes[id] {
                    _ = held.engine.upsert(PolicyNode(node))
                } else {
                    _ = held.engine.remove(id.rawValue)
                }
            }
            held.engine.settle()
            compiled = held
            return held.engine
        }
        compiled = nil
        let network = try presentNetwork()
        let engine = PolicyEngine(try PolicyDocument.parse(policy?.text ?? ""), for: network)
        compiled = (policy, engine)
        return engine
    }
}
