import ControlModel
import IPAddresses
import NIOCore
import PolicyLanguage
import TailcfgWire

/// In which form some viewers see a peer: most see the plain one.
struct PeerVariant: Hashable, Sendable {
    /// Routes of the peer that they may use.
    var routes: [IPPrefix] = []
    /// Whether they are shown no IPv4 addresses.
    var lacksIPv4 = false

    static let plain = PeerVariant()
}

/// A node as its peers know it since the last flush: each form encoded once, for all who see it.
struct Published {
    /// The plain form.
    let form: WireNode
    private let text: ByteBuffer
    private var variants: [PeerVariant: ByteBuffer] = [:]

    init(_ form: WireNode) {
        self.form = form
        text = MapText.node(form)
    }

    func form(_ variant: PeerVariant) -> WireNode {
        guard variant != .plain else { return form }
        var form = form
        if variant.lacksIPv4 {
            form.addresses = form.addresses.filter { $0.address.bitLength == 128 }
            form.allowedIPs = form.addresses
        }
        form.allowedIPs += variant.routes
        form.primaryRoutes = variant.routes.filter { !$0.isDefault }
        if variant.routes.contains(where: \.isDefault) { form.capMap = Self.exitNode }
        return form
    }

    /// The text of a form that was prepared.
    func text(_ variant: PeerVariant) -> ByteBuffer {
        variant == .plain ? text : variants[variant] ?? MapText.node(form(variant))
    }

    mutating func prepare(_ variant: PeerVariant) {
        if variant != .plain, variants[variant] == nil { variants[variant] = MapText.node(form(variant)) }
    }

    private static let exitNode: CapabilityMap = ["suggest-exit-node": []]
}

extension IPPrefix {
    /// Whether it is a route to everywhere, as exit nodes announce.
    fileprivate var isDefault: Bool { length == 0 }
}
