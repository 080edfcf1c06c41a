import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceKit

/// What every composition starts from, and what its parts share.
struct ProcessContext: Sendable {
    let kind: ProcessKind
    let configuration: ServerConfiguration
    let console: Console
    let metrics: MetricsRegistry
    let loggers: LoggerSource
    /// The wall clock.
    var now: @Sendable () -> Date = { Date() }
    /// Where one of the few threads of this process is needed.
    let group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    /// What must hold before this process takes traffic; parts add theirs.
    let checks = ReadinessChecks()

    /// Tells this start of this process from all others.
    let instance = UUID().uuidString

    /// A number that is higher at each start: milliseconds since 1970.
    var startRevision: Int { Int(now().timeIntervalSince1970 * 1000) }

    func logger(_ label: String) -> Logger { loggers.logger(label) }
}
