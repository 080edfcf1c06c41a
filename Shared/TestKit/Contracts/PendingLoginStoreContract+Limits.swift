public import ControlModel
public import Foundation
import Storage

extension PendingLoginStoreContract {
    static let limitClauses = [
        clause("a source at its limit gets no more, others do") { store in
            let limits = PendingLoginLimits(total: 100, perSource: 3)
            for number in 1...3 {
                try require(try await store.add(.fixture(number), limits: limits) != nil, "refused too early")
            }
            try require(try await store.add(.fixture(4), limits: limits), is: nil)
            try require(try await store.add(.fixture(5, source: "192.0.2.2"), limits: limits) != nil, "others refused")
            let first = PendingLogin.fixture(1)
            try require(try await store.add(first, limits: limits), is: first)
        },
        clause("ended logins do not count") { store in
            let limits = PendingLoginLimits(total: 2, perSource: 2)
            for number in 1...2 { try await store.add(.fixture(number), limits: limits) }
            let later = PendingLogin.fixture(1).deadline
            var login = PendingLogin.fixture(3)
            login.deadline = later.addingTimeInterval(60)
            try require(try await store.add(login, limits: limits, now: later), is: login)
        },
        clause("when all places are taken, the source with the most gives one up") { store in
            let limits = PendingLoginLimits(total: 4, perSource: 4)
            for number in 1...3 {
                let created = Date.fixture.addingTimeInterval(Double(number))
                try await store.add(.fixture(number, createdAt: created), limits: limits)
            }
            try await store.add(.fixture(4, source: "192.0.2.2"), limits: limits)
            try require(try await store.add(.fixture(5), limits: limits), is: nil)
            let other = PendingLogin.fixture(6, source: "192.0.2.3")
            try require(try await store.add(other, limits: limits), is: other)
            let left = try await store.logins(tailnet: .default, now: .fixture).map(\.id)
            try require(Set(left), is: Set([2, 3, 4, 6].map { PendingLogin.fixture($0).id }))
        },
        clause("an old and large crowd from one source leaves the places of the others alone") { store in
            let limits = PendingLoginLimits(total: 300, perSource: 200)
            for number in 1...220 { try await store.add(.fixture(number), limits: limits) }
            for number in 221...240 {
                let login = PendingLogin.fixture(number, source: "192.0.2.\(number)")
                try require(try await store.add(login, limits: limits), is: login)
            }
            try require(try await store.logins(tailnet: .default, now: .fixture).count, is: 220)
        },
    ]
}

extension PendingLogin {
    /// A login whose id and keys follow from its number.
    public static func fixture(
        _ number: Int = 1,
        source: String = "192.0.2.1",
        createdAt: Date = .fixture
    ) -> PendingLogin {
        let bytes = withUnsafeBytes(of: UInt64(truncatingIfNeeded: number).bigEndian) { Array($0) }
        guard let id = LoginID(random: [0, 0, 0, 0] + bytes) else { preconditionFailure("12 bytes make a login id") }
        return PendingLogin(
            id: id,
            tailnet: .default,
            machineKey: .fixture(number),
            nodeKey: .fixture(number),
            oldNodeKey: nil,
            hostinfo: .fixture(hostname: "host\(number)"),
            capabilityVersion: .minimum,
            source: source,
            createdAt: createdAt,
            deadline: .fixture.addingTimeInterval(900)
        )
    }
}
