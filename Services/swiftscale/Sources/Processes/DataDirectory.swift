import Foundation

/// The folder of the server's files.
struct DataDirectory {
    let path: String

    /// Makes the folder, for its owner and the owner's group alone, where there is none.
    func prepare() throws(CommandFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o750]
            )
        } catch {
            throw CommandFailure(
                "the data directory \(path) cannot be made: \(error.localizedDescription); choose another with --data-dir"
            )
        }
        guard FileManager.default.isWritableFile(atPath: path) else {
            throw CommandFailure(
                "the data directory \(path) cannot be written to: change its owner, or choose another with --data-dir"
            )
        }
    }
}
