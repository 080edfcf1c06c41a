"""As much of the NATS protocol as it takes to ask a server what it permits."""

import json
import socket
import ssl


class BusClient:
    def __init__(self, port: int, authority: str, user: str, password: str):
        plain = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.stream = plain.makefile("rb")
        assert self.stream.readline().startswith(b"INFO ")
        context = ssl.create_default_context(cafile=authority)
        self.socket = context.wrap_socket(plain, server_hostname="localhost")
        self.stream = self.socket.makefile("rb")
        self.messages: list[tuple[str, str, bytes]] = []
        options = {"user": user, "pass": password, "verbose": False, "pedantic": False, "headers": True, "lang": "test"}
        self.errors = self.send(f"CONNECT {json.dumps(options)}\r\n")

    def close(self) -> None:
        self.stream.close()
        self.socket.close()

    def send(self, text: str) -> list[str]:
        """Sends and waits until the server has dealt with it; returns its complaints, and keeps messages that come."""
        self.socket.sendall(text.encode() + b"PING\r\n")
        errors = []
        while True:
            line = self.stream.readline()
            if not line:
                return errors + ["closed"]
            verb, *words = line.decode().split()
            if verb == "PONG":
                return errors
            if verb == "PING":
                self.socket.sendall(b"PONG\r\n")
            elif verb == "-ERR":
                errors.append(line.decode().strip())
            elif verb == "MSG":
                body = self.stream.read(int(words[-1]) + 2)[:-2]
                self.messages.append((words[0], words[2] if len(words) == 4 else "", body))

    def publish(self, subject: str, body: str = "", reply: str = "") -> list[str]:
        return self.send(f"PUB {subject} {reply} {len(body)}\r\n{body}\r\n")

    def subscribe(self, subject: str, queue: str = "") -> list[str]:
        return self.send(f"SUB {subject} {queue} 1\r\n")

    def unsubscribe(self) -> None:
        self.send("UNSUB 1\r\n")
