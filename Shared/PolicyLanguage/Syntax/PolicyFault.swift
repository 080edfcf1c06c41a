/// One thing that is wrong with a policy document.
public struct PolicyFault: Hashable, Sendable {
    public var position: SourcePosition
    /// The words of the document the fault is about; empty where something is missing.
    public var text: String
    /// What is wrong, in the wording of Tailscale's own service where it has one.
    public var message: String
    /// What to write instead, where there is a guess.
    public var suggestion: String?

    public init(position: SourcePosition, text: String, message: String, suggestion: String? = nil) {
        self.position = position
        self.text = text
        self.message = message
        self.suggestion = suggestion
    }
}

extension PolicyFault: CustomStringConvertible {
    public var description: String {
        let hint = suggestion.map { "; \($0)" } ?? ""
        let near = text.isEmpty || message.contains(text) ? "" : " (at \"\(text)\")"
        return "\(position): \(message)\(near)\(hint)"
    }
}

/// Why a policy document is refused: every fault that was found, in the order of the document.
public struct PolicyErrors: Error, Hashable, Sendable {
    public var faults: [PolicyFault]
    /// Faults beyond ``limit``, counted but not kept.
    public var omitted: Int

    /// How many faults are kept.
    public static let limit = 100

    public init(faults: [PolicyFault]) {
        let sorted = faults.enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
        self.faults = sorted.prefix(Self.limit).map(\.element)
        omitted = max(0, faults.count - Self.limit)
    }
}

extension PolicyErrors: CustomStringConvertible {
    public var description: String {
        let lines = faults.map(\.description)
        return (omitted == 0 ? lines : lines + ["and \(omitted) more"]).joined(separator: "\n")
    }
}
