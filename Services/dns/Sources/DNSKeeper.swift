import Bus
import ControlModel
import CoreMetrics
import Logging
import ServiceKit

/// Holds the settings in force: those of the configuration, with the records of a file where there is one.
///
/// What cannot be read leaves the last good records where they are, and is reported once.
actor DNSKeeper {
    private(set) var inForce: DNSSettingsPublished
    private let file: WatchedFile?
    /// The file's state when it was read before anything was served.
    private var stamp: WatchedFile.Stamp?
    private var fault: String?
    private let metrics = DNSMetrics()
    private let bus: any Bus
    private let tailnet: TailnetID
    private let logger: Logger

    init(_ configuration: DNSService.Configuration, bus: any Bus, logger: Logger) {
        inForce = DNSSettingsPublished(revision: configuration.revision, settings: configuration.settings)
        file = configuration.extraRecordsPath.map {
            WatchedFile(path: $0, lengthLimit: ExtraRecordsFile.lengthLimit)
        }
        tailnet = configuration.tailnet
        self.bus = bus
        self.logger = logger
    }

    /// Reads the file for the first time: somebody asked for these records, so without them nothing is served.
    func start() throws(ExtraRecordsError) {
        guard let file else { return }
        stamp = file.stamp
        do {
            inForce.settings.extraRecords = try ExtraRecordsFile.records(in: try file.text())
        } catch {
            throw ExtraRecordsError(path: file.path, faults: error.message)
        }
        logger.notice("extra records read", metadata: [LogKey.path: "\(file.path)"])
    }

    /// Reads the file whenever it looks different, until cancelled.
    func follow(every interval: Duration, clock: any Clock<Duration>) async {
        guard let file else { return }
        await file.follow(from: .some(stamp), every: interval, clock: clock) { await load(file) }
    }

    private func load(_ file: WatchedFile) async {
        do {
            let records = try ExtraRecordsFile.records(in: try file.text())
            report(nil, of: file)
            guard records != inForce.settings.extraRecords else { return }
            inForce.settings.extraRecords = records
            inForce.revision += 1
            logger.notice(
                "extra records changed",
                metadata: [LogKey.path: "\(file.path)", LogKey.version: "\(inForce.revision)"]
            )
            await publish()
        } catch {
            report(error.message, of: file)
        }
    }

    private func report(_ fault: String?, of file: WatchedFile) {
        metrics.fault.record(fault == nil ? 0 : 1)
        guard fault != self.fault else { return }
        self.fault = fault
        guard let fault else {
            return logger.notice("extra records can be read again", metadata: [LogKey.path: "\(file.path)"])
        }
        logger.error(
            "extra records cannot be read, the last good ones stay",
            metadata: [LogKey.path: "\(file.path)", LogKey.reason: "\(fault)"]
        )
    }

    func publish() async {
        let published = inForce
        do {
            try await bus.publish(published, tailnet: tailnet)
            logger.debug("dns settings published", metadata: [LogKey.version: "\(published.revision)"])
        } catch BusError.cancelled {
            logger.debug("dns settings were not published: stopped before")
        } catch {
            logger.warning("dns settings were not published", metadata: [LogKey.error: "\(error)"])
        }
    }
}
