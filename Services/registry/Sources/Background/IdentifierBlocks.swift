import Bus
import ControlModel
import Storage

/// Ids for new rows, claimed from the database: nobody else has them.
///
/// Ids of nodes are claimed in blocks, which grow while they are used up; the rest of a block is lost when the process ends.
actor IdentifierBlocks {
    /// Ids of one claim at most.
    static let limit = 64
    /// Rows that are made seldom take one id at a time.
    private static let seldom: Set<IdentifierKind> = [.user, .authKey, .apiKey]

    private struct Block {
        var next: Int64 = 0
        var end: Int64 = 0
        /// Length of the last claim.
        var length = 0
        var isClaiming = false
        /// Those who wait for the claim under way.
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let store: any RegistryStore
    private let tailnet: TailnetID
    private var blocks: [IdentifierKind: Block] = [:]

    init(store: any RegistryStore, tailnet: TailnetID) {
        self.store = store
        self.tailnet = tailnet
    }

    func next<Entity>(_ kind: IdentifierKind) async throws -> Identifier<Entity> {
        while true {
            if let number = take(kind) {
                guard let id = Identifier<Entity>(number) else {
                    throw RequestFailure(.exhausted, "there are no identifiers left")
                }
                return id
            }
            if blocks[kind, default: Block()].isClaiming {
                await withCheckedContinuation { blocks[kind, default: Block()].waiters.append($0) }
            } else {
                try await claim(kind)
            }
        }
    }

    /// Gives up what is left of a block: somebody else used an id out of it.
    func forget(_ kind: IdentifierKind) {
        blocks[kind]?.end = 0
    }

    private func take(_ kind: IdentifierKind) -> Int64? {
        guard let block = blocks[kind], block.next < block.end else { return nil }
        blocks[kind]?.next += 1
        return block.next
    }

    private func claim(_ kind: IdentifierKind) async throws(StorageError) {
        var block = blocks[kind, default: Block()]
        let wanted = max(2 * block.length, block.waiters.count + 1, 1)
        block.length = Self.seldom.contains(kind) ? 1 : min(wanted, Self.limit)
        block.isClaiming = true
        blocks[kind] = block
        defer {
            blocks[kind]?.isClaiming = false
            let waiters = blocks[kind]?.waiters ?? []
            blocks[kind]?.waiters = []
            for waiter in waiters { waiter.resume() }
        }
        let first = try await store.claimIDs(kind, count: block.length, tailnet: tailnet)
        blocks[kind]?.next = first
        blocks[kind]?.end = first + Int64(block.length)
    }
}
