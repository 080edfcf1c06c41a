"""docker-compose.yml: valid, and as closed as docs/deploy.md says."""

import json
import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

import yaml

import settings
from places import COMPOSE, LiveTestCase, make_secrets, required

# The part of the program that a service runs, and the secrets that it needs.
DATABASE = {"postgres-cert", "postgres-key", "database-password-postgres", "database-password-registry"}
SECRETS = {
    "balancer": set(),
    "gateway-1": {"ca", "bus-password-gateway"},
    "gateway-2": {"ca", "bus-password-gateway"},
    "registry-1": {"ca", "bus-password-registry", "database-password-registry", "master-key"},
    "registry-2": {"ca", "bus-password-registry", "database-password-registry", "master-key"},
    "policy": {"ca", "bus-password-policy", "database-password-policy"},
    "dns": {"ca", "bus-password-dns"},
    "derp-1": {"ca", "bus-password-derp"},
    "derp-2": {"ca", "bus-password-derp"},
    "nats": {"nats-passwords", "nats-cert", "nats-key"},
    "postgres": DATABASE | {"database-password-policy"},
}
PUBLISHED = {"balancer": {8080}, "derp-1": {8443, 3478}, "derp-2": {8444, 3479}}
REACH_OUT = {"balancer", "gateway-1", "gateway-2", "derp-1", "derp-2", "dns"}


class Compose(LiveTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A copy, so that neither the secrets nor the .env of whoever runs the tests play a part.
        cls.copy = cls.folder / "compose"
        shutil.copytree(COMPOSE, cls.copy, ignore=shutil.ignore_patterns("secrets", ".env"))
        make_secrets(cls.copy / "secrets")
        shutil.copy(cls.copy / ".env.example", cls.copy / ".env")
        cls.services = cls.config()["services"]

    @classmethod
    def config(cls, *files: str) -> dict:
        arguments = [part for file in files for part in ("-f", file)]
        done = subprocess.run(
            [required("docker-compose"), *arguments, "config"], cwd=cls.copy, capture_output=True, text=True, check=False,
            env={name: value for name, value in os.environ.items() if not name.startswith(("COMPOSE_", "DOCKER_"))},
        )
        if done.returncode != 0 or "WARNING" in done.stderr:
            raise AssertionError(done.stderr)
        return yaml.safe_load(done.stdout)

    def test_every_container_is_confined(self):
        self.assertEqual(set(self.services), set(SECRETS))
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertTrue(service["read_only"])
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
                self.assertRegex(service["user"], r"^[1-9]\d*:[1-9]\d*$")
                self.assertEqual(service["restart"], "unless-stopped")
                self.assertLessEqual({"mem_limit", "cpus", "pids_limit", "healthcheck"}, set(service))
                self.assertIn("max-size", service["logging"]["options"])
                self.assertFalse({"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & set(service))
                for volume in service.get("volumes", []):
                    self.assertTrue(str(volume).startswith(("postgres:", "derp-")) or str(volume).endswith(":ro"), volume)

    def test_each_container_has_its_own_secrets_only(self):
        for name, service in self.services.items():
            self.assertEqual({secret["source"] for secret in service.get("secrets", [])}, SECRETS[name], name)

    def test_only_the_front_is_published(self):
        for name, service in self.services.items():
            ports = {int(re.search(r":(\d+)(/\w+)?$", str(port))[1]) for port in service.get("ports", [])}
            self.assertEqual(ports, PUBLISHED.get(name, set()), name)

    def test_bus_and_database_have_no_way_out(self):
        networks = self.config()["networks"]
        open_networks = {name for name, network in networks.items() if not (network or {}).get("internal")}
        self.assertEqual(open_networks, {"edge"})
        for name, service in self.services.items():
            self.assertEqual("edge" in service["networks"], name in REACH_OUT, name)
        readers = {name for name, service in self.services.items() if "database" in service["networks"]}
        self.assertEqual(readers, {"postgres", "registry-1", "registry-2", "policy"})

    def test_files_that_are_mounted_exist(self):
        for name, service in self.services.items():
            for volume in service.get("volumes", []):
                source = str(volume).split(":")[0]
                self.assertTrue(not source.startswith("/") or Path(source).is_file(), f"{name}: {source}")

    def test_variables_and_keys_are_known(self):
        document = yaml.safe_load((COMPOSE / "config/config.yaml").read_text())
        self.assertLessEqual(settings.keys(document), settings.KEYS)
        for name, service in self.services.items():
            ours = {variable for variable in service.get("environment", {}) if variable.startswith("SWIFTSCALE_")}
            self.assertLessEqual(ours, settings.VARIABLES, name)
        for file in (COMPOSE / "config/environment").iterdir():
            self.assertLessEqual(set(re.findall(r"^(\w+)=", file.read_text(), re.MULTILINE)), settings.VARIABLES, file)

    def test_the_program_takes_every_configuration(self):
        """With the files that the containers get, and the very variables."""
        program = os.environ["SWIFTSCALE_PROGRAM"]
        for name, service in self.services.items():
            if service.get("image") != "swiftscale:local":
                continue
            with self.subTest(name):
                folder = self.folder / name
                (folder / "secrets").mkdir(parents=True)
                shutil.copy(self.copy / "config/config.yaml", folder)
                for secret in service["secrets"]:
                    target = Path(secret["target"]).relative_to("/etc/swiftscale")
                    shutil.copy(self.copy / "secrets" / target.name, folder / target)
                done = subprocess.run(
                    [program, "configtest", "--process", service["command"][0], "--config", "config.yaml", "-o", "json"], cwd=folder,
                    capture_output=True, text=True, check=False,
                    env={"PATH": os.environ["PATH"], **{key: str(value) for key, value in service["environment"].items()}},
                )
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertEqual(json.loads(done.stdout)["notes"], [], done.stdout)

    def test_the_program_knows_every_command(self):
        """Those of units and manifests are the same, which the next lines see to."""
        commands = {
            " ".join(service["command"]) for service in self.services.values() if service["image"] == "swiftscale:local"
        }
        units = {
            re.search(r"swiftscale ([a-z ]+) --config", path.read_text())[1] for path in COMPOSE.glob("systemd/*.service")
        }
        manifests = {
            re.search(r"args: \[([a-z, ]+)\]", path.read_text())[1].replace(",", "")
            for path in COMPOSE.glob("kubernetes/base/*.yaml") if "kind: Deployment" in path.read_text()
        }
        self.assertEqual((units, manifests), (commands, commands))
        for command in commands:
            done = subprocess.run(
                [os.environ["SWIFTSCALE_PROGRAM"], *command.split(), "--help"], capture_output=True, text=True, check=False
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"swiftscale {command}", done.stdout)

    def test_certificates_can_be_added(self):
        services = self.config("docker-compose.yml", "docker-compose.tls.yml")["services"]
        for name in ("gateway-1", "gateway-2"):
            self.assertEqual(services[name]["environment"]["SWIFTSCALE_TLS_KEY_PATH"], "/etc/swiftscale/tls/privkey.pem")
            self.assertIn("/etc/swiftscale/tls:ro", " ".join(map(str, services[name]["volumes"])))

    def test_every_variable_of_the_example_is_used(self):
        texts = "".join((COMPOSE / name).read_text() for name in ("docker-compose.yml", "docker-compose.tls.yml"))
        named = set(re.findall(r"^#?([A-Z0-9_]+)=", (COMPOSE / ".env.example").read_text(), re.MULTILINE))
        self.assertEqual(named - {"COMPOSE_FILE"}, set(re.findall(r"\$\{([A-Z0-9_]+)", texts)))


if __name__ == "__main__":
    unittest.main()
