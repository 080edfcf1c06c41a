public import Foundation
public import IPAddresses

/// What decides between several routers of one route, beside who is connected.
public struct RoutingState: Hashable, Sendable, Codable {
    /// Since when the node has a route that it announces; routes that it has had for as long as it is connected are left out.
    public var tenures: [RouteTenure]
    /// When the node stopped to answer while it was connected; no longer true once it connects again.
    public var unhealthySince: Date?
    /// When it answered again after that.
    public var healthySince: Date?

    public init(tenures: [RouteTenure] = [], unhealthySince: Date? = nil, healthySince: Date? = nil) {
        self.tenures = tenures
        self.unhealthySince = unhealthySince
        self.healthySince = healthySince
    }

    var isEmpty: Bool { tenures.isEmpty && unhealthySince == nil && healthySince == nil }
}

/// A route, and since when a node announces it and has it approved.
public struct RouteTenure: Hashable, Sendable, Codable {
    public var route: IPPrefix
    public var since: Date

    public init(route: IPPrefix, since: Date) {
        self.route = route
        self.since = since
    }
}

extension Node {
    /// Routes that it announces, in its order, each once and without host bits.
    public var announcedRoutes: [IPPrefix] { hostinfo.routableIPs.map(\.masked).withoutRepetition }

    /// Routes that it announces and that are approved.
    public var servedRoutes: [IPPrefix] {
        guard !approvedRoutes.isEmpty else { return [] }
        let approved = Set(approvedRoutes.map(\.masked))
        return announcedRoutes.filter(approved.contains)
    }

    /// Whether it is connected and does not answer.
    ///
    /// `lastSeen` of a connected node is when it connected: what was found out before that counts no more.
    public var isUnhealthy: Bool {
        guard isOnline, let since = routing?.unhealthySince else { return false }
        return lastSeen.map { $0 <= since } ?? true
    }

    /// Sets which routes are approved.
    public mutating func approve(_ routes: [IPPrefix], at now: Date) {
        let before = Set(servedRoutes)
        approvedRoutes = routes
        let served = servedRoutes
        noteTenures(of: served.filter { !before.contains($0) }, at: now)
        // Who routes nothing is not asked whether it answers.
        if served.isEmpty { changeRouting { $0.unhealthySince = nil } }
    }

    /// Takes over what the client says of itself.
    ///
    /// - Parameter date: when it said so; `nil` where nobody knows.
    public mutating func describe(_ hostinfo: Hostinfo, at date: Date?) {
        let isAnotherOffer = hostinfo.routableIPs != self.hostinfo.routableIPs
        let before = isAnotherOffer ? Set(announcedRoutes) : []
        self.hostinfo = hostinfo
        guard let date, isAnotherOffer else { return }
        noteTenures(of: announcedRoutes.filter { !before.contains($0) }, at: date)
    }

    /// Takes note that it answers, or does not.
    public mutating func setHealthy(_ isHealthy: Bool, at now: Date) {
        guard isHealthy == isUnhealthy else { return }
        changeRouting { $0.unhealthySince = isHealthy ? nil : now }
        if isHealthy { changeRouting { $0.healthySince = now } }
    }

    private mutating func noteTenures(of routes: [IPPrefix], at date: Date) {
        let announced = Set(announcedRoutes)
        let renewed = Set(routes)
        let connected = isOnline ? lastSeen ?? .distantPast : .distantPast
        changeRouting { state in
            state.tenures.removeAll { tenure in
                renewed.contains(tenure.route) || !announced.contains(tenure.route) || tenure.since < connected
            }
            state.tenures += routes.map { RouteTenure(route: $0, since: date) }
        }
    }

    private mutating func changeRouting(_ change: (inout RoutingState) -> Void) {
        var state = routing ?? RoutingState()
        change(&state)
        routing = state.isEmpty ? nil : state
    }
}

extension [IPPrefix] {
    fileprivate var withoutRepetition: [IPPrefix] {
        guard count > 1 else { return self }
        var seen: Set<IPPrefix> = []
        return filter { seen.insert($0).inserted }
    }
}
