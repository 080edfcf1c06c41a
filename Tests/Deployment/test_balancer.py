"""haproxy with the configuration of compose/: clients go to gateways that are ready, first to those that have the bus."""

import contextlib
import http.client
import http.server
import os
import socket
import subprocess
import threading
import unittest

from places import COMPOSE, LiveTestCase, free_port, required, running, wait_until

FILES = ["-f", str(COMPOSE / "haproxy/haproxy.cfg"), "-f", str(COMPOSE / "haproxy/operations.cfg")]


class Gateway:
    """Says its name to whoever connects, and on its private port whether it is ready.

    Keeps whose connection the balancer says that each is.
    """

    def __init__(self, name: str):
        self.name, self.ready, self.has_bus = name, True, True
        # Held open, as a gateway does.
        self.connections: list[socket.socket] = []
        self.sources: list[str] = []
        self.clients = socket.create_server(("127.0.0.1", 0))
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                good = self.path == "/readyz" and gateway.ready
                failing, missing = "" if good else '"gateway"', "" if gateway.has_bus else ',"missing":["bus"]'
                status = "200 OK" if good else "503 Service Unavailable"
                # At once: a balancer that only wants the status hangs up when it has it.
                self.wfile.write(f'HTTP/1.0 {status}\r\n\r\n{{"failing":[{failing}]{missing}}}\n'.encode())

            def log_message(self, *_):
                pass

        self.operations = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        for loop in (self.operations.serve_forever, self.serve):
            threading.Thread(target=loop, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.clients.accept()
            except OSError:
                return
            # The PROXY protocol, version 2, of a client with IPv4: addresses of both, ports of both.
            header = connection.recv(28, socket.MSG_WAITALL)
            if not header.startswith(b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c"):
                connection.close()
                continue
            self.sources.append(socket.inet_ntoa(header[16:20]))
            self.connections.append(connection)
            connection.sendall(self.name.encode())

    def close(self):
        self.clients.close()
        for connection in self.connections:
            connection.close()
        self.operations.shutdown()
        self.operations.server_close()


class Balancer(LiveTestCase):
    def setUp(self):
        self.gateways = [Gateway("first."), Gateway("second")]
        self.port, self.operations = free_port(), free_port()
        environment = {"BALANCER_LISTEN": f"127.0.0.1:{self.port}", "BALANCER_OPERATIONS_LISTEN": f"127.0.0.1:{self.operations}"}
        for number, gateway in enumerate(self.gateways, 1):
            self.addCleanup(gateway.close)
            environment[f"GATEWAY_{number}_ADDRESS"] = f"127.0.0.1:{gateway.clients.getsockname()[1]}"
            environment[f"GATEWAY_{number}_OPERATIONS_PORT"] = str(gateway.operations.server_address[1])
        balancer = running(
            required("haproxy"), "-db", *FILES, log=self.folder / "log",
            env={"PATH": os.environ["PATH"], **environment},
        )
        balancer.__enter__()
        self.addCleanup(balancer.__exit__, None, None, None)
        wait_until(lambda: self.status("/healthz") == 200, "the balancer")

    def connect(self) -> str:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            return connection.recv(6).decode()

    def status(self, path: str, text: str = "") -> int:
        """The status of an answer that holds a text, else 0."""
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.operations, timeout=5)) as connection:
                connection.request("GET", path)
                answer = connection.getresponse()
                return answer.status if text in answer.read().decode() else 0
        except OSError:
            return 0

    def test_both_gateways_get_clients(self):
        wait_until(lambda: {self.connect() for _ in range(4)} == {"first.", "second"}, "both gateways")
        self.assertEqual(self.status("/metrics"), 200)
        self.assertEqual(self.status("/other"), 404)

    def test_gateways_hear_whose_connection_it_is(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5, source_address=("127.0.0.77", 0)) as connection:
            connection.recv(6)
        self.assertEqual([source for gateway in self.gateways for source in gateway.sources], ["127.0.0.77"])

    def test_a_gateway_that_is_not_ready_gets_none_and_comes_back(self):
        wait_until(lambda: {self.connect() for _ in range(4)} == {"first.", "second"}, "both gateways")
        self.gateways[0].ready = False
        wait_until(lambda: {self.connect() for _ in range(6)} == {"second"}, "the other gateway")
        self.gateways[0].ready = True
        wait_until(lambda: "first." in {self.connect() for _ in range(4)}, "the gateway again")

    def test_a_gateway_without_the_bus_gets_none_and_keeps_its_clients(self):
        """It goes on to serve what it knows, but cannot let anybody in."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        self.addCleanup(connection.close)
        name = connection.recv(6).decode()
        [gateway] = [gateway for gateway in self.gateways if gateway.name == name]
        [held] = gateway.connections
        gateway.has_bus = False
        wait_until(lambda: name not in {self.connect() for _ in range(6)}, "the other gateway")
        held.sendall(b"still")
        self.assertEqual(connection.recv(5), b"still")

    def test_clients_come_in_while_the_bus_is_away_for_all_gateways(self):
        wait_until(lambda: {self.connect() for _ in range(4)} == {"first.", "second"}, "both gateways")
        for gateway in self.gateways:
            gateway.has_bus = False
        wait_until(lambda: self.status("/metrics", 'haproxy_backend_active_servers{proxy="gateways"} 0'), "all are cut off")
        self.assertEqual({self.connect() for _ in range(6)}, {"first.", "second"})

    def test_clients_hear_of_a_gateway_that_dies(self):
        """So that they come again, and reach another."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        self.addCleanup(connection.close)
        name = connection.recv(6).decode()
        [gateway] = [gateway for gateway in self.gateways if gateway.name == name]
        for held in gateway.connections:
            held.close()
        self.assertEqual(connection.recv(1), b"")

    def test_health_fails_without_ready_gateways(self):
        for gateway in self.gateways:
            gateway.ready = False
        wait_until(lambda: self.status("/healthz") == 503, "bad health")


class Configuration(unittest.TestCase):
    def test_no_warnings(self):
        done = subprocess.run(
            [required("haproxy"), "-c", *FILES], capture_output=True, text=True, check=False,
            env={"PATH": os.environ["PATH"], "GATEWAY_1_ADDRESS": "127.0.0.1:1", "GATEWAY_2_ADDRESS": "127.0.0.1:2"},
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("WARNING", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
