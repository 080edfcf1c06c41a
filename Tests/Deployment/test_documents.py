"""docs/deploy.md and docs/operations.md name what there is: metrics, log lines, keys, commands, files."""

import re
import unittest

import yaml

import settings
from places import COMPOSE, ROOT

PAGES = {name: (ROOT / "docs" / name).read_text() for name in ("deploy.md", "operations.md", "how-to/add-a-relay.md")}
TELEMETRY = (ROOT / "docs/telemetry.md").read_text()
COMMANDS = set(re.findall(r"^#+ (swiftscale [a-z -]+)$", (ROOT / "docs/cli.md").read_text(), re.MULTILINE))
SOURCES = "\n".join(
    path.read_text() for folder in ("Services", "Shared") for path in sorted((ROOT / folder).rglob("*.swift"))
)
# Log lines of other programs.
THEIRS = {"Server gateways/gateway-1 is DOWN", "Permissions Violation"}
METRIC = re.compile(r"`((?:gateway|registry|policy|derp|dns|bus|postgres)_[a-z_]+)[`{]")
KEY = re.compile(r"(bus|database|derp|dns|tls|metrics|policy)[._][a-z0-9_.]+")


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


class Documents(unittest.TestCase):
    def test_metrics_are_those_of_telemetry(self):
        named = {name for text in PAGES.values() for name in METRIC.findall(text)}
        self.assertGreater(len(named), 4)
        self.assertEqual({name for name in named if f"| `{name}` |" not in TELEMETRY}, set())

    def test_log_lines_are_in_the_sources(self):
        table = PAGES["operations.md"].split("## What failures look like")[1].split("### ")[0]
        lines = [cell for row in table.splitlines() if row.startswith("| ") for cell in quoted(row.split("|")[2])]
        lines += ["not ready, waiting"]
        self.assertGreater(len(lines), 8)
        self.assertEqual({line for line in set(lines) - THEIRS if f'"{line}"' not in SOURCES}, set())

    def test_keys_and_variables_are_known(self):
        for name, text in PAGES.items():
            for word in quoted(text):
                if KEY.fullmatch(word):
                    known = word in settings.KEYS or f"| `{word}` |" in TELEMETRY
                    self.assertTrue(known, f"{name}: {word}")
            for variable in re.findall(r"SWIFTSCALE_[A-Z_]+", text):
                self.assertIn(variable, settings.VARIABLES, name)

    def test_commands_exist(self):
        verbs = {command.removeprefix("swiftscale ") for command in COMMANDS}
        named = {words for text in PAGES.values() for words in re.findall(r"\bswiftscale ([a-z]+(?: [a-z-]+)?)\b", text)}
        # Where the word stands for the program, the database or the system's user, something else follows.
        named = {words for words in named if words.split()[0] in {verb.split()[0] for verb in verbs} | {"keys"}}
        self.assertGreater(len(named), 5)
        unknown = {words for words in named if words not in verbs and words.split()[0] not in {verb for verb in verbs if not self.groups(verb, verbs)}}
        self.assertEqual(unknown, set())

    @staticmethod
    def groups(verb: str, verbs: set[str]) -> bool:
        """Whether other verbs stand below this one."""
        return any(other.startswith(verb + " ") for other in verbs)

    def test_files_exist(self):
        for name, text in PAGES.items():
            for path in set(re.findall(r"\bcompose/[\w./-]*\w", text)):
                if path.startswith(("compose/secrets", "compose/certificates", "compose/kubernetes/overlays/mine", "compose/docker-compose.override")):
                    continue
                self.assertTrue(list(ROOT.glob(path + "*")), f"{name}: {path}")

    def test_services_are_those_of_compose(self):
        services = set(yaml.safe_load((COMPOSE / "docker-compose.yml").read_text())["services"])
        for line in re.findall(r"docker compose (?:restart|stop|exec|run|up) ([^`\n]+)", PAGES["operations.md"]):
            named = set(re.findall(r"(?:^| )((?:gateway|registry|derp|nats|postgres|policy|dns|balancer)(?:-\d)?)(?= |$)", line))
            self.assertLessEqual(named, services, line)


if __name__ == "__main__":
    unittest.main()
