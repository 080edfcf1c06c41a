"""Which keys and variables the program knows: those of docs/configuration.md, which tests compare with the code."""

import re

from places import ROOT

PAGE = (ROOT / "docs/configuration.md").read_text()
READ = PAGE.split("## Accepted and without effect")[0]
KEYS = set(re.findall(r"^\| `([a-z0-9_.]+)` \|", READ, re.MULTILINE))
VARIABLES = set(re.findall(r"`(SWIFTSCALE_[A-Z0-9_]+)`", READ))


def keys(document: dict, before: str = "") -> set[str]:
    """The keys of a configuration file, with dots."""
    found = set()
    for name, value in document.items():
        found |= keys(value, f"{before}{name}.") if isinstance(value, dict) else {before + name}
    return found
