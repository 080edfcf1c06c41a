import IPAddresses

extension PolicyEngine {
    /// Most pairs of nodes that one question may stand for.
    public static let answerLimit = 1000

    /// Says who of `source` reaches whom of `destination`, and why.
    ///
    /// - Parameters:
    ///   - source: the name of a node, an address, or a name as in `src`: a user, a group, a tag, an autogroup, a host.
    ///   - destination: the same, with `:port` or without; without a port, some port is enough.
    ///   - protocol: a name or number; empty: TCP, as rules without a protocol allow it.
    /// - Returns: one answer for each pair of a source and another node, sources by id first.
    public func explain(
        source: String,
        destination: String,
        protocol: String = ""
    ) throws(AccessQuestionError) -> [AccessAnswer] {
        let words = try DestinationWords(destination)
        let proto: IPProtocol?
        switch IPProtocol.parse(`protocol`) {
        case .success(let parsed): proto = parsed
        case .failure(let fault): throw AccessQuestionError(fault.message)
        }
        let (sources, targets) = (try askedNodes(source), try askedNodes(words.name))
        guard sources.count * targets.count <= Self.answerLimit else {
            throw AccessQuestionError(
                "\(source) and \(words.name) are \(sources.count * targets.count) pairs of nodes; name nodes or addresses "
                    + "(at most \(Self.answerLimit) pairs are answered at once)"
            )
        }
        let ready = settled
        var answers: [AccessAnswer] = []
        for from in sources {
            for to in targets where from.address != to.address {
                let question = AccessQuestion(
                    source: from.address,
                    destination: to.address,
                    port: words.port,
                    protocol: proto
                )
                answers.append(
                    AccessAnswer(
                        sourceName: from.name,
                        destinationName: to.name,
                        question: question,
                        decision: ready.explain(question)
                    )
                )
            }
        }
        guard !answers.isEmpty else { throw AccessQuestionError("\(source) and \(words.name) are the same node") }
        return answers
    }

    private func askedNodes(_ text: String) throws(AccessQuestionError) -> [(name: String, address: IPAddress)] {
        if let address = IPAddress(text) {
            return [(nodeID(with: address).flatMap { entries[$0]?.node.name } ?? "", address)]
        }
        let wanted = text.lowercased()
        let named = entries.values.filter { $0.node.name.lowercased() == wanted }
        let found = named.isEmpty ? try answering(text) : named
        let parties = found.sorted { $0.node.id < $1.node.id }.compactMap { entry in
            entry.node.addresses.first.map { (entry.node.name, $0) }
        }
        guard parties.isEmpty else { return parties }
        if let single = document.hosts[text], single.isSingle { return [("", single.address)] }
        let guess = nearestName(to: text, among: entries.values.map(\.node.name).sorted())
        throw AccessQuestionError(
            "\"\(text)\" names no node, address, user, group or tag with a node"
                + (guess.map { "; did you mean \"\($0)\"?" } ?? "")
        )
    }

    private func answering(_ text: String) throws(AccessQuestionError) -> [NodeEntry] {
        guard let alias = try? PolicyReader.alias(text, hosts: document.hosts) else { return [] }
        switch alias {
        case .wildcard, .prefix, .ipset, .autogroup(.internet), .autogroup(.dangerAll), .autogroup(.own),
            .autogroup(.nonroot), .autogroup(.shared):
            throw AccessQuestionError("\"\(text)\" is no single node or address; name one of those in it")
        case .host(let name):
            guard let prefix = document.hosts[name], prefix.isSingle else {
                throw AccessQuestionError("host \"\(text)\" is no single address; name one of those in it")
            }
            return nodeID(with: prefix.address).flatMap { entries[$0] }.map { [$0] } ?? []
        case .user, .userDomain, .group, .tag, .autogroup: return testNodes(alias)
        }
    }
}
