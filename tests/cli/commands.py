"""Runs the real executable: a gateway on a port of its own, and commands that talk to it."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from free_port import free_port  # noqa: E402
from kept_environment import KEPT  # noqa: E402

GATEWAY = os.environ["MWS_GATEWAY_EXECUTABLE"]
PATIENCE = 30  # seconds; only ends a hang
SECURITY_TOKEN = "backend-secret-7f3a91c2"
OPERATOR_TOKEN = "operator-secret-5d08e4b7"


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not come: {what}")
        time.sleep(0.02)


class Ended:
    """What a command did."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)


class Running:
    """A command that goes on; what it prints is in files, so that nothing blocks."""

    def __init__(self, arguments, environment, folder, stdin=subprocess.DEVNULL):
        self.files = [pathlib.Path(folder, f"{time.monotonic_ns()}.{name}") for name in ("out", "err")]
        with self.files[0].open("wb") as out, self.files[1].open("wb") as err:
            self.process = subprocess.Popen([GATEWAY, *arguments], env=environment, cwd=folder, stdin=stdin, stdout=out,
                                            stderr=err)

    def out(self):
        return self.files[0].read_text(encoding="utf-8")

    def err(self):
        return self.files[1].read_text(encoding="utf-8")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def wait_for(self, text):
        def has_come():
            if text in self.out() + self.err():
                return True
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode} before {text!r}: {self.out()}{self.err()}")
            return False
        wait_until(has_come, text)

    def end(self, number=None):
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        return Ended(code, self.out(), self.err())


class CommandTest(unittest.TestCase):
    """Each test has a folder; start() gives it a gateway."""

    secrets = [SECURITY_TOKEN, OPERATOR_TOKEN]

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.environment = {**KEPT, "SECURITY_TOKEN": SECURITY_TOKEN, "OPERATOR_TOKEN": OPERATOR_TOKEN,
                            "ACCESS_CONTROL": "custom", "PORT": str(free_port()), "MWS_SERVER_ADDRESS": "127.0.0.1",
                            "MWS_SERVER_STATE_DIR": f"{self.folder}/state"}

    def start(self, **more):
        self.environment.update(more)
        gateway = Running([], self.environment, self.folder)
        self.addCleanup(gateway.kill)
        gateway.wait_for("listening")
        self.gateway = gateway
        return gateway

    def begin(self, *arguments, stdin=subprocess.DEVNULL, **environment):
        command = Running(arguments, {**self.environment, **environment}, self.folder, stdin)
        self.addCleanup(command.kill)
        return command

    def assert_opens(self, uri):
        listener = self.begin("listen", uri)
        listener.wait_for("open")
        self.assertEqual(listener.end(signal.SIGINT).code, 0)

    def run_command(self, *arguments, stdin="", code=None, **environment):
        """Runs it to its end; what it prints must hold no secret."""
        done = subprocess.run([GATEWAY, *arguments], env={**self.environment, **environment}, cwd=self.folder,
                              input=stdin if isinstance(stdin, bytes) else stdin.encode(), capture_output=True,
                              timeout=PATIENCE, check=False)
        ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
        for secret in self.secrets:
            self.assertNotIn(secret, ended.out + ended.err)
        if code is not None:
            self.assertEqual(ended.code, code, f"{arguments}: {ended.out}{ended.err}")
        return ended


__all__ = ["CommandTest", "Ended", "GATEWAY", "pathlib", "Running", "SECURITY_TOKEN", "OPERATOR_TOKEN", "PATIENCE", "free_port", "json", "signal",
           "subprocess", "unittest", "wait_until"]
