import Foundation
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#endif

/// The file of a Unix socket: found stale, replaced, given its mode, removed.
struct UnixSocketFile {
    let path: String

    /// Binds beside the path, sets the mode, and only then renames: nobody can connect before the mode is right.
    ///
    /// A socket file left at the path by a dead process is replaced; one that answers is not.
    func bind(
        _ bootstrap: ServerBootstrap,
        permissions: UInt32,
        as address: ListenerAddress,
        group: any EventLoopGroup
    ) async throws -> any Channel {
        try await refuseUnlessFree(address, group: group)
        let newPath = path + ".new"
        unlink(newPath)
        let channel = try await bootstrap.bind(unixDomainSocketPath: newPath).get()
        guard chmod(newPath, mode_t(permissions & 0o7777)) == 0, rename(newPath, path) == 0 else {
            let cause = IOError(errnoCode: errno, reason: "placing the socket file")
            unlink(newPath)
            try? await channel.close()
            throw cause
        }
        return channel
    }

    func remove() {
        unlink(path)
    }

    private func refuseUnlessFree(_ address: ListenerAddress, group: any EventLoopGroup) async throws {
        // Not `lstat`: in clean builds its struct may seem to come from another module than Glibc.
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return }
        guard attributes[.type] as? FileAttributeType == .typeSocket else {
            throw ListenerError.badAddress(
                address,
                reason: "a file that is not a socket is there; move it or choose another path"
            )
        }
        guard let probe = try? await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get() else {
            return
        }
        try? await probe.close()
        throw ListenerError.addressInUse(address)
    }
}
