"""The image: what it is built from and what it runs with."""

import http.server
import os
import re
import subprocess
import threading
import unittest
from pathlib import Path

from places import COMPOSE, ROOT, free_port

DOCKERFILE = (COMPOSE / "Dockerfile").read_text().replace("\\\n", " ")
BUILD, RUNTIME = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]


def packages(stage: str) -> set[str]:
    return set(re.search(r"apt-get install -y -qq --no-install-recommends\s+([^&]+)&&", stage)[1].split())


def argument(name: str) -> str:
    return re.search(rf"^ARG {name}=(\S+)", DOCKERFILE, re.MULTILINE)[1]


class Image(unittest.TestCase):
    def test_built_with_the_libraries_that_a_build_needs(self):
        lines = re.findall(r"^build (lib\S+-dev)\b(?! \|)", (ROOT / "Tests/Tools/packages.txt").read_text(), re.MULTILINE)
        # The image of the toolchain has what the toolchain itself needs.
        needed = set(lines) - {"libc6-dev", "libxml2-dev"}
        self.assertGreaterEqual(len(needed), 4)
        self.assertLessEqual(needed, packages(BUILD))

    def test_built_with_a_toolchain_that_the_package_takes(self):
        wanted = re.search(r"swift-tools-version:(\d+)\.(\d+)", (ROOT / "Package.swift").read_text()).groups()
        self.assertGreaterEqual(tuple(map(int, argument("SWIFT_VERSION").split("."))), tuple(map(int, wanted)))

    def test_has_the_libraries_that_the_program_loads(self):
        release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
        if release.get("VERSION_CODENAME") != argument("DEBIAN"):
            self.skipTest("packages have other names than in the image's release of Debian")
        loaded = subprocess.run(["ldd", os.environ["SWIFTSCALE_PROGRAM"]], capture_output=True, text=True, check=True).stdout
        needed = set()
        # Those of ours; the system's own are in every image, and Swift's are linked into the image's program.
        for path in re.findall(r"=> (/(?:usr/)?lib/\S+/lib(?:nats|pq|sodium|sqlite3|ssl|crypto|zstd)\.\S+)", loaded):
            name = f"*/{Path(path).name}"
            found = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True, check=True)
            needed.add(found.stdout.split(":")[0])
        self.assertGreaterEqual(len(needed), 4)
        self.assertLessEqual(needed, packages(RUNTIME))

    def test_runs_as_nobody_in_particular(self):
        self.assertRegex(RUNTIME, r"(?m)^USER 10001:10001$")
        self.assertRegex(RUNTIME, r"(?m)^HEALTHCHECK ")
        self.assertRegex(RUNTIME, r"(?m)^ENTRYPOINT \[\"swiftscale\"\]$")
        self.assertIn("org.opencontainers.image.licenses", RUNTIME)
        version = re.search(r'version = "([^"]+)"', (ROOT / "Services/swiftscale/Sources/BuildInformation.swift").read_text())
        self.assertEqual(argument("VERSION"), version[1])

    def test_is_made_of_what_is_named(self):
        ignored = (ROOT / ".dockerignore").read_text().splitlines()
        allowed = {line[1:] for line in ignored if line.startswith("!")}
        self.assertIn("*", ignored)
        self.assertNotIn("!compose", ignored)
        copied = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
        self.assertEqual(set(copied), allowed)
        for source in copied:
            self.assertTrue((ROOT / source).exists(), source)

    def test_no_image_floats(self):
        texts = [path.read_text() for path in COMPOSE.rglob("*") if path.suffix in (".yml", ".yaml")]
        for text in [*texts, DOCKERFILE]:
            self.assertNotRegex(text, r":latest\b")


class Readiness(unittest.TestCase):
    """What Docker asks a container by."""

    def ask(self, port: int) -> int:
        return subprocess.run([COMPOSE / "swiftscale-ready", str(port)], capture_output=True, timeout=20, check=False).returncode

    def test_follows_the_private_port(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            status = 200

            def do_GET(self):
                self.send_response(Handler.status if self.path == "/readyz" else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.assertEqual(self.ask(server.server_address[1]), 0)
            Handler.status = 503
            self.assertNotEqual(self.ask(server.server_address[1]), 0)
            server.shutdown()

    def test_fails_when_nobody_listens(self):
        self.assertNotEqual(self.ask(free_port()), 0)


if __name__ == "__main__":
    unittest.main()
