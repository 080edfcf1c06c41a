/// How the pages look, in light and dark.
enum PageStyle {
    static let text = """

        :root {
          color-scheme: light dark;
          --ground: #f6f7f9; --card: #ffffff; --text: #1b1f27; --quiet: #565e6c; --line: #d9dde4;
          --accent: #1f5fbf; --on-accent: #ffffff; --code: #eef1f5; --good: #156b3a; --bad: #a3261b;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #14171c; --card: #1c2028; --text: #e7eaf0; --quiet: #a3abb9; --line: #343a46;
            --accent: #8ab4f8; --on-accent: #10151d; --code: #11141a; --good: #7fd6a2; --bad: #ff9d92;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; padding: 2rem 1rem; background: var(--ground); color: var(--text);
          font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
        }
        main {
          max-width: 42rem; margin: 0 auto; padding: 2rem; background: var(--card);
          border: 1px solid var(--line); border-radius: 12px;
        }
        h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; }
        h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
        p { margin: .5rem 0; }
        .quiet { color: var(--quiet); font-size: .9rem; }
        .good { color: var(--good); }
        .bad { color: var(--bad); }
        dl { display: grid; grid-template-columns: minmax(7rem, auto) 1fr; gap: .35rem 1rem; margin: 1.25rem 0; }
        dt { color: var(--quiet); }
        dd { margin: 0; overflow-wrap: anywhere; font-weight: 600; }
        code, pre { font-family: ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace; font-size: .9rem; }
        code { overflow-wrap: anywhere; }
        pre {
          margin: .75rem 0; padding: .85rem 1rem; background: var(--code); border: 1px solid var(--line);
          border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere;
        }
        a { color: var(--accent); }
        .actions { margin-top: 1.5rem; }
        .choices { margin: 1rem 0 0; padding: 0; list-style: none; display: grid; gap: .75rem; }
        button, a.button {
          display: inline-block; padding: .6rem 1.2rem; border: 1px solid var(--accent); border-radius: 8px;
          background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-decoration: none;
          cursor: pointer;
        }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
        footer { max-width: 42rem; margin: 1rem auto 0; color: var(--quiet); font-size: .85rem; }
        @media (max-width: 30rem) { main { padding: 1.25rem; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }

        """
}
