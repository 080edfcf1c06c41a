import Testing

/// How the services of a scenario are put together; users may choose either.
enum Shape: String, CaseIterable {
    /// One process: the bus inside it, SQLite, one gateway.
    case allInOne = "all-in-one"
    /// Parts that share nothing but nats-server and PostgreSQL: two gateways, two registries, policy and dns.
    ///
    /// Their processes are one here, so that their time can be moved; Tests/ProcessTests has real ones.
    case split

    /// Of the scenario that runs.
    @TaskLocal static var current = Shape.allInOne
}

/// Runs each scenario once in each shape.
struct InEveryShape: SuiteTrait, TestTrait, TestScoping {
    let shapes: [Shape]

    var isRecursive: Bool { true }

    @concurrent func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        for shape in shapes {
            if let other = test.traits.lazy.compactMap({ $0 as? OnlyInShape }).first, other.shape != shape {
                print("\(test.displayName ?? test.name): not in the \(shape.rawValue) shape: \(other.reason)")
                continue
            }
            await Shape.$current.withValue(shape) {
                do {
                    try await function()
                } catch {
                    // Recorded in here, where the shape is known.
                    Issue.record(error)
                }
            }
        }
    }
}

/// Keeps a scenario, or a suite of them, to one shape.
struct OnlyInShape: SuiteTrait, TestTrait {
    let shape: Shape
    let reason: String

    var isRecursive: Bool { true }
}

extension Trait where Self == InEveryShape {
    static var inEveryShape: Self { Self(shapes: Shape.allCases) }
}

extension Trait where Self == OnlyInShape {
    /// - Parameter reason: why not in the others.
    static func only(in shape: Shape, because reason: String) -> Self { Self(shape: shape, reason: reason) }
}

extension Trait where Self == IssueHandlingTrait {
    /// Says with each failure in which shape it was.
    static var namingShapes: Self {
        compactMapIssues { issue in
            var issue = issue
            let place: Comment = "in the \(Shape.current.rawValue) shape"
            // Suites around a scenario have the trait, too.
            if !issue.comments.contains(place) { issue.comments.append(place) }
            return issue
        }
    }
}
