/// Lets the options that every command takes stand before the command too: `swiftscale -o json users list`.
enum LeadingOptions {
    private static let withValue: Set<String> = ["-c", "--config", "-o", "--output", "--socket", "--data-dir"]
    private static let flags: Set<String> = ["--force", "--insecure"]

    /// The same arguments with leading options moved behind the verbs that follow them.
    static func moved(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var options: [String] = []
        while let first = rest.first {
            if withValue.contains(first), rest.count >= 2 {
                options += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if flags.contains(first) || withValue.contains(where: { first.hasPrefix($0 + "=") }) {
                options.append(first)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        guard let verb = rest.first, !verb.hasPrefix("-") else { return arguments }
        let verbs = rest.prefix { !$0.hasPrefix("-") }.prefix(2)
        // Behind the second verb would be too far where there is only one: what follows is then its argument, and an option
        // may stand on either side of that.
        return Array(verbs) + options + Array(rest.dropFirst(verbs.count))
    }
}
