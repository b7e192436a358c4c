"""What is measured: scenes (one start of a server, with its sockets), each with workloads (one call of wsload)."""
from dataclasses import dataclass, field

from servers import TOKEN

ALL = ("gateway", "nchan", "limit")
OWN = ("gateway", "limit")
BATCH = 100


@dataclass(frozen=True)
class Workload:
    name: str
    work: str                # idle, all, tag, id, tags, batch-tag, batch-id or echo: see _call
    options: tuple = ()      # of wsload
    servers: tuple = ALL
    peer: str = ""           # whose results of the other servers to compare with, if not its own
    quick: bool = True       # whether --quick has it
    asked: bool = False      # only if --only names it
    size: int = 512
    x: float = 0             # --growth: where on the axis
    times: int = 1           # how much longer than the others it is measured
    names: int = 0           # work `tags`: how many tags a message names


@dataclass(frozen=True)
class Scene:
    name: str
    sockets: int
    workloads: tuple
    tags: int = 1            # of each socket
    shared: bool = False     # whether all sockets have the same tags g1, g2 ...; else the first one is t0, t1 ...
    once: bool = False       # URIs as they are by default, good for one opening; else good for many
    pings: bool = False      # whether nchan pings as often as the gateway, which always does
    environment: tuple = ()  # of the gateway
    workers: tuple = field(default=())  # if not as asked for

    def reservations(self):
        """A body of POST /v1/sockets for each socket."""
        return [{"tags": self._tags(index), "reuse": not self.once, "expiresIn": 3600} for index in range(self.sockets)]

    def _tags(self, index):
        return ([f"g{tag}" for tag in range(1, self.tags + 1)] if self.shared
                else [f"t{index}"] + [f"g{tag}" for tag in range(2, self.tags + 1)])


# ------------------------------------------------------------------------------------------------- bars

def _publishers(count, *more):
    return ("--concurrency", str(count), *more)


def _scenes_of(sockets):
    few = sockets == 1000
    n = str(sockets)
    idle = () if few else (Workload("idle-" + n, "idle", ("--hold", "1")),)
    rate = Workload("rate-2000-" + n, "tag", _publishers(32, "--rate", "2000")) if few else \
        Workload("rate-200-" + n, "tag", _publishers(4, "--rate", "200"), times=4)  # few messages, and some 200 pings a second
    return [
        Scene("push-" + n, sockets, (
            *idle,
            Workload("fan-out-1-" + n, "all", _publishers(1)),
            Workload("fan-out-4-" + n, "all", _publishers(4)),
            Workload("post-tag-" + n, "tag", _publishers(32)),
            Workload("post-id-" + n, "id", _publishers(32), ("gateway",), peer="post-tag-" + n),
            Workload("batch-tag-" + n, "batch-tag", _publishers(4), OWN),
            Workload("batch-id-" + n, "batch-id", _publishers(4), ("gateway",), peer="batch-tag-" + n, quick=False),
            rate)),
        Scene("echo-" + n, sockets, (Workload("echo-" + n, "echo", _publishers(32), quick=few),),
              environment=(("MWS_GATEWAY_CLIENT_MESSAGES", "echo"),)),
    ]


BARS = (
    *_scenes_of(1000),
    Scene("handshake-10000", 10000, (Workload("handshake-10000", "idle"),), once=True),
    *_scenes_of(10000),
    # So long that each socket is pinged once.
    Scene("pinging-10000", 10000, (Workload("pinging-200-10000", "tag", _publishers(4, "--rate", "200"), ("gateway", "nchan"),
                                            quick=False, asked=True, times=24),), pings=True),
    Scene("idle-19000", 19000, (Workload("idle-19000", "idle", ("--hold", "1"), quick=False),)),
)

# ----------------------------------------------------------------------------------------------- growth

SOCKETS = (100, 300, 1000, 3000, 10000, 19000)
TAGS = (1, 3, 10, 30, 100)
PAYLOADS = tuple(64 * 4 ** power for power in range(8))  # 64 B to 1 MiB
WORKERS = (1, 2)


def _pair(series, x, sockets, servers=OWN, quick=True):
    """A fan-out and a POST to one, at the point x of a series."""
    return (Workload(f"{series}-fan-out-{x}", "all", _publishers(1), servers, x=x, quick=quick),
            Workload(f"{series}-post-{x}", "tag", _publishers(min(32, sockets)), servers, x=x, quick=quick))


def _payload_scene(size):
    # What waits for 20 sockets is bounded, else a generator that is slower than the server has them closed.
    window = ("--window", str(max(40, min(2000, 2 ** 23 // size))))
    return Scene(f"payload-{size}", 20, tuple(
        Workload(f"payload-{kind}-{size}", work, _publishers(count, *window), OWN, size=size, x=size,
                 quick=size in (*PAYLOADS[::2], PAYLOADS[-1]))
        for kind, work, count in (("fan-out", "all", 1), ("post", "tag", 4))),
        environment=(("MWS_HTTP_BODY_BYTES", "4MiB"), ("MWS_GATEWAY_QUEUE_BYTES", "64MiB")))


def _tag_scenes(tags):
    quick = tags in (1, 10, 100)
    environment = (("MWS_GATEWAY_TAGS_PER_SOCKET", "128"),)
    return (
        Scene(f"tags-{tags}", 1000, (
            Workload(f"tags-post-{tags}", "tag", _publishers(32), ("gateway",), x=tags, quick=quick),), tags=tags, environment=environment),
        Scene(f"tags-all-{tags}", 1000, (
            Workload(f"tags-fan-out-{tags}", "tags", _publishers(1), ("gateway",), names=tags, x=tags, quick=quick),),
            tags=tags, shared=True, environment=environment))


GROWTH = (
    *(Scene(f"sockets-{n}", n, _pair("sockets", n, n, quick=n in (100, 1000, 10000))) for n in SOCKETS),
    *(scene for tags in TAGS for scene in _tag_scenes(tags)),
    *(_payload_scene(size) for size in PAYLOADS),
    *(Scene(f"workers-{n}", 1000, _pair("workers", n, 1000, ("gateway",)), workers=(n,)) for n in WORKERS),
)


# ------------------------------------------------------------------------------------- how wsload is called

def arguments(workload, server, folder):
    """wsload's for this workload on that (running) server; `folder` has the gateway's uris.txt and ids.txt."""
    base = f"http://127.0.0.1:{server.port}"
    call = ["--conns", server.scene.sockets, "--pids", server.process.pid, "--size", workload.size, *workload.options]
    if workload.work == "echo":
        call += ["--echo"]
    if server.name == "gateway":
        return call + ["--ws-file", folder / "uris.txt", *_gateway_call(workload, base, folder)]
    path = "/ws" if workload.work == "all" else "/echo/{i}" if workload.work == "echo" else "/ws/{i}"
    return call + ["--ws", f"ws://127.0.0.1:{server.port}{path}", *_peer_call(workload, base)]


def _gateway_call(workload, base, folder):
    receivers = {
        "all": '{"sockets":["*"]}',
        "tag": '{"tags":["t{k}"]}',
        "id": '{"sockets":["{id}"]}',
        "tags": '{"tags":[' + ",".join(f'"g{tag}"' for tag in range(1, workload.names + 1)) + "]}",
    }
    work = workload.work.removeprefix("batch-")
    if work not in receivers:
        return []
    message = f'{{"data":"{{msgesc}}","receivers":{receivers[work]}}}'
    call = ["--header", f"Authorization: Bearer {TOKEN}"]
    call += ["--id-file", folder / "ids.txt"] if work == "id" else []
    if work != workload.work:
        return call + ["--post", base + "/v1/messages:batch", "--batch", BATCH, "--body", '{"messages":[{items}]}', "--item", message]
    return call + ["--post", base + "/v1/messages", "--body", message]


def _peer_call(workload, base):
    if workload.work == "all":
        return ["--post", base + "/pub"]
    if workload.work == "tag":
        return ["--post", base + "/pub/{k}"]
    if workload.work == "batch-tag":
        return ["--post", base + "/batch", "--batch", BATCH, "--body", "{items}", "--join", "", "--item", "{k} {msg}\n"]
    return []
