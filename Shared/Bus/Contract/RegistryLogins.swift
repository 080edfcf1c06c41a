public import ControlModel
public import Foundation
public import Keys

// Logins that wait for a person. Owner: registry. Asker: control-gateway.

/// A login was decided: requests that are held for it can be answered.
///
/// Owner: registry. Reader: control-gateway (held requests). Loss: gateways ask again from time to time.
///
/// It carries no verdict: the reader asks for it with the request that it holds.
public struct LoginDecided: BusEvent, Hashable {
    public static let subject = "registry.login.decided"
    public var login: LoginID
    /// Of the login's row.
    public var version: Int

    public init(login: LoginID, version: Int) {
        self.login = login
        self.version = version
    }
}

/// A login; refused with `.notFound` when there is none or it has ended.
public struct GetLogin: BusRequest, Hashable {
    public static let subject = "registry.login.get"
    public var login: LoginID

    public init(login: LoginID) {
        self.login = login
    }

    public typealias Response = PendingLogin
}

/// All logins, oldest first.
public struct ListLogins: BusRequest, Hashable {
    public static let subject = "registry.login.list"

    public init() {}

    public typealias Response = [PendingLogin]
}

/// Lets a device in as one of `user`, or confirms a login by SSH, which takes no user and gives the node that it comes from.
///
/// Without a user: as one of whoever had it before. Repeating it for the same user gives the same node.
public struct ApproveLogin: BusRequest, Hashable {
    public static let subject = "registry.login.approve"
    public var login: LoginID
    public var user: UserID?

    public init(login: LoginID, user: UserID?) {
        self.login = login
        self.user = user
    }

    public typealias Response = Node
}

/// Turns a device away.
public struct RejectLogin: BusRequest, Hashable {
    public static let subject = "registry.login.reject"
    public var login: LoginID

    public init(login: LoginID) {
        self.login = login
    }

    public typealias Response = Done
}

/// Begins a round through a provider.
public struct BeginLoginStep: BusRequest, Hashable {
    public static let subject = "registry.login.step.begin"
    public var login: LoginID
    /// Of the provider that is asked; absent where there is one alone.
    public var issuer: String?

    public init(login: LoginID, issuer: String? = nil) {
        self.login = login
        self.issuer = issuer
    }

    /// Secrets, this once.
    public struct Response: Sendable, Codable, Hashable {
        public var state: String
        public var nonce: String
        /// For PKCE.
        public var verifier: String
        /// What the browser must bring back.
        public var browser: String

        public init(state: String, nonce: String, verifier: String, browser: String) {
            self.state = state
            self.nonce = nonce
            self.verifier = verifier
            self.browser = browser
        }
    }
}

/// Takes a round that came back from the provider; it is there once.
///
/// Refused with `.notFound` when it is not there, has ended, or was begun by another browser.
public struct TakeLoginStep: BusRequest, Hashable {
    public static let subject = "registry.login.step.take"
    public var state: String
    public var browser: String

    public init(state: String, browser: String) {
        self.state = state
        self.browser = browser
    }

    public struct Response: Sendable, Codable, Hashable {
        public var login: PendingLogin
        public var nonce: String
        public var verifier: String
        /// As the round was begun with.
        public var issuer: String?

        public init(login: PendingLogin, nonce: String, verifier: String, issuer: String? = nil) {
            self.login = login
            self.nonce = nonce
            self.verifier = verifier
            self.issuer = issuer
        }
    }
}

/// The provider has said who somebody is; what remains is that this person confirms the device.
///
/// The asker vouches for the person.
public struct IdentifyLogin: BusRequest, Hashable {
    public static let subject = "registry.login.identify"
    public var login: LoginID
    public var person: LoginPerson

    public init(login: LoginID, person: LoginPerson) {
        self.login = login
        self.person = person
    }

    /// Secrets, this once.
    public struct Response: Sendable, Codable, Hashable {
        /// What the confirmation must bring.
        public var confirmation: String
        /// What the browser must bring with it.
        public var browser: String

        public init(confirmation: String, browser: String) {
            self.confirmation = confirmation
            self.browser = browser
        }
    }
}

/// The person confirms the device: the user is made or brought up to date, and the device let in.
///
/// Refused with `.notFound` as ``TakeLoginStep`` is.
public struct ConfirmLogin: BusRequest, Hashable {
    public static let subject = "registry.login.confirm"
    public var confirmation: String
    public var browser: String

    public init(confirmation: String, browser: String) {
        self.confirmation = confirmation
        self.browser = browser
    }

    public struct Response: Sendable, Codable, Hashable {
        /// Of a check: its source.
        public var node: Node
        public var user: User?
        /// What was confirmed instead of a device.
        public var check: SSHCheck?

        public init(node: Node, user: User?, check: SSHCheck? = nil) {
            self.node = node
            self.user = user
            self.check = check
        }
    }
}

/// Somebody logs in by SSH where the policy asks for a check.
///
/// Owner: registry. Asker: control-gateway.
///
/// The asker vouches for `machineKey`, and for what the policy says. Refused with `.unauthorized` when the destination is not a node
/// of that machine, with `.notFound` when one of the nodes is not there.
public struct CheckSSHLogin: BusRequest, Hashable {
    public static let subject = "registry.ssh.check"
    public var check: SSHCheck
    /// Of the machine that asks.
    public var machineKey: MachinePublicKey
    /// How long a confirmation holds, in seconds; 0: for this one login.
    public var period: TimeInterval
    /// The check that the machine was sent to and waits for; `nil` if none.
    public var followup: LoginID?

    public init(check: SSHCheck, machineKey: MachinePublicKey, period: TimeInterval, followup: LoginID? = nil) {
        self.check = check
        self.machineKey = machineKey
        self.period = period
        self.followup = followup
    }

    public enum Response: Sendable, Codable, Hashable {
        case accepted
        case rejected
        /// A person must confirm it at the page of `login`, before `deadline`.
        case waiting(login: LoginID, deadline: Date)
    }
}
