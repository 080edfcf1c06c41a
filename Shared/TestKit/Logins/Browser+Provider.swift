extension Browser {
    /// From the device's address to the provider and through it; where the provider sends the browser back to.
    ///
    /// - Parameter bend: changes the address at the provider, as somebody would who means harm.
    public func callback(
        from authURL: String,
        through provider: ProviderProcess,
        as subject: String,
        bend: (String) -> String = { $0 }
    ) async throws -> String {
        let page = try await get(authURL.pathAndQuery)
        guard page.status == 302, let away = page.header("location"), away.hasPrefix(provider.issuer + "/") else {
            throw LoginFailure(description: "not sent to the provider: \(page.status)\n\(page.text)")
        }
        let form = try await Browser(provider.address, host: "localhost").post(
            bend(away).pathAndQuery,
            form: "sub=\(subject)"
        )
        guard let back = form.header("location") else {
            throw LoginFailure(description: "not sent back: \(form.status)\n\(form.text)")
        }
        return back.pathAndQuery
    }

    /// What the server shows when the provider has sent the browser back.
    public func arrive(
        at authURL: String,
        through provider: ProviderProcess,
        as subject: String
    ) async throws -> Page {
        try await get(try await callback(from: authURL, through: provider, as: subject))
    }

    /// Presses the button on the confirmation page.
    public func confirm(_ page: Page, headers: [String: String] = [:]) async throws -> Page {
        guard let match = page.text.firstMatch(of: #/name="confirmation" value="([^"]+)"/#) else {
            throw LoginFailure(description: "no confirmation page: \(page.status)\n\(page.text)")
        }
        return try await post("/register/confirm", form: "confirmation=\(match.1)", headers: headers)
    }
}
