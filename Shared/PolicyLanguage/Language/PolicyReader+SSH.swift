/// `ssh`.
extension PolicyReader {
    mutating func readSSH(_ value: HuJSON) {
        for item in items(of: value) {
            let fields = [
                "action", "src", "dst", "users", "checkPeriod", "acceptEnv", "recorder", "enforceRecorder",
                "srcPosture",
            ]
            let rule = members(of: item, known: fields, in: "an SSH rule", allowsComments: true)
            var sources: [Alias] = []
            for (text, place) in strings(rule["src"]) {
                if let source = alias(text, at: place, as: .sshSource) { sources.append(source) }
            }
            var destinations: [Alias] = []
            for (text, place) in strings(rule["dst"]) {
                if let target = alias(text, at: place, as: .sshDestination) { destinations.append(target) }
            }
            requireOwnDevices(sources, destinations, at: item)
            guard let action = readSSHAction(rule["action"], period: rule["checkperiod"], of: item) else { continue }
            var recorders: [Alias] = []
            for (text, place) in strings(rule["recorder"]) {
                if let recorder = alias(text, at: place, as: .recorder) { recorders.append(recorder) }
            }
            document.ssh.append(
                SSHRule(
                    action: action,
                    sources: sources,
                    destinations: destinations,
                    users: readSSHUsers(rule["users"], of: item),
                    acceptEnv: readAcceptEnv(rule["acceptenv"]),
                    recorders: recorders,
                    sourcePosture: postureNames(rule["srcposture"]),
                    enforcesRecorder: flag(rule["enforcerecorder"]),
                    position: item.position
                )
            )
        }
    }

    /// Devices of a person are reached by that person alone.
    private mutating func requireOwnDevices(_ sources: [Alias], _ destinations: [Alias], at rule: HuJSON) {
        let hasTags = sources.contains { source in
            if case .tag = source { return true }
            return source == .autogroup(.tagged)
        }
        for target in destinations {
            switch target {
            case .user:
                guard sources != [target] else { continue }
                let message = "invalid dst \"\(target)\": a user's devices can only be reached by the same user"
                fault(rule, target.description, message, "use \"autogroup:self\"")
            case .autogroup(.member), .autogroup(.own):
                guard hasTags else { continue }
                fault(rule, target.description, "invalid dst \"\(target)\": tags in src cannot reach devices of users")
            default: continue
            }
        }
    }

    private static let longestCheckPeriod = Duration.seconds(168 * 3600)

    private mutating func readSSHAction(_ value: HuJSON?, period: HuJSON?, of rule: HuJSON) -> SSHRule.Action? {
        let action = value.flatMap { string($0) }?.trimmed ?? ""
        switch action {
        case "accept":
            if let period { fault(period, period.excerpt, "checkPeriod is only valid with action \"check\"") }
            return .accept
        case "check":
            guard let period else { return .check(period: SSHRule.defaultCheckPeriod) }
            return .check(period: readCheckPeriod(period))
        case "":
            fault(value ?? rule, "", "action must be specified", "write \"accept\" or \"check\"")
            return nil
        default:
            let place = value ?? rule
            fault(place, action, "\"\(action)\" is not a valid action", guess(action, among: ["accept", "check"]))
            return nil
        }
    }

    private mutating func readCheckPeriod(_ value: HuJSON) -> Duration {
        guard let text = string(value)?.trimmed else { return SSHRule.defaultCheckPeriod }
        if text == "always" { return .zero }
        if text.isEmpty { return SSHRule.defaultCheckPeriod }
        guard let period = GoDuration.parse(text) else {
            fault(value, text, "checkPeriod: invalid duration \"\(text)\"", "write for example \"12h\" or \"always\"")
            return SSHRule.defaultCheckPeriod
        }
        if period < .zero {
            fault(value, text, "checkPeriod \(GoDuration.text(period)) must be a positive duration")
        } else if period > Self.longestCheckPeriod {
            fault(value, text, "checkPeriod \(GoDuration.text(period)) is above the max (168h)")
        }
        return period
    }

    private mutating func readSSHUsers(_ value: HuJSON?, of rule: HuJSON) -> [String] {
        let list = strings(value)
        if list.isEmpty, items(of: value).isEmpty { fault(value ?? rule, "", "users must be specified") }
        for (text, item) in list where ["", "*"].contains(text.trimmed) {
            let hint = text.trimmed == "*" ? "write \"autogroup:nonroot\" for every user but root" : nil
            fault(item, text, "user \"\(text.trimmed)\" is not valid", hint)
        }
        return list.map(\.text.trimmed)
    }

    private mutating func readAcceptEnv(_ value: HuJSON?) -> [String] {
        let list = strings(value)
        for (text, item) in list where text.trimmed.isEmpty {
            fault(item, text, "acceptEnv values cannot be empty")
        }
        return list.map(\.text)
    }
}
