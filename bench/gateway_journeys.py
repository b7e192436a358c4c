"""The whole way of a request through the gateway, in instructions of user space: the real executable with one worker runs
under callgrind, and one client does one thing at a time.

A GET /metrics stands between the parts of the run: callgrind writes what it counted each time the gateway begins that
page. What a part costs in which nothing is done is taken off.
"""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time

from counting import ENVIRONMENT, callgrind, count_in

SECURITY_TOKEN = "0123456789abcdef0123456789abcdef"
SIGNING_KEY = b"fedcba9876543210fedcba9876543210"
PAGE = "mws::metricsPage*"  # the function that begins a new part
TIMEOUT = 60
WRITTEN_BEHIND = 1.2  # seconds after which what was done is on disk: see TokenJournal


class Failed(Exception):
    pass


class Connection:
    """A TCP connection that is read as blocks of a known form."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.read = b""

    def send(self, data):
        self.socket.sendall(data)

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise Failed("the gateway ended a connection")
        self.read += data

    def take(self, size):
        while len(self.read) < size:
            self.more()
        taken, self.read = self.read[:size], self.read[size:]
        return taken

    def take_head(self):
        while b"\r\n\r\n" not in self.read:
            self.more()
        return self.take(self.read.index(b"\r\n\r\n") + 4)

    def request(self, data, status):
        """Sends a whole request and takes the whole answer."""
        self.send(data)
        head = self.take_head().lower()
        if not head.startswith(b"http/1.1 %d " % status):
            raise Failed(f"answered {head!r}, not {status}")
        if status != 101:
            self.take(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))

    def take_message(self):
        """The next whole message, of less than 64 KiB; pings before it are answered."""
        while True:
            first, size = self.take(2)
            payload = self.take(int.from_bytes(self.take(2), "big") if size == 126 else size)
            if first == 0x89:
                self.send(b"\x8a" + bytes([0x80 | size]) + bytes(4) + payload)
            elif first == 0x81:
                return payload
            else:
                raise Failed(f"a socket got a frame {first:#x} with {payload!r}")

    def wait_for_end(self):
        while self.socket.recv(65536):
            pass
        self.socket.close()


def http_request(method, target, body=b""):
    return (f"{method} {target} HTTP/1.1\r\nHost: push.example.com\r\nUser-Agent: python-httpx/0.27.0\r\n"
            "Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"
            "Content-Type: application/json; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nAuthorization: Bearer {SECURITY_TOKEN}\r\n\r\n").encode() + body


def message(receivers):
    return http_request("POST", "/v1/messages", json.dumps({"data": "x" * 512, "receivers": receivers},
                                                           separators=(",", ":")).encode())


class Tokens:
    """Tokens as a backend makes them: number i always has the same ids."""

    def __init__(self):
        self.made = 0
        self.now = int(time.time())

    def next(self):
        self.made += 1
        claims = {"iss": "mws", "gw": "default", "sid": f"{self.made:032}", "tags": [f"t{self.made}"], "sub": "4711",
                  "iat": self.now, "exp": self.now + 3600, "jti": f"{self.made:022}"}
        parts = [json.dumps(part, separators=(",", ":")).encode() for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
        signed = b".".join(encode(part) for part in parts)
        return (signed + b"." + encode(hmac.new(SIGNING_KEY, signed, hashlib.sha256).digest())).decode()


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class CountedGateway:
    """The executable under callgrind, from its start to its end; `port` is where it listens."""

    def __init__(self, build, folder, output):
        self.log = open(folder / "log.txt", "w+", encoding="utf-8")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = ENVIRONMENT | {
            "ACCESS_CONTROL": "none", "SECURITY_TOKEN": SECURITY_TOKEN, "LOG_LEVEL": "warning",
            "MWS_GATEWAY_SIGNING_KEY": base64.b64encode(SIGNING_KEY).decode(), "MWS_SERVER_ADDRESS": "127.0.0.1",
            "MWS_WEBSOCKET_PING_INTERVAL": "59s", "MWS_SERVER_PORT": str(self.port), "MWS_SERVER_WORKERS": "1",
            "MWS_SERVER_DRAIN": "0s", "MWS_SERVER_STATE_DIR": str(folder / "state")}
        self.process = subprocess.Popen([*callgrind(output, f"--dump-before={PAGE}"), "./mws-gateway"], cwd=build,
                                        env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def wait_until_ready(self):
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                return Connection(self.port)
            except ConnectionRefusedError:
                time.sleep(0.05)
        raise Failed("the gateway did not start")

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failed("the gateway did not end") from None
        finally:
            self.log.close()


class Journeys:
    """One run of the gateway; its parts by name, in their order."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.control = gateway.wait_until_ready()
        self.publisher = Connection(gateway.port)
        self.tokens = Tokens()
        self.sockets = []
        self.parts = []

    def part(self, name, times, step):
        """All until here belongs to the part before."""
        for _ in range(times):
            step()
        time.sleep(WRITTEN_BEHIND)
        self.control.request(http_request("GET", "/metrics"), 200)
        self.parts.append(name)

    def open(self):
        connection = Connection(self.gateway.port)
        connection.request(
            (f"GET /v1/gateways/default/socket?token={self.tokens.next()} HTTP/1.1\r\nHost: push.example.com\r\n"
             "Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: https://app.example.com\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode(), 101)
        return connection

    def come_and_go(self):
        connection = self.open()
        connection.send(b"\x88\x82\x00\x00\x00\x00\x03\xe8")  # Close, 1000
        connection.wait_for_end()

    def post(self, receivers, to):
        self.publisher.request(message(receivers), 201)
        for connection in to:
            if len(connection.take_message()) != 512:
                raise Failed("a socket got another message")

    def post_to_first(self):
        self.post({"tags": ["t1"]}, self.sockets[:1])

    def post_to_all(self):
        self.post({"sockets": ["*"]}, self.sockets)

    def open_until(self, count):
        while len(self.sockets) < count:
            self.sockets.append(self.open())

    def run(self):
        self.open_until(1)
        self.part("start", 50, self.post_to_first)
        self.part("nothing", 0, self.post_to_first)
        self.part("post", 400, self.post_to_first)
        self.part("warm-up", 30, self.come_and_go)
        self.part("handshake", 300, self.come_and_go)
        self.open_until(100)
        self.part("open-100", 5, self.post_to_all)
        self.part("delivery-before", 40, self.post_to_all)
        self.open_until(300)
        self.part("open-300", 5, self.post_to_all)
        self.part("delivery", 40, self.post_to_all)


def count_journeys(build, output):
    """Instructions by name; the files of callgrind's stay in the folder `output`."""
    for old in output.glob("gateway.callgrind*"):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="mws-instructions-") as folder:
        gateway = CountedGateway(build, pathlib.Path(folder), output / "gateway.callgrind")
        try:
            journeys = Journeys(gateway)
            journeys.run()
            gateway.end()
        except (Failed, OSError) as failure:
            raise SystemExit(f"instructions.py: the gateway under callgrind: {failure}; it said:\n"
                             + (pathlib.Path(folder) / "log.txt").read_text()) from None
        finally:
            gateway.process.kill()
            gateway.process.wait()
    # The page is begun before the request for it is answered: file i ends part i.
    counts = {}
    for number, name in enumerate(journeys.parts, 1):
        path = output / f"gateway.callgrind.{number}"
        if not path.exists():
            raise SystemExit(f"instructions.py: callgrind wrote no {path}: is there no function {PAGE} any more?")
        counts[name] = count_in(path)
        path.rename(output / f"gateway-{name}.callgrind")
    return {
        "gateway-post": round((counts["post"] - counts["nothing"]) / 400),
        "gateway-handshake": round((counts["handshake"] - counts["nothing"]) / 300),
        "gateway-delivery": round((counts["delivery"] - counts["delivery-before"]) / (40 * 200)),
    }
