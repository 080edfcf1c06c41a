public import IPAddresses

extension PolicyEngine {
    /// The id of the node that has an address.
    public func nodeID(with address: IPAddress) -> Int64? {
        owners[address]?.first
    }

    /// Says whether a packet passes, by which rule, and through which names; for a refusal the nearest rule.
    public func explain(_ question: AccessQuestion) -> AccessDecision {
        var nearest: RuleAnswer?
        let source = nodeID(with: question.source).flatMap { entries[$0] }
        let target = nodeID(with: question.destination).flatMap { entries[$0] }
        for (number, rule) in rules.enumerated() {
            let answer = answer(rule, number: number, question, source: source, target: target)
            if answer.score == RuleAnswer.full { return decision(answer, rule, isAllowed: true) }
            if answer.score > nearest?.score ?? 0 {
                nearest = answer
                nearest?.number = number
            }
        }
        if rules.isEmpty { return refusal("the policy has no rules, so nothing is allowed") }
        guard let nearest else { return refusal("no rule names the source or the destination") }
        return decision(nearest, rules[nearest.number], isAllowed: false)
    }

    private func refusal(_ reason: String) -> AccessDecision {
        AccessDecision(isAllowed: false, rule: nil, sourceName: nil, destinationName: nil, reason: reason)
    }

    /// How far a rule goes towards allowing a packet.
    private struct RuleAnswer {
        static let full = 15
        var number = 0
        var source: Alias?
        var target: Alias?
        var hasProtocol = false
        var hasPort = false
        var obstacle: String?

        /// Source 8, destination 4, protocol 2, port 1: what is wrong first weighs most.
        var score: Int {
            let sum = (source == nil ? 0 : 8) + (target == nil ? 0 : 4) + (hasProtocol ? 2 : 0) + (hasPort ? 1 : 0)
            return source == nil && target == nil ? 0 : (obstacle == nil ? sum : min(sum, Self.full - 1))
        }
    }

    private func answer(
        _ rule: CompiledRule,
        number: Int,
        _ question: AccessQuestion,
        source: NodeEntry?,
        target: NodeEntry?
    ) -> RuleAnswer {
        var answer = RuleAnswer()
        let (from, to) = (AddressRange(question.source), AddressRange(question.destination))
        answer.source = name(in: rule.grant.sources, of: from, entry: source, isSource: true)
        if answer.source != nil, !rule.grant.sourcePosture.isEmpty {
            let passes = source.map { classes[$0.classNumber].directRules.contains(number) } ?? false
            if !passes {
                answer.obstacle = "the source does not fulfil \(rule.grant.sourcePosture.joined(separator: " or "))"
            }
        }
        let others = rule.grant.destinations.filter { $0 != .autogroup(.own) }
        answer.target = name(in: others, of: to, entry: target, isSource: false)
        if answer.target == nil, rule.hasOwn, let source, let target, !source.node.isTagged, !target.node.isTagged,
            source.node.user != nil, source.node.user == target.node.user
        {
            answer.target = .autogroup(.own)
        }
        if rule.isVia, answer.target != nil, !hasRouter(of: rule, for: to) {
            answer.obstacle = "no node with \(rule.grant.via.joined(separator: " or ")) has an approved route to it"
        }
        if rule.grant.ip.isEmpty { answer.obstacle = "it grants capabilities, not access" }
        let services = rule.grant.ip.filter { Self.admits($0.protocol, question.protocol) }
        answer.hasProtocol = !services.isEmpty
        answer.hasPort = services.contains { service in
            question.port.map { port in service.ports.contains { $0.contains(port) } } ?? true
        }
        return answer
    }

    /// Rules without a protocol hold for TCP, UDP, ICMP and ICMPv6.
    static func admits(_ ruled: IPProtocol?, _ asked: IPProtocol?) -> Bool {
        guard let ruled else { return asked.map { [1, 6, 17, 58].contains($0.number) } ?? true }
        return ruled == asked ?? .tcp
    }

    private func name(in list: [Alias], of range: AddressRange, entry: NodeEntry?, isSource: Bool) -> Alias? {
        list.first { alias in
            if alias == .wildcard {
                if !isSource || AddressSet.tailnet.contains(range) { return true }
                return settled.allRoutes.contains { AddressRange($0).contains(range) }
            }
            guard let number = aliases[alias] else { return false }
            if let set = aliases.staticSet(number) { return set.contains(range) }
            return entry.map { classes[$0.classNumber].aliases.contains(number) } ?? false
        }
    }

    private func hasRouter(of rule: CompiledRule, for range: AddressRange) -> Bool {
        routers.compactMap { entries[$0] }.contains { router in
            router.node.tags.contains(where: rule.viaTags.contains)
                && (router.subnetRanges.contains { $0.contains(range) }
                    || (!router.exits.isEmpty && AddressSet.internet.contains(range)))
        }
    }

    private func decision(_ answer: RuleAnswer, _ rule: CompiledRule, isAllowed: Bool) -> AccessDecision {
        let origin = rule.grant.origin
        let place =
            origin.section == .none
            ? "no rules: everything is allowed"
            : "\(origin.section.rawValue)[\(origin.index)] at line \(origin.position.line)"
        let names = "\(answer.source.map(\.description) ?? "-") -> \(answer.target.map(\.description) ?? "-")"
        var reason = isAllowed ? "allowed by \(place): \(names)" : "denied; the nearest rule is \(place)"
        if !isAllowed {
            if let obstacle = answer.obstacle {
                reason += ": \(obstacle)"
            } else if answer.source == nil {
                reason += ": the source is not in \(rule.grant.sources.map(\.description))"
            } else if answer.target == nil {
                reason += ": the destination is not in \(rule.grant.destinations.map(\.description))"
            } else if !answer.hasProtocol {
                reason += ": it does not hold for this protocol"
            } else {
                reason += ": it does not hold for this port"
            }
        }
        return AccessDecision(
            isAllowed: isAllowed,
            rule: origin,
            sourceName: answer.source,
            destinationName: answer.target,
            reason: reason
        )
    }
}
