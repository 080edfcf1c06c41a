import Bus
import ControlModel
import PolicyLanguage

extension PolicyFaultReport {
    init(_ fault: PolicyFault) {
        self.init(
            line: fault.position.line,
            column: fault.position.column,
            text: fault.text,
            message: fault.message,
            suggestion: fault.suggestion
        )
    }
}

extension PolicyVerdict {
    init(refused errors: PolicyErrors) {
        self.init(policy: nil, faults: errors.faults.map(PolicyFaultReport.init), omitted: errors.omitted)
    }
}

extension ExplainAccess.Answer {
    init(_ answer: AccessAnswer) {
        let (question, decision) = (answer.question, answer.decision)
        self.init(
            source: answer.sourceName,
            sourceAddress: "\(question.source)",
            destination: answer.destinationName,
            destinationAddress: "\(question.destination)",
            port: question.port.map(Int.init),
            protocol: question.protocol.map { "\($0)" },
            allowed: decision.isAllowed,
            reason: decision.reason,
            rule: decision.rule.map { origin in
                .init(
                    section: origin.section.rawValue,
                    index: origin.index,
                    line: origin.position.line,
                    column: origin.position.column
                )
            },
            sourceMatch: decision.sourceName.map { "\($0)" },
            destinationMatch: decision.destinationName.map { "\($0)" }
        )
    }
}

extension ComparePolicies.Response {
    init(_ difference: PolicyDifference) {
        self.init(
            access: difference.access.map(ComparePolicies.Change.init),
            ssh: difference.ssh.map(ComparePolicies.Change.init),
            attributes: difference.attributes.map(ComparePolicies.Change.init)
        )
    }
}

extension ComparePolicies.Change {
    init(_ change: PolicyDifference.Change) {
        self.init(
            sources: change.sources,
            destinations: change.destinations,
            scope: change.scope.rawValue,
            gained: change.gained,
            lost: change.lost
        )
    }
}
