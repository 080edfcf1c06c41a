extension JSONWriter {
    /// Writes the rules as a list; an empty one blocks all that comes in.
    ///
    /// A rule that allows nothing is left out: the Rust client refuses the whole message for it.
    public mutating func writeFilterRules(_ rules: [WireFilterRule]) {
        beginArray()
        for rule in rules where rule.isUseful { writeRule(rule) }
        endArray()
    }

    private mutating func writeRule(_ rule: WireFilterRule) {
        beginObject()
        key("SrcIPs")
        strings(rule.sources)
        filterTargetFields(of: rule)
        endObject()
    }

    /// Writes the fields of a rule that say what it allows, for callers that write the sources apart.
    public mutating func filterTargetFields(of rule: WireFilterRule) {
        if !rule.destinations.isEmpty {
            key("DstPorts")
            beginArray()
            for destination in rule.destinations { writeDestination(destination) }
            endArray()
        }
        if !rule.protocols.isEmpty {
            key("IPProto")
            beginArray()
            for number in rule.protocols { integer(number) }
            endArray()
        }
        guard !rule.capabilities.isEmpty else { return }
        key("CapGrant")
        beginArray()
        for grant in rule.capabilities {
            beginObject()
            key("Dsts")
            prefixes(grant.destinations)
            key("CapMap")
            capabilityMap(grant.capabilities)
            endObject()
        }
        endArray()
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
