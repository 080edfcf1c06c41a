/// The pages as Mustache templates: `{{x}}` is escaped; `{{{style}}}` is the one text that is not, and it is ours.
///
/// No value stands in an attribute but those that are made here: tokens and paths.
enum PageTemplates {
    static let layout = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex, nofollow">
        <title>{{title}} · swiftscale</title>
        <style>{{{style}}}</style>
        </head>
        <body>
        <main>
        <h1>{{title}}</h1>
        {{$content}}{{/content}}
        </main>
        <footer>swiftscale, at {{server}}</footer>
        </body>
        </html>
        """

    private static let device = """
        <dl>
        <dt>Name</dt><dd>{{hostname}}</dd>
        <dt>System</dt><dd>{{os}}</dd>
        <dt>Client</dt><dd>{{client}}</dd>
        {{#tags}}<dt>Asks for tags</dt><dd>{{tags}}</dd>{{/tags}}
        <dt>Node key</dt><dd><code>{{nodeKey}}…</code></dd>
        <dt>Asked from</dt><dd>{{source}}</dd>
        <dt>Asked at</dt><dd>{{asked}}</dd>
        <dt>Ends at</dt><dd>{{ends}}</dd>
        </dl>
        """

    static let waiting = """
        {{<layout}}{{$content}}
        <p>This device wants to join the network:</p>
        \(device)
        <p>Is it yours, and did you just start this? Then an administrator lets it in by running on the server, with the
        name of its owner in place of USER:</p>
        <pre>swiftscale auth register --auth-id {{login}} --user USER</pre>
        <p>To turn it away:</p>
        <pre>swiftscale auth reject --auth-id {{login}}</pre>
        <p class="quiet">The device goes on by itself once this is done. Nothing needs to stay open.</p>
        <p class="actions"><a href="{{page}}">See whether it is done</a></p>
        {{/content}}{{/layout}}
        """

    static let decided = """
        {{<layout}}{{$content}}
        {{#isIn}}<p class="good" role="status">The device is in the network.</p>{{/isIn}}
        {{^isIn}}<p class="bad" role="status">The device was turned away.</p>{{/isIn}}
        {{#refusal}}<p>{{refusal}}</p>{{/refusal}}
        \(device)
        {{#isIn}}<p>This page can be closed.</p>{{/isIn}}
        {{^isIn}}<p>To try again, start the login again on the device.</p>{{/isIn}}
        {{/content}}{{/layout}}
        """

    static let notice = """
        {{<layout}}{{$content}}
        <p role="alert">{{text}}</p>
        {{#advice}}<p>{{advice}}</p>{{/advice}}
        {{#again}}<p class="actions"><a class="button" href="{{again}}">Try again</a></p>{{/again}}
        {{/content}}{{/layout}}
        """

    static let choice = """
        {{<layout}}{{$content}}
        <p>This device wants to join the network:</p>
        \(device)
        <p>Is it yours, and did you just start this? Then log in:</p>
        <ul class="choices">
        {{#providers}}<li><a class="button" href="{{path}}">Log in with {{title}}</a></li>
        {{/providers}}</ul>
        {{/content}}{{/layout}}
        """

    static let confirm = """
        {{<layout}}{{$content}}
        <p>You are logged in as <strong>{{person}}</strong>{{#email}} (<span>{{email}}</span>){{/email}}. This device
        will be able to act in your name:</p>
        \(device)
        <p>Confirm only if it is yours and you have just started this on it. If somebody sent you here, close this page.</p>
        <form method="post" action="{{action}}" class="actions">
        <input type="hidden" name="confirmation" value="{{confirmation}}">
        <button type="submit">Add this device</button>
        </form>
        {{/content}}{{/layout}}
        """
}
