"""A client whose network goes away without a word, behind the balancer with the configuration of compose/."""

import contextlib
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from places import required, running, wait_until
from test_balancer import FILES, Gateway

HOST, CLIENT = "10.123.0.1", "10.123.0.2"
# Connects, takes what comes, and stays.
CONNECT = f"import socket; s = socket.create_connection(('{HOST}', 8080)); print(s.recv(6).decode(), flush=True); s.recv(1)"


def ip(*words) -> None:
    subprocess.run([required("ip"), *words], check=True)


def gateway_hears_of_it() -> None:
    """In a network of its own: cuts the cable of a client to whom something is sent after that."""
    ip("link", "set", "lo", "up")
    with tempfile.TemporaryDirectory() as folder, running(
        required("unshare"), "-n", "sleep", "600", log=Path(folder) / "ns"
    ) as other:
        mine = os.readlink("/proc/self/ns/net")
        wait_until(lambda: os.readlink(f"/proc/{other.pid}/ns/net") != mine, "the client's network")
        there = [required("nsenter"), "-t", str(other.pid), "-n"]
        ip("link", "add", "host", "type", "veth", "peer", "name", "client", "netns", str(other.pid))
        ip("address", "add", f"{HOST}/24", "dev", "host")
        ip("link", "set", "host", "up")
        for words in (["address", "add", f"{CLIENT}/24", "dev", "client"], ["link", "set", "client", "up"]):
            subprocess.run([*there, required("ip"), *words], check=True)
        gateway = Gateway("first.")
        places = {
            "BALANCER_LISTEN": f"{HOST}:8080", "BALANCER_OPERATIONS_LISTEN": "127.0.0.1:9091",
            "GATEWAY_1_ADDRESS": f"127.0.0.1:{gateway.clients.getsockname()[1]}",
            "GATEWAY_1_OPERATIONS_PORT": str(gateway.operations.server_address[1]),
            "GATEWAY_2_ADDRESS": "127.0.0.1:1", "GATEWAY_2_OPERATIONS_PORT": "1",
        }
        with running(
            required("haproxy"), "-db", *FILES, log=Path(folder) / "log", env={"PATH": os.environ["PATH"], **places}
        ):
            client = None

            def is_connected() -> bool:
                nonlocal client
                if client and client.poll() is None:
                    return client.stdout.readline() == b"first.\n"
                client = subprocess.Popen(
                    [*there, sys.executable, "-c", CONNECT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                )
                return False

            wait_until(is_connected, "the client")
            if gateway.sources != [CLIENT]:
                raise AssertionError(f"connections of {gateway.sources}")
            connection = gateway.connections[-1]
            subprocess.run([*there, required("ip"), "link", "set", "client", "down"], check=True)
            connection.sendall(b"x")
            # 30 s, and what a busy machine takes.
            connection.settimeout(75)
            with contextlib.suppress(ConnectionResetError):
                if connection.recv(1):
                    raise AssertionError("the client seems to be there")
            client.kill()
            client.communicate()


class VanishedClient(unittest.TestCase):
    def test_the_gateway_hears_of_a_client_whose_cable_was_cut(self):
        mapped = [] if os.geteuid() == 0 else ["-r"]
        done = subprocess.run(
            [required("unshare"), *mapped, "-n", sys.executable, __file__, "inside"],
            capture_output=True, text=True, cwd=Path(__file__).parent, timeout=150, check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    if sys.argv[1:] == ["inside"]:
        gateway_hears_of_it()
    else:
        unittest.main()
