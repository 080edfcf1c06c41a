import Bus
import ControlModel

/// What subscribers and responders meet by: a message type in a tailnet.
struct Topic: Hashable, Sendable {
    private let type: ObjectIdentifier
    private let tailnet: TailnetID
    let subject: String

    init(event: (some BusEvent).Type, tailnet: TailnetID) {
        type = ObjectIdentifier(event)
        self.tailnet = tailnet
        subject = event.subject
    }

    init(request: (some BusRequest).Type, tailnet: TailnetID) {
        type = ObjectIdentifier(request)
        self.tailnet = tailnet
        subject = request.subject
    }
}
