"""The official Rust client against our server: join, talk through the relay, survive a restart, come and go.

usage: test_interop.py SWIFTSCALE_BINARY PREPARED_DIR CLIENT_PYTHON

PREPARED_DIR as made by trusting_copy.py; CLIENT_PYTHON runs the clients, which need a newer Python than this file.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

BINARY, PREPARED = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
CLIENT_PYTHON = sys.argv[3]
HERE = pathlib.Path(__file__).resolve().parent
# Generous: CI machines may be three times slower. A bound, never a measure.
PATIENCE = 60


def free_port(kind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(what, condition):
    """Polls until `condition` gives a true value; fails with the last one."""
    deadline = time.monotonic() + PATIENCE
    while True:
        last = condition()
        if last:
            return last
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: still {last!r} after {PATIENCE} s")
        time.sleep(0.1)


class Server:
    def __init__(self, directory: pathlib.Path):
        self.directory = directory
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listening.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self.socket = directory / "swiftscale.sock"
        self.config = directory / "config.yaml"
        self.config.write_text(
            json.dumps(
                {
                    "server_url": self.url,
                    "listen_addr": f"127.0.0.1:{self.port}",
                    "metrics_listen_addr": "",
                    "tls_cert_path": str(PREPARED / "server.pem"),
                    "tls_key_path": str(PREPARED / "server.key"),
                    "unix_socket": str(self.socket),
                    "derp": {"server": {"stun_listen_addr": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"}},
                    "dns": {"base_domain": "interop.test"},
                }
            )
        )
        self.process = None

    def start(self):
        """The socket is passed on as a service manager would (see sd_listen_fds): this client does not dial again once it
        was refused, so nobody may be refused while the server restarts."""
        command = [BINARY, "serve", "--config", self.config, "--data-dir", self.directory / "data"]
        with open(self.directory / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", 'exec 3<&"$1"; shift; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "sh"]
                + [str(part) for part in [self.listening.fileno(), *command]],
                stdout=log,
                stderr=log,
                pass_fds=[self.listening.fileno()],
            )
        eventually("server start", lambda: self.cli_status("health") == 0 or self.check_alive())

    def check_alive(self):
        if self.process.poll() is not None:
            raise AssertionError("the server ended:\n" + (self.directory / "server.log").read_text())
        return False

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=PATIENCE) != 0:
            raise AssertionError(f"the server ended with {self.process.returncode}")

    def cli(self, *arguments):
        result = subprocess.run(
            [BINARY, *arguments, "--config", self.config, "-o", "json"], capture_output=True, text=True
        )
        if result.returncode != 0:
            raise AssertionError(f"{arguments}: {result.stderr or result.stdout}")
        return json.loads(result.stdout)

    def cli_status(self, *arguments):
        return subprocess.run([BINARY, *arguments, "--config", self.config], capture_output=True).returncode


class Client:
    def __init__(self, directory: pathlib.Path, url: str, name: str, auth_key: str):
        self.name = name
        self.log = directory / f"{name}.log"
        environment = {**os.environ, "PYTHONPATH": str(PREPARED), "NO_COLOR": "1", "RUST_LOG": os.environ.get("RUST_LOG", "info")}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [CLIENT_PYTHON, HERE / "client.py", url, directory / f"{name}.json", name, auth_key],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
            )

    def ask(self, do, *arguments, within=PATIENCE):
        self.process.stdin.write(json.dumps({"do": do, "with": arguments, "within": within}) + "\n")
        self.process.stdin.flush()
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError(f"{self.name} ended:\n" + self.log.read_text()[-4000:])
            if line.startswith('{"ok":'):
                break
            # The library logs to standard output.
            with open(self.log, "a") as log:
                log.write(line)
        answer = json.loads(line)
        if not answer["ok"]:
            raise AssertionError(f"{self.name} {do}{arguments}: {answer['error']}\n" + self.log.read_text()[-4000:])
        return answer["result"]

    def end(self):
        self.process.kill()
        self.process.communicate()


class Interop(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="swiftscale-interop-"))
        self.server = Server(self.directory)
        self.server.start()
        self.clients = []

    def tearDown(self):
        for client in self.clients:
            client.end()
        if self.server.process.poll() is None:
            self.server.process.kill()
            self.server.process.wait()
        self.server.listening.close()

    def auth_key(self):
        return self.server.cli("preauthkeys", "create", "--user", "ada", "--create-user", "--reusable")["key"]

    def join(self, name, key):
        client = Client(self.directory, self.server.url, name, key)
        self.clients.append(client)
        return client

    def exchange(self, one, other, text):
        """TCP and UDP in both directions."""
        for sender, receiver in ((one, other), (other, one)):
            address = receiver.ask("address")
            eventually(
                f"{sender.name} sees {receiver.name}", lambda: sender.ask("peer", receiver.name) is not None
            )
            self.assertEqual(sender.ask("tcp", address, 80, text), text.upper())
            self.assertEqual(sender.ask("udp", address, 81, text, 9000), text.upper())

    def test_clients_meet(self):
        key = self.auth_key()
        alice, bob = self.join("alice", key), self.join("bob", key)
        for client in (alice, bob):
            client.ask("echo_tcp", 80)
            client.ask("echo_udp", 81)
        self.assertNotEqual(alice.ask("address"), bob.ask("address"))
        self.exchange(alice, bob, "through the relay")

        self.server.stop()
        self.server.start()
        eventually("both are online again", lambda: self.online() == {"alice", "bob"})
        self.exchange(alice, bob, "after a restart")

        carol = self.join("carol", key)
        carol.ask("address")
        for client in (alice, bob):
            eventually(f"{client.name} sees carol", lambda: client.ask("peer", "carol"))
        carol.end()
        (number,) = [node["id"] for node in self.server.cli("nodes", "list") if node["givenName"] == "carol"]
        self.server.cli("nodes", "delete", "--identifier", number, "--force")
        for client in (alice, bob):
            eventually(f"{client.name} no longer sees carol", lambda: client.ask("peer", "carol") is None)
        self.exchange(alice, bob, "and go on")

    def online(self):
        return {node["givenName"] for node in self.server.cli("nodes", "list") if node["online"]}


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]], verbosity=2)
