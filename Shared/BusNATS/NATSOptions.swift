import CNats
import Foundation

extension NATSBus.Configuration {
    /// What the library shall do, as its own object; to be destroyed by the caller.
    ///
    /// Reconnecting is ours, not the library's: one way for the first connection and for later ones, without a store of messages
    /// that grow old in it.
    func makeOptions() throws(NATSBusError) -> OpaquePointer {
        guard !servers.isEmpty else { throw .invalidConfiguration(reason: "no server is given") }
        var created: OpaquePointer?
        try check("natsOptions_Create", natsOptions_Create(&created))
        guard let options = created else { throw .library(call: "natsOptions_Create", reason: "no options") }
        do {
            try set(options)
            try setAuthentication(options)
            try setTLS(options)
        } catch {
            natsOptions_Destroy(options)
            throw error
        }
        return options
    }

    private func set(_ options: OpaquePointer) throws(NATSBusError) {
        for server in servers { try checkAddress(server) }
        try check("servers", withCStrings(servers) { natsOptions_SetServers(options, $0, Int32(servers.count)) })
        try check("name", natsOptions_SetName(options, name))
        try check("timeout", natsOptions_SetTimeout(options, NATSBusLimits.connect.milliseconds))
        try check("reconnect", natsOptions_SetAllowReconnect(options, false))
        // Without it each message waits a millisecond for the library's flusher.
        try check("send at once", natsOptions_SetSendAsap(options, true))
        // One thread for all subscriptions of the process: our handlers only pass on, and order holds across them.
        try check("delivery", natsOptions_UseGlobalMessageDelivery(options, true))
        try check("ping", natsOptions_SetPingInterval(options, NATSBusLimits.ping.milliseconds))
        try check("pings", natsOptions_SetMaxPingsOut(options, 2))
        try check("write", natsOptions_SetWriteDeadline(options, NATSBusLimits.writeStall.milliseconds))
    }

    private func checkAddress(_ server: String) throws(NATSBusError) {
        let parts = server.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["nats", "tls"].contains(parts[0]), !parts[1].isEmpty else {
            throw .invalidConfiguration(reason: "\(server) is not of the form nats://host:port or tls://host:port")
        }
    }

    private func setAuthentication(_ options: OpaquePointer) throws(NATSBusError) {
        switch authentication {
        case .none: break
        case .user(let name, let password):
            try check("user", natsOptions_SetUserInfo(options, name, password))
        case .token(let token): try check("token", natsOptions_SetToken(options, token))
        case .credentialsFile(let path):
            try checkReadable(path)
            try check("credentials", natsOptions_SetUserCredentialsFromFiles(options, path, nil))
        }
    }

    private func setTLS(_ options: OpaquePointer) throws(NATSBusError) {
        guard tls != nil || servers.contains(where: { $0.hasPrefix("tls://") }) else { return }
        try check("TLS", natsOptions_SetSecure(options, true))
        if let caFile = tls?.caFile {
            try checkReadable(caFile)
            try check("authorities", natsOptions_LoadCATrustedCertificates(options, caFile))
        }
        switch (tls?.certificateFile, tls?.keyFile) {
        case (nil, nil): break
        case (let certificate?, let key?):
            try checkReadable(certificate)
            try checkReadable(key)
            try check("certificate", natsOptions_LoadCertificatesChain(options, certificate, key))
        case (.some, nil), (nil, .some):
            throw .invalidConfiguration(reason: "a client certificate and its key belong together")
        }
    }

    private func checkReadable(_ path: String) throws(NATSBusError) {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw .invalidConfiguration(reason: "\(path) cannot be read")
        }
    }

    private func check(_ subject: String, _ status: natsStatus) throws(NATSBusError) {
        guard status == NATS_OK else {
            throw .invalidConfiguration(reason: "\(subject): \(lastLibraryError(status))")
        }
    }
}

/// The library's words for a status, and what it noted last on this thread.
func lastLibraryError(_ status: natsStatus) -> String {
    let text = natsStatus_GetText(status).map { String(cString: $0) } ?? "status \(status.rawValue)"
    guard let detail = nats_GetLastError(nil).map({ String(cString: $0) }), !detail.isEmpty, detail != text else {
        return text
    }
    return "\(text) (\(detail))"
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}

/// Calls `body` with the texts as C wants a list of them.
private func withCStrings<Result>(
    _ texts: [String],
    _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    var pointers = copies.map { UnsafePointer($0) }
    return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress) }
}
