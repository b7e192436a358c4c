"""What the tests of tests/deployment and `./dev deploy` share: programs with their logs, and plain HTTP and WebSocket clients."""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
from free_port import free_port  # noqa: E402

PATIENCE = 30  # seconds; only ends a hang


def replaced(text, *changes):
    """`text` with each (old, new) put in; an `old` that is not there exactly once is an error, so that no change is lost unnoticed."""
    for old, new in changes:
        if text.count(old) != 1:
            raise AssertionError(f"{old!r} is there {text.count(old)} times, not once")
        text = text.replace(old, new)
    return text


def until(condition, what, patience=PATIENCE):
    """What `condition` returns as soon as it is true."""
    deadline = time.monotonic() + patience
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience} s for {what}")
        time.sleep(0.02)
    return result


class Program:
    """A process whose output (both streams) is kept; ends with the `with` block, by SIGTERM and at need by SIGKILL."""

    def __init__(self, command, environment, folder=None):
        self.output = []
        self._process = subprocess.Popen(command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, text=True, errors="replace")
        self._reader = threading.Thread(target=lambda: self.output.extend(self._process.stdout), daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reader.join(PATIENCE)
        self._process.stdout.close()

    @property
    def pid(self):
        return self._process.pid

    @property
    def log(self):
        return "".join(self.output)

    def says(self, pattern):
        """The match of `pattern` in the output, as soon as it is there."""
        def found():
            match = re.search(pattern, self.log)
            if not match and self._process.poll() is not None:
                self._reader.join(PATIENCE)
                match = re.search(pattern, self.log)
                if not match:
                    raise AssertionError(f"ended with {self._process.returncode} before it said {pattern!r}:\n{self.log}")
            return match
        return until(found, f"{pattern!r} in:\n{self.log}")

    def terminate(self):
        self._process.terminate()

    def wait(self, patience=PATIENCE):
        """Its exit code."""
        return self._process.wait(patience)


class Gateway(Program):
    """The real executable on a port of its own, with a state folder of its own."""

    def __init__(self, environment, executable=None):
        self._folder = tempfile.TemporaryDirectory()
        super().__init__([executable or os.environ["MWS_GATEWAY_EXECUTABLE"]],
                         {"MWS_SERVER_PORT": "0", "MWS_SERVER_WORKERS": "2", "MWS_SERVER_STATE_DIR": self._folder.name} | environment)
        self.port = int(self.says(r"listening .*\bport=(\d+)").group(1))

    def __exit__(self, *arguments):
        super().__exit__(*arguments)
        self._folder.cleanup()


class Client:
    """Asks one server; `trust` is a file with the certificate of a TLS server."""

    def __init__(self, port, trust=None, host="127.0.0.1"):
        self.port, self.host = port, host
        self.tls = ssl.create_default_context(cafile=trust) if trust else None

    def _connection(self, patience=PATIENCE):
        if self.tls:
            return http.client.HTTPSConnection(self.host, self.port, timeout=patience, context=self.tls)
        return http.client.HTTPConnection(self.host, self.port, timeout=patience)

    def ask(self, method, path, body=None, headers=None, token=None, patience=PATIENCE):
        """(status, headers, body); `body` that is no bytes is sent as JSON."""
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        connection = self._connection(patience)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def uri(self, token=None, headers=None):
        status, _, body = self.ask("GET", "/v1/websocket_uri", headers=headers, token=token)
        if status != 200:
            raise AssertionError(f"GET /v1/websocket_uri: {status} {body!r}")
        return json.loads(body)["uri"]

    def publish(self, data, token=None):
        """How many sockets matched."""
        status, headers, body = self.ask("POST", "/v1/messages", {"data": data, "receivers": {"sockets": ["*"]}}, token=token)
        if status != 201:
            raise AssertionError(f"POST /v1/messages: {status} {body[:200]!r}")
        return int(re.search(r"matched=(\d+)", headers.get("Mws-Receivers") or headers["mws-receivers"]).group(1))

    def open(self, uri, headers=None):
        """A WebSocket to the path of `uri`, through this server."""
        path = re.sub(r"^wss?://[^/]+", "", uri)
        stream = socket.create_connection((self.host, self.port), timeout=PATIENCE)
        if self.tls:
            stream = self.tls.wrap_socket(stream, server_hostname=self.host)
        return WebSocket(stream, f"{self.host}:{self.port}", path, headers or {})


class Refused(Exception):
    """The handshake was not answered 101."""

    def __init__(self, head):
        super().__init__(head)
        self.status = int(head.split(" ", 2)[1]) if head else 0


class WebSocket:
    """A client of RFC 6455 that counts the pings it answers. Frames come whole; none is fragmented by the gateway."""

    def __init__(self, stream, host, path, headers):
        self.pings = 0
        self._stream, self._bytes = stream, b""
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", *(f"{key}: {value}" for key, value in headers.items())]
        stream.sendall("\r\n".join([*lines, "", ""]).encode())
        head = self._until(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101 "):
            stream.close()
            raise Refused(head.decode(errors="replace"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()

    def _more(self):
        chunk = self._stream.recv(65536)
        if not chunk:
            raise ConnectionResetError("closed without a Close frame")
        self._bytes += chunk

    def _until(self, end):
        while end not in self._bytes:
            try:
                self._more()
            except ConnectionResetError:
                break
        head, _, self._bytes = self._bytes.partition(end)
        return head

    def _take(self, count):
        while len(self._bytes) < count:
            self._more()
        taken, self._bytes = self._bytes[:count], self._bytes[count:]
        return taken

    def _frame(self):
        first, length = self._take(2)
        if length == 126:
            length = struct.unpack(">H", self._take(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self._take(8))[0]
        return first & 15, self._take(length)

    def _send(self, opcode, payload):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self._stream.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def event(self):
        """("message", text), ("ping", None) or ("close", code), whichever comes next. A connection that ends without a Close raises
        ConnectionResetError, one that stays silent for PATIENCE TimeoutError."""
        while True:
            opcode, payload = self._frame()
            if opcode == 1:
                return "message", payload.decode()
            if opcode == 9:
                self._send(10, payload)
                self.pings += 1
                return "ping", None
            if opcode == 8:
                self._send(8, payload[:2])
                return "close", struct.unpack(">H", payload[:2])[0] if payload else 1005

    def message(self):
        """The next message."""
        while (event := self.event())[0] == "ping":
            pass
        if event[0] != "message":
            raise AssertionError(f"closed with {event[1]} instead of a message")
        return event[1]

    def close_code(self):
        """(messages before it, code)"""
        messages = []
        while (event := self.event())[0] != "close":
            if event[0] == "message":
                messages.append(event[1])
        return messages, event[1]


def certificate(folder, name="127.0.0.1"):
    """(certificate, key): self-signed, for the address 127.0.0.1."""
    files = pathlib.Path(folder) / "certificate.pem", pathlib.Path(folder) / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=IP:{name}", "-out", files[0], "-keyout", files[1]],
                   check=True, capture_output=True, timeout=PATIENCE)
    return files
