"""The server, all in one process."""

import json
import pathlib
import signal
import socket
import subprocess

from waiting import PATIENCE, eventually


def free_port(kind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class OneProcess:
    def __init__(self, directory: pathlib.Path, program: pathlib.Path, prepared: pathlib.Path):
        self.directory = directory
        self.program = program
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listening.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self.config = directory / "config.yaml"
        self.config.write_text(
            json.dumps(
                {
                    "server_url": self.url,
                    "listen_addr": f"127.0.0.1:{self.port}",
                    "metrics_listen_addr": "",
                    "tls_cert_path": str(prepared / "server.pem"),
                    "tls_key_path": str(prepared / "server.key"),
                    "unix_socket": str(directory / "swiftscale.sock"),
                    "derp": {"server": {"stun_listen_addr": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"}},
                    "dns": {"base_domain": "interop.test"},
                }
            )
        )
        self.process = None

    def start(self):
        """The socket is passed on as a service manager would (see sd_listen_fds): this client does not dial again once it
        was refused, so nobody may be refused while the server restarts."""
        command = [self.program, "serve", "--config", self.config, "--data-dir", self.directory / "data"]
        with open(self.directory / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", 'exec 3<&"$1"; shift; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "sh"]
                + [str(part) for part in [self.listening.fileno(), *command]],
                stdout=log,
                stderr=log,
                pass_fds=[self.listening.fileno()],
            )
        eventually("server start", lambda: self.cli_status("health") == 0 or self.check_alive())

    def restart(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=PATIENCE) != 0:
            raise AssertionError(f"the server ended with {self.process.returncode}")
        self.start()

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.listening.close()

    def check_alive(self):
        if self.process.poll() is not None:
            raise AssertionError("the server ended:\n" + (self.directory / "server.log").read_text())
        return False

    def check_all_served(self):
        """There is one process only."""

    def cli(self, *arguments):
        result = subprocess.run(
            [self.program, *arguments, "--config", self.config, "-o", "json"], capture_output=True, text=True
        )
        if result.returncode != 0:
            raise AssertionError(f"{arguments}: {result.stderr or result.stdout}")
        return json.loads(result.stdout)

    def cli_status(self, *arguments):
        return subprocess.run([self.program, *arguments, "--config", self.config], capture_output=True).returncode
