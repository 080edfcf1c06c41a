"""What docs/bus.md says about who sends and reads what, and the NATS permissions that follow from it.

Tests of the Swift side keep that page equal to Shared/Bus/Contract, and this side keeps compose/ equal to the page.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "bus.md"

# The user of the bus that a service connects as, and what is before its inboxes.
USERS = {"control-gateway": "gateway", "registry": "registry", "policy": "policy", "derp": "derp", "dns": "dns"}
# Messages that the page attributes to the program around the services, and who sends them in a process of its own.
AROUND = {"registry.check": ["registry"]}
# Subjects stand below a tailnet, of which one deployment may have several.
PREFIX = "swiftscale.*."
# Parts of one answer, and how long they may take: answers go where the asker said, and nowhere else.
RESPONSES = (128, "1m")


@dataclass
class Permissions:
    publish: set[str] = field(default_factory=set)
    subscribe: set[str] = field(default_factory=set)
    answers: bool = False


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
    """Least privilege: a service may send what it owns or asks, and read what is for it."""
    permissions = {user: Permissions() for user in USERS.values()}
    for section, subject, owner, readers in rows(page):
        here = [USERS[reader] for reader in readers if reader in USERS]
        if "swiftscale" in readers:
            here += AROUND[subject]
        owners = permissions[USERS[owner]]
        if section == "Events":
            owners.publish.add(PREFIX + subject)
            for reader in here:
                permissions[reader].subscribe.add(PREFIX + subject)
        else:
            owners.subscribe.add(PREFIX + subject)
            owners.answers = True
            for asker in here:
                permissions[asker].publish.add(PREFIX + subject)
                permissions[asker].subscribe.add(f"_INBOX.{asker}.>")
    return permissions


def text(permissions: dict[str, Permissions]) -> str:
    """The file for nats-server."""
    lines = [
        "# Who may send and read what on the bus; made from docs/bus.md by Tests/Tools/nats-permissions.",
        "# What is not listed is refused. Answers go to the asker's inbox, which nobody else may read.",
    ]
    for user, allowed in permissions.items():
        lines += ["", f"{user}_permissions {{"]
        for verb, subjects in (("publish", allowed.publish), ("subscribe", allowed.subscribe)):
            if subjects:
                lines += [f"  {verb}: [", *(f'    "{subject}"' for subject in sorted(subjects)), "  ]"]
            else:
                lines.append(f'  {verb}: {{ deny: ">" }}')
        if allowed.answers:
            lines.append(f'  allow_responses: {{ max: {RESPONSES[0]}, expires: "{RESPONSES[1]}" }}')
        lines.append("}")
    return "\n".join(lines) + "\n"
