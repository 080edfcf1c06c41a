/// Keys of headscale that are recognised and not acted on.
enum HeadscaleKeys {
    static let notYetSupported: [ConfigurationKey] =
        scalars.map { ConfigurationKey($0, .scalar, .notYetSupported) }
        + lists.map { ConfigurationKey($0, .list, .notYetSupported) }

    static let removed: [ConfigurationKey] = [
        ConfigurationKey("acl_policy_path", .scalar, .removed(useInstead: "policy.path")),
        ConfigurationKey("dns_config", .structure, .removed(useInstead: "the keys under dns")),
        ConfigurationKey(
            "dns.use_username_in_magic_dns",
            .scalar,
            .removed(useInstead: "nothing: node names carry no user")
        ),
        ConfigurationKey(
            "oidc.map_legacy_users",
            .scalar,
            .removed(useInstead: "nothing: users are matched by issuer and subject")
        ),
        ConfigurationKey("oidc.expiry", .scalar, .removed(useInstead: "node.expiry")),
        ConfigurationKey("randomize_client_port", .scalar, .removed(useInstead: "randomizeClientPort in the policy")),
    ]

    private static let scalars = [
        "derp.auto_update_enabled", "derp.update_frequency", "derp.server.stun.enabled",
        "derp.server.automatically_add_embedded_derp_region", "disable_check_updates", "preauth_keys.revoked_retention",
        "database.debug",
        "database.gorm.prepare_stmt", "database.gorm.parameterized_queries", "database.gorm.skip_err_record_not_found",
        "database.gorm.slow_threshold", "database.sqlite.write_ahead_log", "database.sqlite.wal_autocheckpoint",
        "database.postgres.max_idle_conns", "database.postgres.conn_max_idle_time_secs", "acme_url", "acme_email",
        "tls_letsencrypt_hostname", "tls_letsencrypt_cache_dir", "tls_letsencrypt_challenge_type",
        "tls_letsencrypt_listen", "auto_update.enabled",
        "tuning.batch_change_delay", "tuning.batcher_workers", "tuning.node_mapsession_buffered_chan_size",
        "tuning.notifier_send_timeout",
        "tuning.node_store_batch_size", "tuning.node_store_batch_timeout",
    ]

    private static let lists = [
        "derp.urls", "derp.paths",
    ]
}
