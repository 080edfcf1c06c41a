public import Foundation

/// A policy document as it was put in force.
public struct PolicyRevision: Hashable, Sendable, Codable {
    /// 1 for the first, then one more each.
    public var revision: Int
    /// HuJSON, as its author wrote it.
    public var text: String
    /// Who put it in force, in words.
    public var author: String
    /// Network address of who did; empty where there is none.
    @WhenAbsent<Empty<String>> public var source: String
    /// Why; empty where nobody said.
    public var note: String
    public var createdAt: Date

    public init(
        revision: Int,
        text: String,
        author: String,
        source: String = "",
        note: String = "",
        createdAt: Date
    ) {
        self.revision = revision
        self.text = text
        self.author = author
        self.source = source
        self.note = note
        self.createdAt = createdAt
    }

    /// The revision without its text.
    public var summary: Summary {
        Summary(
            revision: revision,
            length: text.utf8.count,
            author: author,
            source: source,
            note: note,
            createdAt: createdAt
        )
    }

    /// What lists of revisions hold.
    public struct Summary: Hashable, Sendable, Codable {
        public var revision: Int
        /// Of the text, in bytes.
        public var length: Int
        public var author: String
        @WhenAbsent<Empty<String>> public var source: String
        public var note: String
        public var createdAt: Date

        public init(revision: Int, length: Int, author: String, source: String = "", note: String, createdAt: Date) {
            self.revision = revision
            self.length = length
            self.author = author
            self.source = source
            self.note = note
            self.createdAt = createdAt
        }
    }

    /// Longest author and longest note, in bytes.
    public static let wordsLimit = 1024
    /// Revisions that are kept; older ones are forgotten.
    public static let keptLimit = 500
}
