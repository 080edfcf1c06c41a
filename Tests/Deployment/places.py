"""Folders, and programs that tests start."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "compose"


class LiveTestCase(unittest.TestCase):
    """Tests of programs that run in a folder of their own, as long as the class's tests do."""

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = Path(cls.stack.enter_context(tempfile.TemporaryDirectory()))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def make_secrets(folder: Path) -> Path:
    subprocess.run([COMPOSE / "make-secrets", folder], check=True, stdout=subprocess.DEVNULL)
    return folder


def wait_until(condition, what: str, seconds: float = 20) -> None:
    """Waits for a state, with a bound."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def running(*command, log: Path, **options):
    """A program, ended when the block is left."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def other_user() -> dict:
    """Options for a program that refuses to run as root."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def required(program: str, *places: str) -> str:
    """The path of a program; a missing one is a failure, not a reason to skip."""
    found = shutil.which(program, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin", *places]))
    if not found:
        raise AssertionError(f"{program} is missing: run make setup")
    return found
