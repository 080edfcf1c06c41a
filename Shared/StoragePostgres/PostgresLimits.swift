/// How long things may take, and how much of them there may be.
struct PostgresLimits: Sendable {
    /// A call, waiting for a connection included.
    var call = Duration.seconds(10)
    /// Making a connection.
    var connect = Duration.seconds(4)
    /// After a connection could not be made, calls fail at once for this long.
    var reconnectPause = Duration.milliseconds(500)
    /// What the server allows one statement.
    var statement = Duration.seconds(8)
    /// What the server allows one wait for a lock; longer than `idleTransaction`, after which a hung process loses its locks.
    var lock = Duration.seconds(7)
    /// How long the server keeps a transaction of a process that says nothing.
    var idleTransaction = Duration.seconds(5)
    /// Finding out whether a commit was written whose connection broke.
    var outcome = Duration.seconds(10)
    /// Between two attempts to find out.
    var outcomePause = Duration.milliseconds(200)
    /// Bringing the schema up to date, waiting for another process that does so included.
    var migration = Duration.seconds(120)
    /// How often something is done again because of other transactions or a broken connection.
    var attempts = 5
    /// Calls that wait for a connection; more are refused.
    var waitingCalls = 20_000
    /// Batches written in one transaction.
    var batchesPerTransaction = 512
    /// Writes in one transaction, unless a single batch has more.
    var writesPerTransaction = 4096
    /// Batches that wait to be written, in one tailnet; more are refused.
    var waitingBatches = 20_000
}
