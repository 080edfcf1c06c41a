"""The systemd units: understood by systemd as they are meant, and confined."""

import json
import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

import yaml

import settings
from places import COMPOSE, LiveTestCase, required

UNITS = COMPOSE / "systemd"
SERVICES = {"gateway", "registry", "policy", "derp", "dns"}
# Out of 10; what systemd calls OK ends at 4.9, and what has no sandbox stands at 9.
EXPOSURE = 20


class Units(LiveTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        system = cls.folder / "etc/systemd/system"
        program = cls.folder / "usr/local/bin/swiftscale"
        program.parent.mkdir(parents=True)
        shutil.copy("/bin/true", program)
        shutil.copytree("/usr/lib/systemd/system", cls.folder / "usr/lib/systemd/system", symlinks=True)
        shutil.copytree(UNITS, system, ignore=shutil.ignore_patterns("*.yaml"))
        cls.units = sorted(path for path in system.iterdir() if path.suffix in (".service", ".socket"))

    def analyze(self, *arguments):
        return subprocess.run(
            [required("systemd-analyze"), f"--root={self.folder}", *arguments], capture_output=True, text=True, check=False
        )

    def test_there_is_one_for_each_service(self):
        self.assertEqual({path.stem.split("-")[1] for path in self.units if path.suffix == ".service"}, SERVICES)

    def test_systemd_has_nothing_to_say_about_them(self):
        done = self.analyze("--man=no", "verify", *map(str, self.units))
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_verification_can_fail(self):
        broken = self.folder / "etc/systemd/system/broken.service"
        self.addCleanup(broken.unlink)
        broken.write_text("[Service]\nExecStart=/usr/local/bin/swiftscale\nProtectSystm=strict\n")
        self.assertIn("ProtectSystm", self.analyze("--man=no", "verify", str(broken)).stderr)

    def test_services_are_confined(self):
        for service in SERVICES:
            done = self.analyze("--offline=yes", f"--threshold={EXPOSURE}", "security", f"swiftscale-{service}.service")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_service_has_its_own_credentials_only(self):
        for service in SERVICES:
            text = (UNITS / f"swiftscale-{service}.service").read_text()
            loaded = set(re.findall(r"^LoadCredential=([\w-]+):", text, re.MULTILINE))
            self.assertEqual(loaded, set(re.findall(r"=%d/([\w-]+)$", text, re.MULTILINE)), service)
            self.assertEqual("master-key" in loaded, service == "registry")
            self.assertEqual("database-password" in loaded, service in ("registry", "policy"))
            self.assertIn(f"/bus-password-{service}\n", text)

    def test_private_ports_differ(self):
        texts = [(UNITS / f"swiftscale-{service}.service").read_text() for service in SERVICES]
        ports = [re.search(r"METRICS_LISTEN_ADDR=127\.0\.0\.1:(\d+)", text)[1] for text in texts]
        self.assertEqual(len(set(ports)), len(SERVICES))

    def test_the_program_takes_every_configuration(self):
        credentials = self.folder / "credentials"
        credentials.mkdir()
        # What the gateway's unit loads is looked at.
        subprocess.run(
            [
                required("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", "/CN=vpn.example.com", "-out", credentials / "certificate", "-keyout", credentials / "certificate-key",
            ],
            check=True, stderr=subprocess.DEVNULL,
        )
        for service in SERVICES:
            text = (UNITS / f"swiftscale-{service}.service").read_text().replace("%d", str(credentials)).replace("%S", "/var/lib")
            done = subprocess.run(
                [os.environ["SWIFTSCALE_PROGRAM"], "configtest", "--process", service, "--config", UNITS / "config.yaml", "-o", "json"],
                env=dict(line.split("=", 1) for line in re.findall(r"^Environment=(\S+)$", text, re.MULTILINE)),
                capture_output=True, text=True, check=False,
            )
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertEqual(json.loads(done.stdout)["notes"], [], service)

    def test_variables_and_keys_are_known(self):
        for path in self.units:
            self.assertLessEqual(set(re.findall(r"SWIFTSCALE_\w+", Path(path).read_text())), settings.VARIABLES, path.name)
        document = yaml.safe_load((UNITS / "config.yaml").read_text())
        self.assertLessEqual(settings.keys(document), settings.KEYS)


if __name__ == "__main__":
    unittest.main()
