"""packaging/systemd/mws-gateway.service, without a systemd that runs: what systemd-analyze says of it, and whether the gateway lives
with the system calls and the memory rules that it is given. tests/package runs the unit for real."""
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GATEWAY = os.environ["MWS_GATEWAY_EXECUTABLE"]
UNIT = ROOT / "packaging/systemd/mws-gateway.service"
PATIENCE = 60  # seconds; only ends a hang
EXPOSURE = 15  # tenths: systemd-analyze security, 0 (nothing can be reached) to 100
SANITIZED = bool(os.environ.get("MWS_SANITIZE"))
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1  # linux/prctl.h, since 6.3


def said_by(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout


def settings(name):
    return re.findall(rf"(?m)^{name}=(.*)$", UNIT.read_text())


def named_calls(group):
    """The system calls of a group such as @system-service, with those of the groups in it."""
    status, said = said_by("systemd-analyze", "syscall-filter", group)
    if status:
        raise AssertionError(said)
    calls = set()
    for word in (line.split("#")[0].strip() for line in said.splitlines()[1:]):
        calls |= named_calls(word) if word.startswith("@") else {word} - {""}
    return calls


def allowed_calls():
    """What SystemCallFilter leaves, in its order; @default is always allowed (systemd.exec(5))."""
    calls = set()
    for line in settings("SystemCallFilter"):
        for group in line.removeprefix("~").split():
            named = named_calls(group) if group.startswith("@") else {group}
            calls = calls - named if line.startswith("~") else calls | named
    return calls | named_calls("@default")


class Gateway:
    """A run with the unit's arguments, on a port that the system picks, until the block ends: SIGHUP, then SIGTERM."""

    def __init__(self, launcher=(), before=None):
        self._launcher, self._before = list(launcher), before

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self._folder.name)
        shutil.copy(ROOT / "config/gateway.toml", folder / "gateway.toml")
        environment = {"PATH": "/usr/bin:/bin", "MWS_SERVER_PORT": "0", "STATE_DIRECTORY": f"{folder}/state", "SECURITY_TOKEN": "a-token"}
        self._process = subprocess.Popen([*self._launcher, GATEWAY, "--config", folder / "gateway.toml"], env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=self._before)
        self.log = ""
        self.port = int(self._wait_for_line(r"listening .*\bport=(\d+)"))
        return self

    def _wait_for_line(self, pattern):
        for line in self._process.stderr:
            self.log += line
            found = re.search(pattern, line)
            if found:
                return found.group(found.lastindex or 0)
        raise AssertionError(f"ended without {pattern}: {self.log}")

    def ask(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, headers={"Authorization": "Bearer a-token"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.read().decode()

    def use(self):
        """A bit of everything that takes system calls of its own: files, SQLite, routes with regular expressions, sockets."""
        uri = json.loads(self.ask("/v1/sockets", b'{"tags": ["a"]}'))["uri"]
        head = f"GET {uri.split(str(self.port), 1)[1]} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" \
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(head.encode())
            received = self._received(connection, b"\r\n\r\n")
            if not received.startswith(b"HTTP/1.1 101 "):
                raise AssertionError(received)
            self.ask("/v1/messages", b'{"data": "hello", "receivers": {"tags": ["a"]}}')
            self._received(connection, b"\x81\x05hello")
        put = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/configuration", data=b'{"name": "n"}', method="PUT", headers={"Authorization": "Bearer a-token"})
        with urllib.request.urlopen(put, timeout=PATIENCE) as answer:
            answer.read()
        for path in ("/", "/metrics", "/health/ready", "/v1/sockets", "/v1/gateways/default/configuration", "/v1/configuration"):
            self.ask(path)

    @staticmethod
    def _received(connection, end):
        received = b""
        while not received.endswith(end):
            more = connection.recv(4096)
            if not more:
                raise AssertionError(f"closed after {received}")
            received += more
        return received

    def __exit__(self, kind, *_):
        try:
            served = self._launcher and self._child() or self._process.pid
            if kind is None:
                os.kill(served, signal.SIGHUP)
                self._wait_for_line("reload")
            os.kill(served, signal.SIGTERM)
            self.log += self._process.communicate(timeout=PATIENCE)[1]
        finally:
            self._process.kill()
            self._folder.cleanup()
        self.status = self._process.returncode

    def _child(self):
        return int(pathlib.Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()[0])


class Unit(unittest.TestCase):
    def setUp(self):
        if not shutil.which("systemd-analyze"):
            self.fail("no systemd-analyze (./dev setup test)")

    def test_systemd_understands_it(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder, UNIT.name)
            # What it starts is not installed here, and neither are its pages.
            copy.write_text(re.sub(r"(?m)^Documentation=.*\n", "", UNIT.read_text()).replace("/usr/bin/mws-gateway", GATEWAY))
            self.assertEqual(said_by("systemd-analyze", "verify", "--recursive-errors=no", "--man=no", copy), (0, ""))
            copy.write_text(copy.read_text().replace("NoNewPrivileges=", "NoNewPrivilege="))
            self.assertIn("NoNewPrivilege", said_by("systemd-analyze", "verify", "--recursive-errors=no", "--man=no", copy)[1], "the check finds what is wrong")

    def test_it_is_confined(self):
        status, said = said_by("systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={EXPOSURE}", UNIT)
        self.assertEqual(status, 0, said)
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder, UNIT.name)
            copy.write_text(re.sub(r"(?m)^(SystemCallFilter|CapabilityBoundingSet|ProtectSystem|PrivateUsers)=.*\n", "", UNIT.read_text()))
            self.assertNotEqual(said_by("systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={EXPOSURE}", copy)[0], 0)

    def test_names_what_the_package_installs(self):
        rules = (ROOT / "packaging/CMakeLists.txt").read_text()
        for path in re.findall(r"/etc/mws-gateway/([\w.-]+)", UNIT.read_text()):
            self.assertIn(f"/etc/mws-gateway/{path}", (ROOT / "packaging/debian/conffiles").read_text())
            self.assertIn(path, rules)
        self.assertEqual(settings("User"), ["mws-gateway"])
        self.assertIn("--group", (ROOT / "packaging/debian/postinst").read_text())


@unittest.skipIf(SANITIZED, "sanitizers want system calls and memory that the service does not")
class Confined(unittest.TestCase):
    def test_no_system_call_is_refused(self):
        if not shutil.which("strace"):
            self.fail("no strace (./dev setup test)")
        with tempfile.TemporaryDirectory() as folder:
            counts = pathlib.Path(folder, "calls")
            with Gateway(["strace", "-f", "-qq", "-c", "-U", "name", "-o", counts]) as gateway:
                gateway.use()
            self.assertEqual(gateway.status, 0, gateway.log)
            used = {line.strip() for line in counts.read_text().splitlines()} & named_calls("@known") - {"syscall"}  # a heading
        self.assertGreater(len(used), 30, used)
        self.assertIn("epoll_wait", used)
        # SQLite gives its files to their folder's owner where it runs as root, as the service does not.
        self.assertEqual(used - allowed_calls() - ({"fchown"} if os.geteuid() == 0 else set()), set())
        self.assertFalse({"mount", "ptrace", "setuid", "kexec_load", "bpf"} & allowed_calls())

    def test_lives_without_writable_code(self):
        libc = ctypes.CDLL(None, use_errno=True)

        def refuse_exec_gain():
            if libc.prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0):
                os._exit(111)
        probe = subprocess.run(["true"], preexec_fn=refuse_exec_gain, check=False)
        if probe.returncode == 111:
            self.skipTest("this kernel has no PR_SET_MDWE (6.3)")
        with Gateway(before=refuse_exec_gain) as gateway:
            gateway.use()
        self.assertEqual(gateway.status, 0, gateway.log)
        for line in gateway.log.splitlines():
            self.assertNotRegex(line, r"Z (error|warn) +(?!gateway default)", gateway.log)


if __name__ == "__main__":
    unittest.main()
