"""The real gateway as a process, its HTTP on plain sockets, and who it asks: for the tests of this folder."""
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from free_port import free_port  # noqa: E402
from kept_environment import KEPT  # noqa: E402

PROGRAM = os.environ["MWS_GATEWAY_EXECUTABLE"]
PATIENCE = int(os.environ.get("PATIENCE", 30))  # seconds; only ends a hang
SECURITY = "backend-secret-7f3a91c2"
WITH_US = ("setpriv", "--pdeathsig", "KILL")  # what a test starts ends with it
OPERATOR = "operator-secret-5d08e4b7"
GUARDED = {"SECURITY_TOKEN": SECURITY, "OPERATOR_TOKEN": OPERATOR, "ACCESS_CONTROL": "custom"}


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # pairs, as they came
        self.body = body

    def field(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


def read_answer(connection, method="GET"):
    answer = http.client.HTTPResponse(connection, method=method)
    answer.begin()
    body = b"" if answer.status == 101 else answer.read()
    return Answer(answer.status, answer.getheaders(), body)


def request_bytes(method, target, headers, body=b""):
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Gateway:
    """Starts with that environment in a folder of its own; port 0 and one worker unless the environment says otherwise."""

    def __init__(self, environment):
        self.folder = tempfile.TemporaryDirectory()
        self.ops_port = int(environment.get("MWS_SERVER_OPS_PORT", 0))
        defaults = KEPT | {"MWS_SERVER_ADDRESS": "127.0.0.1", "PORT": "0", "MWS_SERVER_WORKERS": "1", "LOG_LEVEL": "info",
                    "MWS_SERVER_STATE_DIR": self.folder.name + "/state"}
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([*WITH_US, PROGRAM], env=defaults | environment, cwd=self.folder.name, text=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.log = []
        self.drains = False
        self.port = None
        for line in self.process.stderr:
            self.log.append(line)
            found = re.search(r"\blistening\b.*\bport=(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        if self.port is None:
            raise RuntimeError("the gateway did not start:\n" + "".join(self.log))
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def connect(self, port=None):
        return contextlib.closing(self.open(port))

    def open(self, port=None):
        connection = socket.create_connection(("127.0.0.1", port or self.port), PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def send(self, data, method="GET", port=None):
        """What is answered to these bytes on a connection of their own."""
        with self.connect(port) as connection:
            connection.sendall(data)
            return read_answer(connection, method)

    def wait_until_read(self, connection):
        """The gateway has taken all that was sent on the connection: the kernel holds none of it."""
        mine = connection.getsockname()[1]
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            waiting = 0
            for line in pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if {int(end.split(":")[1], 16) for end in fields[1:3]} == {mine, self.port}:
                    waiting += sum(int(queue, 16) for queue in fields[4].split(":"))
            if waiting == 0:
                return
        raise AssertionError("the gateway does not read")

    def call(self, method, target, token=None, body=None, headers=(), port=None):
        fields = [("Host", f"127.0.0.1:{self.port}"), *headers]
        if token:
            fields.append(("Authorization", "Bearer " + token))
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        if body is not None or method in ("POST", "PUT", "PATCH"):
            fields.append(("Content-Length", len(data)))
        return self.send(request_bytes(method, target, fields, data), method, port)

    def begin_drain(self):
        """Once: a second signal would end it at once."""
        if not self.drains:
            self.process.send_signal(signal.SIGTERM)
        self.drains = True

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.reader.join(PATIENCE)
        self.process.stderr.close()
        self.folder.cleanup()
        return code


class Gateways:
    """Gateways of several kinds, each started when it is first asked for."""

    KINDS = {
        "guarded": GUARDED | {"MWS_HTTP_HELD_BYTES": "1MiB"},
        "open": {},  # nothing configured: mode `none`, no tokens
        "impatient": GUARDED | {"MWS_HTTP_HEAD_TIMEOUT": "100ms", "MWS_HTTP_BODY_TIMEOUT": "100ms"},
        "narrow": GUARDED | {"MWS_LIMITS_CONNECTIONS_PER_ADDRESS": "1"},
        "stateless": GUARDED | {"MWS_SERVER_STATE_DIR": "/dev/null/state"},
        "without_console": GUARDED | {"MWS_SERVER_CONSOLE": "false"},
        "without_redis": GUARDED | {"REDIS_URL": "redis://127.0.0.1:1"},
        "stopping": GUARDED,
        "watched": None,  # with a port for metrics and health
        "leaving": GUARDED | {"MWS_SERVER_DRAIN_DELAY": "1h"},
        "telling": GUARDED | {"MWS_GATEWAY_EVENTS_ALLOW_PRIVATE": "true", "MWS_GATEWAY_EVENTS_PAUSE": "10ms"},
    }

    def __init__(self):
        self.running = {}
        self.lock = threading.Lock()

    def __getitem__(self, kind):
        with self.lock:
            if kind not in self.running:
                environment = self.KINDS[kind]
                self.running[kind] = watched() if environment is None else Gateway(environment)
            return self.running[kind]

    def stop(self):
        """Each must end well; what they logged."""
        codes = {kind: gateway.stop(signal.SIGKILL if kind == "leaving" else signal.SIGTERM)
                 for kind, gateway in self.running.items()}
        return {kind: code for kind, code in codes.items() if code != 0 and kind != "leaving"}

    def leaked(self):
        return [kind for kind, gateway in self.running.items() for line in gateway.log if SECURITY in line or OPERATOR in line]


def watched():
    for _ in range(20):  # the port may be taken meanwhile
        with contextlib.suppress(RuntimeError):
            return Gateway(GUARDED | {"MWS_SERVER_OPS_PORT": str(free_port()), "MWS_SERVER_OPS_ADDRESS": "127.0.0.1"})
    raise AssertionError("no port is free")


class _Service:
    """An HTTP server on a thread of its own; answer(path, headers, body) is its answer."""

    def __init__(self):
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = service.answer(self.path, self.headers, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            do_POST = do_GET  # pylint: disable=invalid-name

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.uri = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def answer(self, path, headers, body):
        raise NotImplementedError

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(PATIENCE)


class IdentityProvider(_Service):
    """An Enginio server that knows every user by its name as the access token; not well: 500."""

    def __init__(self):
        super().__init__()
        self.well = True

    def answer(self, path, headers, body):
        user = headers.get("Authorization", "").removeprefix("Bearer ")
        if not self.well:
            return 500, b"{}"
        return (200, json.dumps({"id": user, "usergroups": []}).encode()) if user in ("reader", "writer") else (401, b"{}")


class Backend(_Service):
    """Takes events, and keeps them; `verdict` is the status and the body of its answer to socket.connect."""

    def __init__(self):
        super().__init__()
        self.events = []
        self.came = threading.Condition()
        self.verdict = (204, b"")
        self.status = 204

    def answer(self, path, headers, body):
        event = json.loads(body)
        with self.came:
            self.events.append((dict(headers), event))
            self.came.notify_all()
        return self.verdict if event["type"] == "socket.connect" else (self.status, b"")

    def wait_for(self, type_, matching=lambda event: True):
        def found():
            return [(headers, event) for headers, event in self.events if event["type"] == type_ and matching(event)]
        with self.came:
            if not self.came.wait_for(found, PATIENCE):
                raise AssertionError(f"no event {type_} came; there are {[event['type'] for _, event in self.events]}")
            return found()


class Redis:
    """A Redis server on a free port of 127.0.0.1."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        path = pathlib.Path(self.folder.name)
        program = "/usr/bin/redis-server" if pathlib.Path("/usr/bin/redis-server").exists() else "/usr/bin/redis-check-rdb"
        (path / "redis-server").symlink_to(program)
        while True:
            self.port = free_port()
            # pylint: disable=consider-using-with
            self.process = subprocess.Popen([*WITH_US, str(path / "redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
                                            cwd=path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            if any("Ready to accept connections" in line for line in self.process.stdout):
                return
            self.process.wait(PATIENCE)  # the port was taken meanwhile

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def forget_everything(self):
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(64).startswith(b"+OK")

    def stop(self):
        self.resume()
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.folder.cleanup()
