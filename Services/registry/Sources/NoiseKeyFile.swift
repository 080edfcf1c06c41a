import Foundation
import Keys
import NIOCore

/// Where the server's Noise key is kept: clients know the server by it.
///
/// - Form: `privkey:`, 64 hexadecimal digits, newline; mode 0600.
struct NoiseKeyFile {
    /// A key file is not longer than this, in bytes.
    private static let limit = 4096

    let path: String

    /// Reads the key, making one where there is no file.
    func load() throws(RegistryServiceError) -> MachinePrivateKey {
        guard let bytes = try read() else {
            try create(.generate())
            // Another process may have been first: what is in the file counts.
            guard let bytes = try read() else { throw .noiseKeyMalformed(path: path) }
            return try parse(bytes)
        }
        return try parse(bytes)
    }

    private func parse(_ bytes: Data) throws(RegistryServiceError) -> MachinePrivateKey {
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let key = MachinePrivateKey(text) else { throw .noiseKeyMalformed(path: path) }
        return key
    }

    private func read() throws(RegistryServiceError) -> Data? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT { return nil }
            throw .noiseKeyUnreadable(path: path, cause: IOError(errnoCode: code, reason: "open"))
        }
        do {
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            return try file.read(upToCount: Self.limit) ?? Data()
        } catch {
            throw .noiseKeyUnreadable(path: path, cause: error)
        }
    }

    private func create(_ key: MachinePrivateKey) throws(RegistryServiceError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            if code == EEXIST { return }
            throw .noiseKeyUnwritable(path: path, cause: IOError(errnoCode: code, reason: "open"))
        }
        do {
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try file.write(contentsOf: Data((key.secretText + "\n").utf8))
            try file.synchronize()
        } catch {
            throw .noiseKeyUnwritable(path: path, cause: error)
        }
    }
}
