extension Migration {
    /// Gateways, the nodes that they hold, nodes that are online and held by none.
    ///
    /// `presence_leaving.mark` is never given twice. Nodes that an earlier release left online are held by a gateway that never
    /// reports, so that they have a lease to come back.
    static let m0002Presence = Migration(
        number: 2,
        sql: """
            CREATE TABLE presence_gateways (
                tailnet TEXT NOT NULL,
                gateway TEXT NOT NULL,
                beat INTEGER NOT NULL,
                PRIMARY KEY (tailnet, gateway)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE presence_holds (
                tailnet TEXT NOT NULL,
                gateway TEXT NOT NULL,
                node_id INTEGER NOT NULL,
                PRIMARY KEY (tailnet, gateway, node_id),
                FOREIGN KEY (tailnet, gateway) REFERENCES presence_gateways (tailnet, gateway) ON DELETE CASCADE,
                FOREIGN KEY (tailnet, node_id) REFERENCES nodes (tailnet, id) ON DELETE CASCADE
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX presence_holds_node ON presence_holds (tailnet, node_id);

            CREATE TABLE presence_leaving (
                mark INTEGER PRIMARY KEY AUTOINCREMENT,
                tailnet TEXT NOT NULL,
                node_id INTEGER NOT NULL,
                UNIQUE (tailnet, node_id),
                FOREIGN KEY (tailnet, node_id) REFERENCES nodes (tailnet, id) ON DELETE CASCADE
            ) STRICT;

            CREATE INDEX nodes_idle_ephemeral ON nodes (tailnet, last_seen)
                WHERE is_ephemeral = 1 AND is_online = 0;

            INSERT INTO presence_gateways (tailnet, gateway, beat)
                SELECT DISTINCT tailnet, 'earlier release', 0 FROM nodes WHERE is_online = 1;
            INSERT INTO presence_holds (tailnet, gateway, node_id)
                SELECT tailnet, 'earlier release', id FROM nodes WHERE is_online = 1;
            """
    )
}
