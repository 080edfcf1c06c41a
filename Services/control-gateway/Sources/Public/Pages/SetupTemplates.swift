extension PageTemplates {
    static let apple = """
        {{<layout}}{{$content}}
        <p>Install Tailscale on the device, then point it to this server.</p>
        <h2>iPhone, iPad, Apple TV</h2>
        <ol>
        <li>Open the app and choose the account symbol, then <em>Log in</em>.</li>
        <li>In the menu with three dots choose <em>Use custom coordination server</em>.</li>
        <li>Enter <code>{{server}}</code> and log in.</li>
        </ol>
        <h2>macOS</h2>
        <p>In a terminal:</p>
        <pre>tailscale login --login-server {{server}}</pre>
        <p>The App Store's variant has the command in the app:</p>
        <pre>/Applications/Tailscale.app/Contents/MacOS/Tailscale login --login-server {{server}}</pre>
        <p>Or in the app: hold Option, click the menu bar item, then <em>Debug</em>, <em>Custom login server</em>,
        <em>Add account</em>.</p>
        <h2>Profiles</h2>
        <p>A configuration profile sets the server for every account of a device. Look into it before you install it: it holds
        nothing but the address of this server.</p>
        <ul>
        <li><a href="/apple/ios">iOS and iPadOS</a></li>
        <li><a href="/apple/macos-app-store">macOS, App Store variant</a></li>
        <li><a href="/apple/macos-standalone">macOS, standalone variant</a></li>
        </ul>
        {{/content}}{{/layout}}
        """

    static let windows = """
        {{<layout}}{{$content}}
        <p>Install Tailscale on the device. Then, in PowerShell or the command prompt:</p>
        <pre>tailscale login --login-server {{server}}</pre>
        <p>A page opens on which the login goes on.</p>
        <h2>For every account of a device</h2>
        <p>As an administrator, in the command prompt, before the first login:</p>
        <pre>reg add "HKLM\\Software\\Tailscale IPN" /v LoginURL /t REG_SZ /d {{server}}</pre>
        <p>To stay connected while nobody is logged in to Windows:</p>
        <pre>reg add "HKLM\\Software\\Tailscale IPN" /v UnattendedMode /t REG_SZ /d always</pre>
        <p class="quiet">Restart the Tailscale service, or the device, after a change of these.</p>
        {{/content}}{{/layout}}
        """
}
