import Foundation
public import Keys
import NIOCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where a relay's private key is kept: clients know the relay by it, so it must outlive restarts.
///
/// - Form: `privkey:`, 64 hexadecimal digits, newline; mode 0600.
public struct DERPKeyFile: Sendable {
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// Reads the key, or makes a new one where there is no file.
    public func load(
        generate: () -> DERPPrivateKey = DERPPrivateKey.generate
    ) throws(DERPServiceError) -> DERPPrivateKey {
        guard FileManager.default.fileExists(atPath: path) else { return try create(generate()) }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            // Bytes that are no text are as wrong as a wrong text.
            if FileManager.default.isReadableFile(atPath: path), FileManager.default.contents(atPath: path) != nil {
                throw .keyFileInvalid(path: path)
            }
            throw .keyFileUnreadable(path: path, cause: error)
        }
        guard let key = DERPPrivateKey(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw .keyFileInvalid(path: path)
        }
        return key
    }

    /// Exclusively, so that no other process's key is overwritten and nobody else can read it at any moment.
    private func create(_ key: DERPPrivateKey) throws(DERPServiceError) -> DERPPrivateKey {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .keyFileUnwritable(path: path, cause: IOError(errnoCode: errno, reason: "open"))
        }
        do {
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try file.write(contentsOf: Data((key.secretText + "\n").utf8))
            try file.synchronize()
        } catch {
            throw .keyFileUnwritable(path: path, cause: error)
        }
        return key
    }
}
