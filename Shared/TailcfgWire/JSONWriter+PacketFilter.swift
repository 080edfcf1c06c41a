extension JSONWriter {
    /// Writes the rules as a list; an empty one blocks all that comes in.
    ///
    /// A rule without destinations allows nothing and is left out: the Rust client refuses the whole message for it.
    public mutating func writeFilterRules(_ rules: [WireFilterRule]) {
        beginArray()
        for rule in rules where !rule.destinations.isEmpty { writeRule(rule) }
        endArray()
    }

    private mutating func writeRule(_ rule: WireFilterRule) {
        beginObject()
        key("SrcIPs")
        strings(rule.sources)
        key("DstPorts")
        beginArray()
        for destination in rule.destinations { writeDestination(destination) }
        endArray()
        if !rule.protocols.isEmpty {
            key("IPProto")
            beginArray()
            for number in rule.protocols { integer(number) }
            endArray()
        }
        endObject()
    }

    private mutating func writeDestination(_ destination: WireFilterRule.Destination) {
        beginObject()
        key("IP")
        string(destination.ip)
        key("Ports")
        beginObject()
        key("First")
        integer(Int(destination.firstPort))
        key("Last")
        integer(Int(destination.lastPort))
        endObject()
        endObject()
    }
}
