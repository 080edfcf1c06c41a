import ControlModel
import Hummingbird
import OpenIDConnect

extension LoginPages {
    /// Lets somebody say with which of their accounts they log in.
    func choice(
        of providers: [OIDCProvider],
        _ login: PendingLogin,
        _ configuration: ControlGatewayConfiguration
    ) -> Response {
        var values = values(of: login, configuration)
        values["title"] = "A device wants in"
        values["providers"] = providers.map { provider in
            [
                "title": PageText.clean(provider.settings.shownTitle),
                "path": "/register/\(login.id)/\(provider.settings.name)",
            ]
        }
        return response(.ok, .choice, values)
    }

    /// Shows the device to whoever has logged in, before it can act in their name.
    func confirmation(
        of login: PendingLogin,
        _ person: LoginPerson,
        token: String,
        _ configuration: ControlGatewayConfiguration
    ) -> Response {
        var values = values(of: login, configuration)
        values["title"] = "Add this device?"
        values["person"] = Self.name(person.displayName, person.names.first)
        if !person.email.isEmpty { values["email"] = person.email }
        values["confirmation"] = token
        values["action"] = "/register/confirm"
        return response(.ok, .confirm, values)
    }

    func welcome(_ node: Node, _ user: User?, _ configuration: ControlGatewayConfiguration) -> Response {
        notice(
            .ok,
            configuration,
            title: "Welcome",
            text:
                "The device \(node.givenName) is in the network, as one of \(Self.name(user?.displayName, user?.name)).",
            advice: "This page can be closed."
        )
    }

    func notAdmitted(
        _ configuration: ControlGatewayConfiguration,
        _ refusal: AdmissionRefusal,
        again: String
    ) -> Response {
        let text =
            switch refusal {
            case .domain: "Your e-mail address is not of a domain that is admitted here."
            case .user: "You are not on the list of people who are admitted here."
            case .group: "You are in no group that is admitted here."
            case .unverifiedEmail: "The login service has not verified your e-mail address."
            }
        return notice(
            .forbidden,
            configuration,
            title: "You are not admitted",
            text: text,
            advice: "Log in as somebody else, or ask the administrator of this server.",
            again: again
        )
    }

    static func name(_ names: String?...) -> String {
        names.lazy.compactMap { $0 }.first { !$0.isEmpty } ?? "unnamed"
    }
}
