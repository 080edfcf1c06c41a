/// What a user may do in the administration of the tailnet; the policy's role autogroups follow from it.
public enum UserRole: String, Hashable, Sendable, Codable, CaseIterable {
    case admin
    case auditor
    case billingAdmin = "billing-admin"
    case itAdmin = "it-admin"
    case member
    case networkAdmin = "network-admin"
    case owner
}
