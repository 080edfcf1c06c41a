import Bus
import ControlModel
import IPAddresses
import PolicyLanguage
import ServiceKit

/// The present network, and the policy in force compiled for it where somebody asked.
///
/// What takes long happens here, one thing at a time.
actor LiveNetwork: RegistryCopy {
    private var copy = TailnetCopy()
    private var compiled: (policy: PolicyRevision?, engine: PolicyEngine)?
    /// The policy that was asked about last, not compiled.
    private var parsed: (policy: PolicyRevision?, document: PolicyDocument)?
    /// One element when the policy may approve other routes than before.
    nonisolated let approvalNews: AsyncStream<Void>
    private nonisolated let approvalSignal: AsyncStream<Void>.Continuation

    init() {
        (approvalNews, approvalSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether users and nodes are known.
    var isComplete: Bool { copy.isComplete }

    func apply(_ changes: [RegistryChange]) -> Bool {
        defer { tellApprovalNews() }
        return !copy.apply(changes)
    }

    func replace(with snapshot: RegistrySnapshot) -> Version {
        copy.replace(users: snapshot.users, nodes: snapshot.nodes, version: snapshot.version)
        tellApprovalNews()
        return copy.version
    }

    /// Another policy is in force.
    nonisolated func policyChanged() {
        approvalSignal.yield()
    }

    private func tellApprovalNews() {
        if copy.takeApprovalNews() { approvalSignal.yield() }
    }

    /// Routes that the policy approves and that nobody has written down as approved, by node.
    func missingApprovals(under policy: PolicyRevision?) -> [(node: NodeID, routes: [IPPrefix])] {
        guard let policy, !copy.unapproved.isEmpty, let document = try? PolicyDocument.parse(policy.text),
            !document.autoApprovers.isEmpty
        else { return [] }
        // Nodes do not matter for who approves what.
        let users = PolicyNetwork(users: copy.users.values.map(PolicyUser.init), nodes: [])
        let engine = PolicyEngine(document, for: users)
        return copy.unapproved.sorted().compactMap { id in
            guard let node = copy.nodes[id] else { return nil }
            let served = Set(node.servedRoutes)
            let seen = PolicyNode(node)
            let routes = node.announcedRoutes.filter { route in
                !served.contains(route) && engine.approvesAutomatically(route, for: seen)
            }
            return routes.isEmpty ? nil : (id, routes)
        }
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

    /// Says which tags the policy does not know, or the user does not own.
    ///
    /// The user comes with the question: who logs in for the first time is not in the copy yet.
    func check(_ request: CheckTags, under policy: PolicyRevision?) throws -> CheckTags.Response {
        let document = try document(of: policy)
        let unknown = request.tags.filter { !document.defines(tag: $0) }
        guard let user = request.user.map(PolicyUser.init) else { return .init(unknown: unknown, unowned: []) }
        let domains = try knownCopy().domains
        let unowned = request.tags.filter { tag in
            document.defines(tag: tag) && !document.owns(user, tag: tag, domains: domains)
        }
        return .init(unknown: unknown, unowned: unowned)
    }

    private func document(of policy: PolicyRevision?) throws -> PolicyDocument {
        if let parsed, parsed.policy == policy { return parsed.document }
        let document = try PolicyDocument.parse(policy?.text ?? "")
        parsed = (policy, document)
        return document
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

    private func presentNetwork() throws(RequestFailure) -> PolicyNetwork { try knownCopy().network }

    private func knownCopy() throws(RequestFailure) -> TailnetCopy {
        guard copy.isComplete else {
            throw RequestFailure(.unavailable, "users and nodes are not known yet; try again in a moment")
        }
        return copy
    }

    /// The policy compiled for the network as it is now; changes of single nodes are followed, not compiled anew.
    func engine(for policy: PolicyRevision?) throws -> PolicyEngine {
        let touched = copy.takeTouched()
        if var held = compiled, held.policy == policy, touched.users.isEmpty {
            // The only reference, so that nothing is copied.
            compiled = nil
            for id in touched.nodes {
                if let node = copy.nodes[id], node.isApproved {
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
