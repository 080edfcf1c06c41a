public import Foundation
import NIOSSL

#if canImport(Glibc)
    import Glibc
#endif

extension SelfSignedCertificate {
    /// Loads `cert.pem` and `key.pem` from `directory`, or makes them there when both are missing.
    ///
    /// The folder is made if need be (mode 0700); the key is readable by its owner only.
    public static func loadOrMake(
        in directory: String,
        host: String,
        alternativeNames: [String] = [],
        now: Date
    ) throws(SelfSignedCertificateError) -> SelfSignedCertificate {
        let (certificatePath, keyPath) = (directory + "/cert.pem", directory + "/key.pem")
        switch (contents(of: certificatePath), contents(of: keyPath)) {
        case (.some(let certificate), .some(let key)):
            return try parsed(certificate, key, path: certificatePath)
        case (nil, nil):
            let new = try SelfSignedCertificate(host: host, alternativeNames: alternativeNames, now: now)
            do {
                try FileManager.default.createDirectory(
                    atPath: directory,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
                try write(new.privateKeyPEM, to: keyPath, mode: 0o600)
                try write(new.certificatePEM, to: certificatePath, mode: 0o644)
            } catch {
                throw .unwritable(directory: directory, cause: error)
            }
            return new
        case (nil, .some): throw .incomplete(missing: certificatePath)
        case (.some, nil): throw .incomplete(missing: keyPath)
        }
    }

    private static func parsed(
        _ certificatePEM: String,
        _ keyPEM: String,
        path: String
    ) throws(SelfSignedCertificateError) -> SelfSignedCertificate {
        guard let der = try? NIOSSLCertificate.fromPEMBytes(Array(certificatePEM.utf8)).first?.toDERBytes() else {
            throw .unreadable(path: path)
        }
        return SelfSignedCertificate(certificatePEM: certificatePEM, privateKeyPEM: keyPEM, der: der)
    }

    /// `nil` when there is no such file; an empty text when there is one that cannot be read.
    private static func contents(of path: String) -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }

    /// Writes beside the path and renames, so that no half file is ever found.
    private static func write(_ text: String, to path: String, mode: mode_t) throws {
        let newPath = path + ".new"
        unlink(newPath)
        let descriptor = open(newPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteNoPermission) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try file.write(contentsOf: Data(text.utf8))
        try file.synchronize()
        try file.close()
        guard rename(newPath, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}

/// Why there is no self-signed certificate.
public enum SelfSignedCertificateError: Error, CustomStringConvertible {
    case generation(cause: any Error)
    /// One of the two files is there without the other; it is never overwritten.
    case incomplete(missing: String)
    case unreadable(path: String)
    case unwritable(directory: String, cause: any Error)

    public var description: String {
        switch self {
        case .generation(let cause): "making a certificate failed: \(cause)"
        case .incomplete(let missing):
            "\(missing) is missing beside its other half; restore it, or remove both to get a new certificate"
        case .unreadable(let path):
            "\(path) is not a readable PEM certificate; restore it, or remove it and its key to get a new certificate"
        case .unwritable(let directory, let cause):
            "cannot write a certificate to \(directory): \(cause); make it writable or choose another folder"
        }
    }
}
