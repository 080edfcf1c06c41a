import ArgumentParser

/// How long a client has for its answer.
struct AnswerTimeout: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("How long the client has, like 10s; at most a minute.", valueName: "duration")
    )
    var timeout: String = "10s"

    var duration: Duration? {
        guard let duration = DurationText.parse(timeout),
            (Duration.seconds(1)...Duration.seconds(60)).contains(duration)
        else { return nil }
        return duration
    }

    func validate() throws {
        if duration == nil { throw ValidationError("Give --timeout as a duration from 1s to 60s.") }
    }

    /// In seconds, as the admin API takes it.
    var value: JSONValue { .number((duration ?? .seconds(10)) / .seconds(1)) }

    var patience: Duration { duration ?? .seconds(10) }
}
