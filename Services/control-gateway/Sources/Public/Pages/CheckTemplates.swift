/// The pages of logins by SSH that somebody must confirm.
extension PageTemplates {
    private static let session = """
        <dl>
        <dt>From</dt><dd>{{hostname}}</dd>
        <dt>To</dt><dd>{{destination}}</dd>
        <dt>Account</dt><dd>{{localUser}}</dd>
        <dt>Asked at</dt><dd>{{asked}}</dd>
        <dt>Ends at</dt><dd>{{ends}}</dd>
        </dl>
        """

    static let check = """
        {{<layout}}{{$content}}
        <p>Somebody at one device wants to log in to another by SSH:</p>
        \(session)
        <p>Is it you, and did you just start this? Then an administrator confirms it by running on the server:</p>
        <pre>swiftscale auth approve --auth-id {{login}}</pre>
        <p>To turn it away:</p>
        <pre>swiftscale auth reject --auth-id {{login}}</pre>
        <p class="quiet">The session goes on by itself once this is done. Nothing needs to stay open.</p>
        <p class="actions"><a href="{{page}}">See whether it is done</a></p>
        {{/content}}{{/layout}}
        """

    static let checked = """
        {{<layout}}{{$content}}
        {{#isIn}}<p class="good" role="status">The login by SSH was confirmed.</p>{{/isIn}}
        {{^isIn}}<p class="bad" role="status">The login by SSH was turned away.</p>{{/isIn}}
        \(session)
        <p>This page can be closed.</p>
        {{/content}}{{/layout}}
        """

    static let confirmCheck = """
        {{<layout}}{{$content}}
        <p>You are logged in as <strong>{{person}}</strong>{{#email}} (<span>{{email}}</span>){{/email}}. Somebody at a
        device of yours wants to log in to another by SSH:</p>
        \(session)
        <p>Confirm only if you have just started this yourself. If somebody sent you here, close this page.</p>
        <form method="post" action="{{action}}" class="actions">
        <input type="hidden" name="confirmation" value="{{confirmation}}">
        <button type="submit">Let this login in</button>
        </form>
        {{/content}}{{/layout}}
        """
}
