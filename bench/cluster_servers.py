"""A cluster on this machine: gateway nodes with one worker each, and their Redis; and what Redis says about itself."""
import contextlib
import pathlib
import re
import socket
import subprocess
import threading
import time

import servers
from reserve import reserve
from servers import TOKEN

REDIS = next((path for path in map(pathlib.Path, ("/usr/bin/redis-server", "/usr/bin/redis-check-rdb")) if path.exists()), None)
SIGNING_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
READY = 20  # seconds that a node may take until it is ready


class Redis(servers.Server):
    """Debian's package redis-tools has the server as redis-check-rdb, which goes by its name."""
    name = "redis"

    def command(self):
        program = self.work / "redis-server"
        if not program.exists():
            program.symlink_to(REDIS)
        return [program, "--bind", "127.0.0.1", "--port", self.port, "--save", "", "--dir", self.work]


class Node(servers.Server):
    """`redis`: None for one that works alone."""
    name = "gateway"

    def __init__(self, number, redis, lane, work):
        super().__init__(None, 1, work)
        self.number, self.redis, self.lane = number, redis, lane

    def command(self):
        return [servers.GATEWAY]

    def environment(self):
        found = {"SECURITY_TOKEN": TOKEN, "ACCESS_CONTROL": "custom", "LOG_LEVEL": "warning", "MWS_SERVER_PORT": str(self.port),
                 "MWS_SERVER_WORKERS": "1", "MWS_SERVER_STATE_DIR": str(self.work / f"state{self.number}"),
                 "MWS_GATEWAY_SIGNING_KEY": SIGNING_KEY,
                 "MWS_SERVER_DIRECT_LANE": "true" if self.lane else "false"}
        return found | ({"REDIS_URL": f"redis://127.0.0.1:{self.redis.port}"} if self.redis else {})

    def prepare(self):
        deadline = time.monotonic() + READY
        while not self._is_ready():
            if time.monotonic() > deadline:
                raise servers.ServerFailed(f"node {self.number} was not ready within {READY} s")
            time.sleep(0.02)

    def _is_ready(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(b"GET /health/ready HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200 ")


class Cluster(contextlib.ExitStack):
    """`nodes` nodes with `sockets` sockets each, and `idle` ones without; with `redis`, or one node alone."""

    def __init__(self, nodes, idle, sockets, work, redis=True, lane=True):
        super().__init__()
        self.work = work
        try:
            self.redis = self.enter_context(Redis(None, 1, work)) if redis else None
            every = [self.enter_context(Node(number, self.redis, lane, work)) for number in range(nodes + idle)]
            self.nodes, self.idle = every[:nodes], every[nodes:]
            bodies = [{"tags": [f"t{index}"], "reuse": True, "expiresIn": 3600} for index in range(sockets)]
            others = [{"tags": ["other"], "reuse": True, "expiresIn": 3600} for _ in range(sockets)]
            self._uris = [(reserve(node.port, TOKEN, bodies)[0], reserve(node.port, TOKEN, others)[0]) for node in self.nodes]
        except OSError as error:
            self.close()
            raise servers.ServerFailed(f"cluster: {error}") from error
        except BaseException:
            self.close()
            raise

    def write_uris(self, receiver):
        """A file of URIs: those whose tags are posted to, all at the node `receiver`, and then as many others at each other node.
        A reservation opens at any node, but its URI names the one that issued it."""
        lines = list(self._uris[receiver][0])
        for number, (_, others) in enumerate(self._uris):
            lines += others if number != receiver else []
        path = self.work / "uris.txt"
        path.write_text("\n".join(lines) + "\n")
        return path

    def processes(self):
        """The processes that `timeout` watches, by what they are."""
        named = [(f"node{number}", node) for number, node in enumerate(self.nodes)] + [("idle", node) for node in self.idle]
        named += [("redis", self.redis)] if self.redis else []
        return {child: name for name, server in named for child in children(server.process.pid)}


def children(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


# ------------------------------------------------------------------------------------------- what Redis says

class RedisClient:
    """Just enough of the protocol for INFO and MONITOR."""

    def __init__(self, port):
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._answers = self._connection.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._answers.close()
        self._connection.close()

    def ask(self, *words):
        self._connection.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word.encode()) for word in words))
        return self.read()

    def read(self):
        line = self._answers.readline().decode(errors="replace").rstrip("\r\n")
        if line.startswith("$"):
            return self._answers.read(int(line[1:]) + 2)[:-2].decode(errors="replace")
        if not line or line[0] not in "+:":
            raise OSError(f"Redis said {line or 'nothing'}")
        return line[1:]


def parse_commandstats(text):
    """{command: (calls, microseconds)} of INFO commandstats."""
    return {found[1]: (int(found[2]), int(found[3])) for found in re.finditer(r"^cmdstat_([^:]+):calls=(\d+),usec=(\d+)", text, re.MULTILINE)}


def cpu_seconds(text):
    """User and system time of the server, of INFO cpu."""
    return sum(float(found) for found in re.findall(r"^used_cpu_(?:user|sys):([\d.]+)", text, re.MULTILINE))


class CommandWatch(threading.Thread):
    """Counts Redis's commands while messages are written: from the first look at which there are some to the last."""
    INTERVAL = 0.1

    def __init__(self, port):
        super().__init__(daemon=True)
        self._port = port
        self._over = threading.Event()
        self._looks = []

    def run(self):
        with contextlib.suppress(OSError), RedisClient(self._port) as client:
            while not self._over.wait(self.INTERVAL):
                self._looks.append(parse_commandstats(client.ask("INFO", "commandstats")))

    def per_message(self):
        """{command: calls for each message}; empty if too few messages were seen."""
        self._over.set()
        self.join()
        return per_message(self._looks)


def per_message(looks):
    written = [look.get("xadd", (0, 0))[0] for look in looks]
    # The first look at which messages have begun to come, and the last before they ended.
    moving = [index for index in range(1, len(looks)) if written[index] > written[index - 1]]
    if len(moving) < 3:
        return {}
    first, last = looks[moving[0]], looks[moving[-2]]
    messages = last["xadd"][0] - first["xadd"][0]
    if messages < 100:
        return {}
    counts = {name: (calls - first.get(name, (0, 0))[0]) / messages for name, (calls, _) in last.items() if not name.startswith("info")}
    return {name: round(count, 3) for name, count in sorted(counts.items()) if count >= 0.002}


def post(node, body):
    with socket.create_connection(("127.0.0.1", node.port), timeout=20) as connection:
        head = f"POST /v1/messages HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body.encode())
        if not connection.recv(64).startswith(b"HTTP/1.1 201 "):
            raise OSError("a message was not accepted")


def append_call(cluster, body):
    """The arguments of the script by which a node writes a message: of one that is posted meanwhile. Its body is replaced by as many
    bytes of text, which is all that the script looks at."""
    post(cluster.nodes[0], body)  # with it the script itself comes to Redis, later ones name it
    with RedisClient(cluster.redis.port) as monitor:
        monitor.ask("MONITOR")
        post(cluster.nodes[0], body)
        script = None
        for _ in range(1000):
            line = monitor.read()
            words = [word.encode().decode("unicode_escape") for word in re.findall(r'"((?:[^"\\]|\\.)*)"', line)]
            if not words:
                continue
            if " lua]" not in line and words[0].lower() == "evalsha":
                script = words
            elif " lua]" in line and words[0].lower() == "xadd" and script:
                return ["x" * len(word) if "\0" in word or len(word) >= 400 else word for word in script]
    raise OSError("no script that writes a message was seen")


def redis_benchmark(port, call, pipeline, count):
    """Calls per second."""
    command = ["redis-benchmark", "-p", port, "-c", 16, "-P", pipeline, "-n", count, "--csv", *call]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False)
    found = re.findall(r'^"(?!test).*?","([\d.]+)"', done.stdout, re.MULTILINE)
    if not found:
        raise OSError(f"redis-benchmark said {(done.stdout + done.stderr).strip()[-300:]}")
    return float(found[-1])
