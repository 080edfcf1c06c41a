"""The bus permits what its contract says, and nothing else."""

import shutil
import unittest

import contract
from bus_client import BusClient
from places import COMPOSE, LiveTestCase, free_port, listens, make_secrets, required, running, wait_until

NEEDED = contract.derive(contract.PAGE.read_text())
SUBJECTS = sorted({subject for _, subject, _, _ in contract.rows(contract.PAGE.read_text())})


class PermissionFile(unittest.TestCase):
    def test_says_what_the_contract_says(self):
        written = (COMPOSE / "nats/permissions.conf").read_text()
        self.assertEqual(written, contract.text(NEEDED), "run Tests/Tools/nats-permissions")

    def test_every_message_has_a_sender_and_a_reader(self):
        self.assertGreater(len(SUBJECTS), 20)
        for subject in SUBJECTS:
            full = contract.PREFIX + subject
            self.assertTrue(any(full in allowed.publish for allowed in NEEDED.values()), f"nobody may send {subject}")
            self.assertTrue(any(full in allowed.subscribe for allowed in NEEDED.values()), f"nobody may read {subject}")

    def test_only_gateways_administer(self):
        for user, allowed in NEEDED.items():
            for kind in ("user", "authkey", "apikey", "server-key"):
                sent = [subject for subject in allowed.publish if subject.startswith(f"{contract.PREFIX}registry.{kind}.")]
                self.assertEqual(bool(sent), user == "gateway", f"{user} sends {sent}")


class Server(LiveTestCase):
    """A nats-server with the files of compose/."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("nats-server.conf", "permissions.conf"):
            shutil.copy(COMPOSE / "nats" / name, cls.folder)
        cls.secrets = make_secrets(cls.folder / "secrets")
        cls.port = free_port()
        log = cls.folder / "log"
        command = [required("nats-server"), "-c", "nats-server.conf", "-a", "127.0.0.1", "-p", str(cls.port), "-m", "0"]
        process = cls.stack.enter_context(running(*command, log=log, cwd=cls.folder))
        wait_until(lambda: listens(cls.port) or process.poll() is not None, "nats-server")
        if process.poll() is not None:
            raise AssertionError(log.read_text())

    def client(self, user: str, password: str | None = None) -> BusClient:
        password = password or (self.secrets / f"bus-password-{user}").read_text()
        client = BusClient(self.port, str(self.secrets / "ca.pem"), user, password)
        self.addCleanup(client.close)
        return client

    def test_each_service_sends_and_reads_what_it_must_and_no_more(self):
        for user, allowed in NEEDED.items():
            client = self.client(user)
            self.assertEqual(client.errors, [])
            for subject in SUBJECTS:
                full, pattern = f"swiftscale.default.{subject}", contract.PREFIX + subject
                self.assertEqual(client.publish(full) == [], pattern in allowed.publish, f"{user} sends {subject}")
                taken = client.subscribe(full, contract.queue(subject)) == []
                self.assertEqual(taken, pattern in allowed.subscribe, f"{user} reads {subject}")
                client.unsubscribe()

    def test_nobody_reads_or_sends_everything(self):
        for user in NEEDED:
            client = self.client(user)
            for subject in (">", "_INBOX.>", "_INBOX.*.*.*", "swiftscale.>", "$SYS.>", "swiftscale.default.*"):
                self.assertNotEqual(client.subscribe(subject), [], f"{user} reads {subject}")
            for subject in ("$SYS.REQ.SERVER.PING", "anything", "swiftscale.default.new.message"):
                self.assertNotEqual(client.publish(subject), [], f"{user} sends {subject}")
            for other in NEEDED:
                taken = client.subscribe(f"_INBOX.{other}.1.*") == []
                self.assertEqual(taken, user == other, f"{user} reads answers to {other}")
                client.unsubscribe()

    def test_answers_come_from_those_who_are_asked(self):
        pairs = {("registry", asker) for asker in ("gateway", "derp", "policy")}
        pairs |= {("policy", "gateway"), ("dns", "gateway")}
        pairs |= {(asker, owner) for owner, asker in pairs} | {(user, user) for user in NEEDED}
        for sender in NEEDED:
            client = self.client(sender)
            for reader in NEEDED:
                taken = client.publish(f"_INBOX.{reader}.1.2") == []
                self.assertEqual(taken, (sender, reader) in pairs, f"{sender} answers {reader}")

    def test_a_request_and_its_answer_arrive(self):
        gateway, registry = self.client("gateway"), self.client("registry")
        subject = "swiftscale.default.registry.user.list"
        self.assertEqual(registry.subscribe(subject, contract.queue("registry.user.list")), [])
        self.assertEqual(gateway.subscribe("_INBOX.gateway.1.*"), [])
        self.assertEqual(gateway.publish(subject, "{}", reply="_INBOX.gateway.1.2"), [])
        wait_until(lambda: registry.send("") == [] and registry.messages, "the request")
        self.assertEqual(registry.messages, [(subject, "_INBOX.gateway.1.2", b"{}")])
        self.assertEqual(registry.publish("_INBOX.gateway.1.2", "[]"), [])
        wait_until(lambda: gateway.send("") == [] and gateway.messages, "the answer")
        self.assertEqual(gateway.messages, [("_INBOX.gateway.1.2", "", b"[]")])

    def test_wrong_passwords_are_refused(self):
        self.assertNotEqual(self.client("gateway", "wrong").errors, [])
        self.assertNotEqual(self.client("gateway", (self.secrets / "bus-password-derp").read_text()).errors, [])
        self.assertNotEqual(self.client("admin", "none").errors, [])


if __name__ == "__main__":
    unittest.main()
