"""The official Rust client against our server: join, talk through the relay, survive a restart, log in, come and go.

usage: test_interop.py SHAPE SWIFTSCALE_BINARY PREPARED_DIR CLIENT_PYTHON

SHAPE is `one` (all in one process) or `split` (a process a service, two gateways behind a balancer); PREPARED_DIR as made by
trusting_copy.py; CLIENT_PYTHON runs the clients, which need a newer Python than this file.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from one import OneProcess
from split import Split
from waiting import PATIENCE, eventually

SHAPE = {"one": OneProcess, "split": Split}[sys.argv[1]]
BINARY, PREPARED = pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
CLIENT_PYTHON = sys.argv[4]
HERE = pathlib.Path(__file__).resolve().parent


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
        self.clients = []
        self.has_passed = False
        self.server = SHAPE(self.directory, BINARY, PREPARED)
        # Not tearDown, which is left out when this fails.
        self.addCleanup(self.close)
        self.server.start()

    def close(self):
        for client in self.clients:
            client.end()
        self.server.end()
        if self.has_passed:
            shutil.rmtree(self.directory)
        else:
            print(f"what was logged is in {self.directory}", file=sys.stderr)

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
        self.server.check_all_served()

        self.server.restart()
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
        self.has_passed = True

    def test_nodes_live(self):
        """Login by a person, tags, policy, expiry, login anew, deletion."""
        alice = self.join("alice", self.auth_key())
        alice.ask("echo_tcp", 80)

        dave = self.join("dave", "")
        (login,) = eventually("dave waits for a login", lambda: self.server.cli("auth", "list"))
        self.assertEqual(login["hostname"], "dave")
        self.server.cli("auth", "register", "--auth-id", login["id"], "--user", "ada")
        address = dave.ask("address")
        self.assertEqual(self.node("dave")["user"]["name"], "ada")
        eventually("dave sees alice", lambda: dave.ask("peer", "alice"))
        self.assertEqual(dave.ask("tcp", alice.ask("address"), 80, "let in"), "LET IN")

        self.set_policy({"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}], "tagOwners": {"tag:web": []}})
        key = self.server.cli("preauthkeys", "create", "--tags", "tag:web")["key"]
        web = self.join("web", key)
        web.ask("echo_tcp", 80)
        self.assertEqual((self.node("web")["tags"], self.node("web")["user"]), (["tag:web"], None))
        eventually("alice sees web", lambda: alice.ask("peer", "web"))
        self.assertEqual(alice.ask("tcp", web.ask("address"), 80, "tagged"), "TAGGED")

        # Both ways: this client takes answers for what they are to its filter, packets like any others.
        pair = [{"src": ["tag:web"], "dst": ["ada@"], "ip": ["*"]}, {"src": ["ada@"], "dst": ["tag:web"], "ip": ["*"]}]
        self.set_policy({"grants": pair, "tagOwners": {"tag:web": []}})
        eventually("dave no longer sees alice", lambda: dave.ask("peer", "alice") is None)
        eventually("web sees alice", lambda: web.ask("peer", "alice"))
        self.assertEqual(web.ask("tcp", alice.ask("address"), 80, "by the policy"), "BY THE POLICY")
        self.set_policy({"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}], "tagOwners": {"tag:web": []}})
        eventually("dave sees alice again", lambda: dave.ask("peer", "alice"))

        self.server.cli("nodes", "expire", "--identifier", self.node("dave")["id"])
        dave.end()
        # This client makes no new key by itself: it does not come in while its key has ended.
        with self.assertRaises(AssertionError):
            self.join("dave", "").ask("address")
        self.server.cli("nodes", "expire", "--identifier", self.node("dave")["id"], "--disable")
        dave = self.join("dave", "")
        self.assertEqual(dave.ask("address"), address)
        self.assertEqual([node["givenName"] for node in self.server.cli("nodes", "list")].count("dave"), 1)
        eventually("dave sees alice", lambda: dave.ask("peer", "alice"))
        self.assertEqual(dave.ask("tcp", alice.ask("address"), 80, "back"), "BACK")

        self.server.cli("nodes", "delete", "--identifier", self.node("web")["id"], "--force")
        eventually("alice no longer sees web", lambda: alice.ask("peer", "web") is None)
        self.has_passed = True

    def node(self, name):
        (node,) = [node for node in self.server.cli("nodes", "list") if node["givenName"] == name]
        return node

    def set_policy(self, policy):
        file = self.directory / "policy.hujson"
        file.write_text(json.dumps(policy))
        self.server.cli("policy", "set", "--file", file)

    def online(self):
        return {node["givenName"] for node in self.server.cli("nodes", "list") if node["online"]}


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]], verbosity=2)
