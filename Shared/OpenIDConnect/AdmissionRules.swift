import ControlModel
import Foundation

/// Who of the provider's people may come in, and as whom.
struct AdmissionRules: Sendable {
    /// Longest text and most groups kept of the claims.
    static let textLimit = 256
    static let groupLimit = 500

    let settings: OIDCSettings

    func person(_ claims: Claims) throws(AdmissionRefusal) -> LoginPerson {
        let groups = Set(claims.texts(settings.groupsClaim)).filter { !$0.isEmpty && $0.utf8.count <= Self.textLimit }
        let isTrusted = !settings.requiresVerifiedEmail || claims.flag("email_verified")
        let email = isTrusted ? Self.cut(claims.text("email")) : ""
        try check(email: email, claimed: claims.text("email"), groups: groups)
        let picture = claims.text("picture")
        let isPicture = picture.hasPrefix("https://") || picture.hasPrefix("http://")
        var person = LoginPerson(
            identity: UserIdentity(
                issuer: settings.issuer,
                subject: claims.text("sub"),
                groups: Array(groups.map(settings.groupName).sorted().prefix(Self.groupLimit))
            ),
            names: names(claims, email: email),
            displayName: Self.cut(claims.text("name")),
            email: email,
            profilePictureURL: isPicture && picture.utf8.count <= 2048 ? picture : ""
        )
        if settings.usesExpiryOfToken {
            person.nodeExpiry = claims.number("exp").map(Date.init(timeIntervalSince1970:))
        }
        return person
    }

    private func check(email: String, claimed: String, groups: Set<String>) throws(AdmissionRefusal) {
        let needsEmail = !settings.allowedDomains.isEmpty || !settings.allowedUsers.isEmpty
        if needsEmail, email.isEmpty, !claimed.isEmpty { throw .unverifiedEmail }
        let address = email.lowercased()
        let domain = address.split(separator: "@", omittingEmptySubsequences: false).last.map(String.init) ?? ""
        if !settings.allowedDomains.isEmpty {
            guard address.contains("@"), settings.allowedDomains.contains(where: { $0.lowercased() == domain }) else {
                throw .domain
            }
        }
        if !settings.allowedUsers.isEmpty {
            guard settings.allowedUsers.contains(where: { $0.lowercased() == address }) else { throw .user }
        }
        if !settings.allowedGroups.isEmpty {
            guard !groups.isDisjoint(with: settings.allowedGroups) else { throw .group }
        }
    }

    private func names(_ claims: Claims, email: String) -> [String] {
        let local = email.split(separator: "@").first.map(String.init) ?? ""
        var preferred = claims.text("preferred_username")
        // Beside other providers a name that looks like an address must be the address: policies name people by it.
        if !settings.name.isEmpty, preferred.contains("@"), preferred.lowercased() != email.lowercased() {
            preferred = ""
        }
        let names = settings.stripsEmailDomain ? [local, preferred, email] : [preferred, email, local]
        return names.filter { !$0.isEmpty && $0.utf8.count <= Self.textLimit }
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= textLimit ? text : String(text.prefix(textLimit / 4))
    }
}
