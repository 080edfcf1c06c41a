/// The tailnet as a whole.
struct TailnetSettings: Hashable, Sendable {
    static let displayName = ConfigurationKey("tailnet.display_name")
    static let keys = [displayName]

    static let nameLimit = 64

    /// What clients call the tailnet; `nil`: its domain.
    var displayName: String?

    init(_ reader: inout SettingsReader) {
        guard let text = reader.text(Self.displayName) else { return }
        if Self.isName(text) {
            displayName = text
        } else {
            reader.refuse(
                Self.displayName,
                value: text,
                expecting: "at most \(Self.nameLimit) letters, digits, spaces, dots, hyphens and apostrophes"
            )
        }
    }

    /// What clients may take for a name; the Rust client refuses texts that JSON has to escape.
    private static func isName(_ text: String) -> Bool {
        guard (1...nameLimit).contains(text.count), text.first != " ", text.last != " " else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            " .-'’".unicodeScalars.contains(scalar) || scalar.properties.isAlphabetic
                || scalar.properties.numericType != nil
                || scalar.properties.generalCategory == .nonspacingMark
        }
    }
}
