/// What one kind of process needs of the configuration, beyond what every configuration must be.
enum ProcessReview {
    /// Refuses what the process cannot run with.
    static func check(_ kind: ProcessKind, _ configuration: ServerConfiguration, _ reader: inout SettingsReader) {
        if kind.needsBus, configuration.bus.urls.isEmpty {
            reader.refuse(
                BusSettings.urls,
                value: nil,
                expecting: "the NATS servers by which \(kind.rawValue) reaches the other processes, "
                    + "e.g. nats://127.0.0.1:4222; or run all in one process: swiftscale serve"
            )
        }
        if kind == .derp, !configuration.derp.isEnabled {
            reader.refuse(DERPSettings.enabled, value: "false", expecting: "true where a relay is started")
        }
    }

    /// What its author should know about a configuration that the process runs with.
    static func notes(_ kind: ProcessKind, _ configuration: ServerConfiguration) -> [ConfigurationNote] {
        var texts: [(ConfigurationNote.Weight, String)] = []
        if kind == .serve, !configuration.bus.urls.isEmpty {
            texts.append(
                (.warning, "bus.urls is without effect: serve runs all parts in one process, which needs no bus")
            )
        }
        if kind.needsBus, kind.needsDatabase, configuration.database.kind == .sqlite {
            texts.append(
                (
                    .notice,
                    "with SQLite, run one registry and one policy, on this machine, with the same "
                        + "database.sqlite.path; for more set database.type to postgres"
                )
            )
        }
        if kind.hasClients, let text = unreachable(kind, configuration) { texts.append((.warning, text)) }
        return texts.map { ConfigurationNote(weight: $0.0, text: $0.1) }
    }

    /// `nil` where clients on other machines are told an address that they may be able to use.
    private static func unreachable(_ kind: ProcessKind, _ configuration: ServerConfiguration) -> String? {
        let listener = configuration.listener
        guard listener.isServerURLDerived, listener.address.isWildcard else { return nil }
        if kind == .derp {
            guard configuration.derp.hostName == nil else { return nil }
            return "derp.server.hostname is not set: clients on other machines cannot find this relay"
        }
        return "server_url is not set: clients on other machines cannot use \(listener.serverURL)"
    }
}
