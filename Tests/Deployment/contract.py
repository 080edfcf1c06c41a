"""What docs/bus.md says about who sends and reads what, and the NATS permissions that follow from it.

Tests of the Swift side keep that page equal to Shared/Bus/Contract, and this side keeps compose/ equal to the page.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "bus.md"

# The user of the bus that a service connects as.
USERS = {"control-gateway": "gateway", "registry": "registry", "policy": "policy", "derp": "derp", "dns": "dns"}
# Subjects stand below a tailnet, of which one deployment may have several.
PREFIX = "swiftscale.*."


@dataclass
class Permissions:
    publish: set[str] = field(default_factory=set)
    subscribe: set[str] = field(default_factory=set)


def inbox(user: str) -> str:
    """Where answers go: `_INBOX.<service>.<random word of the process>.<number>`."""
    return f"_INBOX.{user}.*.*"


def rows(page: str):
    """Yields (section, subject, owner, users) of each message."""
    section = ""
    for line in page.splitlines():
        if line.startswith("## "):
            section = line[3:]
        match = re.match(r"\| `([^`]+)` \| `\w+` \| ([^|]+) \| ([^|]+) \|", line)
        if match:
            users = re.sub(r" \([^)]*\)", "", match[3]).split(", ")
            yield section, match[1], match[2].strip(), [user.strip() for user in users]


def derive(page: str) -> dict[str, Permissions]:
    """Least privilege: a service may send what it owns or asks, and read what is for it.

    Answers go to the asker's inbox, and the parts of a long request to the responder's. The server could grant each answer by
    itself (allow_responses), but searches all that are open for each further one when there are many.
    """
    permissions = {user: Permissions({inbox(user)}, {inbox(user)}) for user in USERS.values()}
    for section, subject, owner, readers in rows(page):
        # Not `swiftscale`, the program around the services when they are one process.
        here = [USERS[reader] for reader in readers if reader != "swiftscale"]
        if section == "Events":
            permissions[USERS[owner]].publish.add(PREFIX + subject)
            for reader in here:
                permissions[reader].subscribe.add(PREFIX + subject)
        else:
            permissions[USERS[owner]].subscribe.add(PREFIX + subject)
            for asker in here:
                permissions[asker].publish |= {PREFIX + subject, inbox(USERS[owner])}
                permissions[USERS[owner]].publish.add(inbox(asker))
    return permissions


def text(permissions: dict[str, Permissions]) -> str:
    """The file for nats-server."""
    lines = [
        "# Who may send and read what on the bus; made from docs/bus.md by Tests/Tools/nats-permissions.",
        "# What is not listed is refused. Inboxes are for answers and for parts of long messages.",
    ]
    for user, allowed in permissions.items():
        lines += ["", f"{user}_permissions {{"]
        for verb, subjects in (("publish", allowed.publish), ("subscribe", allowed.subscribe)):
            lines += [f"  {verb}: [", *(f'    "{subject}"' for subject in sorted(subjects)), "  ]"]
        lines.append("}")
    return "\n".join(lines) + "\n"


def queue(subject: str) -> str:
    """The queue group in which responders share the requests of a subject; empty for events."""
    requests = {name for section, name, _, _ in rows(PAGE.read_text()) if section == "Requests"}
    return f"swiftscale.default.{subject}" if subject in requests else ""
