import Keys
import Logging
import NIOCore

enum NoiseConnection {
    static func install(
        on channel: any Channel, key: MachinePrivateKey, initiation: [UInt8], sendsEarlyPayload: Bool,
        router: MachineRouter, logger: Logger
    ) throws {}
}
