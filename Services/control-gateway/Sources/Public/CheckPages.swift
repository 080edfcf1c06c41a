import Bus
import ControlModel
import Hummingbird

extension LoginPages {
    /// Where a login's page is.
    static func path(of login: PendingLogin) -> String {
        login.check == nil ? "/register/\(login.id)" : "/auth/\(login.id)"
    }

    /// What is to be said of a check, as far as it has come.
    ///
    /// - Parameter destination: the name of the node that is logged in to.
    func page(of login: PendingLogin, _ destination: String, _ configuration: ControlGatewayConfiguration) -> Response {
        var values = values(of: login, destination, configuration)
        switch login.state {
        case .waiting, .approved:
            values["title"] = "Confirm a login by SSH"
            return response(.ok, .check, values)
        case .done:
            values["title"] = "Done"
            values["isIn"] = true
            return response(.ok, .checked, values)
        case .rejected:
            values["title"] = "Turned away"
            values["isIn"] = false
            return response(.ok, .checked, values)
        }
    }

    /// Shows the check to whoever has logged in, before it is confirmed.
    func confirmation(
        of login: PendingLogin,
        _ destination: String,
        _ person: LoginPerson,
        token: String,
        _ configuration: ControlGatewayConfiguration
    ) -> Response {
        var values = values(of: login, destination, configuration)
        values["title"] = "Is this you?"
        values["person"] = Self.name(person.displayName, person.names.first)
        if !person.email.isEmpty { values["email"] = person.email }
        values["confirmation"] = token
        values["action"] = "/register/confirm"
        return response(.ok, .confirmCheck, values)
    }

    func confirmed(_ source: Node, _ configuration: ControlGatewayConfiguration) -> Response {
        notice(
            .ok,
            configuration,
            title: "Confirmed",
            text: "The login by SSH from \(source.givenName) goes on.",
            advice: "This page can be closed."
        )
    }

    private func values(
        of login: PendingLogin,
        _ destination: String,
        _ configuration: ControlGatewayConfiguration
    ) -> [String: Any] {
        var values = values(of: login, configuration)
        values["page"] = Self.path(of: login)
        values["destination"] = destination
        values["localUser"] = login.check?.localUser ?? ""
        return values
    }
}

extension Bus {
    /// The name of the node that a check is about.
    func destination(of check: SSHCheck, _ tailnet: TailnetID) async -> String {
        let node = try? await request(GetNode(node: check.destination), tailnet: tailnet)
        return node?.givenName ?? "node \(check.destination)"
    }
}
