"""The server as `make up` runs it: a process a service, two gateways behind a balancer, relays in two regions."""

import json
import os
import pathlib
import random
import re
import socket
import subprocess
import urllib.request

NATIVE = pathlib.Path(__file__).resolve().parents[2] / "compose" / "native"
GATEWAYS = ["gateway-1", "gateway-2"]
# In the order of an upgrade: owners first, then those who serve clients, one after another.
SERVICES = ["registry-1", "registry-2", "policy", "dns", *GATEWAYS, "derp-1", "derp-2"]
# As many ports as `up` takes from UP_BASE_PORT on.
PORTS = 30


def is_free(kind, port) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(kind, count) -> int:
    """The first of `count` ports in a row, below those that the system gives to clients."""
    while True:
        first = random.randrange(20000, 32000)
        if all(is_free(kind, first + offset) for offset in range(count)):
            return first


class Split:
    def __init__(self, directory: pathlib.Path, program: pathlib.Path, prepared: pathlib.Path):
        # The user of the database must be able to enter it.
        directory.chmod(0o755)
        self.directory = directory / "up"
        self.program = program
        first = free_ports(socket.SOCK_STREAM, PORTS + 1)
        self.url = f"https://127.0.0.1:{first + PORTS}"
        self.environment = {
            **os.environ,
            "UP_DIR": str(self.directory),
            "UP_PORT": str(first + PORTS),
            "UP_BASE_PORT": str(first),
            "UP_STUN_PORT": str(free_ports(socket.SOCK_DGRAM, 2)),
            "UP_SERVER_URL": self.url,
            "UP_TLS_CERT": str(prepared / "server.pem"),
            "UP_TLS_KEY": str(prepared / "server.key"),
            "UP_PROGRAM": str(program),
        }

    def start(self):
        self.native("up")

    def restart(self):
        """One process after another, as in an upgrade."""
        for name in SERVICES:
            self.native("down", name)
            self.native("up")

    def end(self):
        self.native("down")

    def native(self, command, *arguments):
        result = subprocess.run(
            [NATIVE / command, *arguments], env=self.environment, capture_output=True, text=True, timeout=300
        )
        if result.returncode != 0:
            raise AssertionError(f"{command}: {result.stdout}{result.stderr}")

    def check_all_served(self):
        handshakes = {name: self.metric(name, 'gateway_noise_handshakes_total{result="ok"}') for name in GATEWAYS}
        streams = {name: self.metric(name, "gateway_map_streams") for name in GATEWAYS}
        print(f"handshakes {handshakes}, open map streams {streams}")
        if not all(handshakes.values()):
            raise AssertionError(f"a gateway served nobody: {handshakes}")

    def metric(self, name, series) -> float:
        address = re.search(r"^metrics_listen_addr: (.+)$", (self.directory / name / "config.yaml").read_text(), re.M)
        with urllib.request.urlopen(f"http://{address[1]}/metrics", timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(series + " "):
                    return float(line.rsplit(" ", 1)[1])
        return 0.0

    def cli(self, *arguments):
        config = self.directory / random.choice(GATEWAYS) / "config.yaml"
        result = subprocess.run(
            [self.program, *arguments, "--config", config, "-o", "json"], capture_output=True, text=True
        )
        if result.returncode != 0:
            raise AssertionError(f"{arguments}: {result.stderr or result.stdout}")
        return json.loads(result.stdout)
