import Bus
import ControlModel
import CoreMetrics
import Foundation
import Storage

extension Registry {
    /// Longest audience taken, in bytes.
    private static let audienceLimit = 1024
    private static let tokenIDLength = 16

    func serveTokens(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(IssueIDToken.self, in: &group) { try await self.issueToken($0) }
        serve(FetchTokenKeys.self, in: &group) { _ in
            .init(keys: try await self.tokenKeys.ring().keys.map { try TokenSigner($0).publicKey })
        }
    }

    private func issueToken(_ request: IssueIDToken) async throws -> IssueIDToken.Response {
        guard (1...Self.audienceLimit).contains(request.audience.utf8.count) else {
            throw RequestFailure(.invalid, "the audience is empty or longer than \(Self.audienceLimit) bytes")
        }
        let now = dependencies.now()
        guard let node = try await store.node(withNodeKey: request.nodeKey, tailnet: tailnet),
            node.machineKey == request.machineKey, node.isApproved, !node.isExpired(at: now)
        else { throw RequestFailure(.unauthorized, "this node is not registered or approved, or its key has expired") }
        let id = dependencies.randomBytes(Self.tokenIDLength).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let claims = IDTokenClaims(
            node,
            user: try await owner(of: node),
            request: request,
            id: id.joined(),
            now: now
        )
        guard let key = try await tokenKeys.ring().signer(at: now) else { throw RequestFailure.internalError }
        let token = try TokenSigner(key).token(claims)
        metrics.tokensIssued.increment()
        return .init(token: token)
    }
}
