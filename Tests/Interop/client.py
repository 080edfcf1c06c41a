"""One tailscale-py client in one process, told what to do by JSON lines on standard input; answers with JSON lines.

usage: client.py SERVER_URL KEY_FILE HOSTNAME [AUTH_KEY]
"""

import asyncio
import json
import os
import sys

import tailscale

tasks = set()


def spawn(coroutine) -> None:
    task = asyncio.ensure_future(coroutine)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


class Client:
    def __init__(self, device):
        self.device = device
        self.datagrams = {}

    async def address(self):
        return str(await self.device.ipv4_addr())

    async def peer(self, name):
        peer = await self.device.peer_by_name(name)
        return None if peer is None else [str(address) for address in peer["tailnet_addresses"]]

    async def echo_tcp(self, port):
        """Answers every chunk with itself in upper case."""
        listener = await self.device.tcp_listen((await self.device.ipv4_addr(), port))
        spawn(self._accept(listener))

    async def _accept(self, listener):
        while True:
            spawn(self._answer(await listener.accept()))

    async def _answer(self, stream):
        while chunk := await stream.recv():
            await stream.send(bytes(chunk).upper())

    async def echo_udp(self, port):
        socket = await self.device.udp_bind((await self.device.ipv4_addr(), port))
        spawn(self._answer_datagrams(socket))

    async def _answer_datagrams(self, socket):
        while True:
            data, sender = await socket.recvfrom()
            await socket.sendto(sender, bytes(data).upper())

    async def tcp(self, address, port, text):
        stream = await self.device.tcp_connect((address, port))
        await stream.send(text.encode())
        answer = b""
        while len(answer) < len(text.encode()):
            chunk = await stream.recv()
            if not chunk:
                break
            answer += bytes(chunk)
        return answer.decode()

    async def udp(self, address, port, text, local_port):
        """Datagrams may get lost while paths are found, so this one is sent again until it is answered."""
        if local_port not in self.datagrams:
            self.datagrams[local_port] = await self.device.udp_bind((await self.device.ipv4_addr(), local_port))
        socket = self.datagrams[local_port]
        while True:
            await socket.sendto((address, port), text.encode())
            try:
                data, _ = await asyncio.wait_for(socket.recvfrom(), 1)
                return bytes(data).decode()
            except asyncio.TimeoutError:
                continue


async def main() -> None:
    url, key_file, hostname, *auth_key = sys.argv[1:]
    device = await tailscale.connect(
        key_file, auth_key[0] if auth_key else None, control_server_url=url, hostname=hostname
    )
    client = Client(device)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        try:
            result = await asyncio.wait_for(getattr(client, command["do"])(*command["with"]), command["within"])
            answer = {"ok": True, "result": result}
        except Exception as error:  # told to the test, which decides
            answer = {"ok": False, "error": repr(error)}
        print(json.dumps(answer), flush=True)


try:
    asyncio.run(main())
finally:
    # The library's runtime has no orderly end.
    os._exit(0)
