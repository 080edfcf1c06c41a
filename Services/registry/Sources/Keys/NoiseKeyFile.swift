import Keys

/// Where earlier releases kept the server's Noise key, by which clients know the server: it is taken over into the store.
///
/// - Form: `privkey:`, 64 hexadecimal digits, newline.
struct NoiseKeyFile {
    let path: String

    /// The key; `nil` where there is no file.
    func load() throws(RegistryServiceError) -> MachinePrivateKey? {
        let text: String?
        do {
            text = try SecretFile(path: path).read()
        } catch {
            throw .noiseKeyUnreadable(path: path, cause: error)
        }
        guard let text else { return nil }
        guard let key = MachinePrivateKey(text) else { throw .noiseKeyMalformed(path: path) }
        return key
    }
}
