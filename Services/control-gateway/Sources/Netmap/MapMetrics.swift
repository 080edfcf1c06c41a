import Metrics

/// What map streams do, in numbers; made once for an engine.
struct MapMetrics: Sendable {
    let streams = Meter(label: "gateway_map_streams")
    let messages = Counter(label: "gateway_map_messages_total")
    /// Streams that ended because their nodes opened newer ones at other gateways.
    let moved = Counter(label: "gateway_map_streams_moved_total")
    let bytes = Counter(label: "gateway_map_bytes_total")
    let flush = Timer(label: "gateway_map_flush_seconds")
    let compile = Timer(label: "gateway_policy_compile_seconds")
}
