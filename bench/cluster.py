"""./dev bench --cluster: what a message costs on several nodes and their Redis, all of them on this machine."""
import argparse
import contextlib
import json
import os
import pathlib
import shlex
import signal
import sys
import tempfile
import time
from dataclasses import dataclass

import cluster_report
import report
import results as kept
import servers
from cluster_servers import REDIS, Cluster, CommandWatch, RedisClient, append_call, cpu_seconds, redis_benchmark
from servers import TOKEN

SOCKETS = 100  # at each node
SIZE = 512
MESSAGE = '{"data":"{msgesc}","receivers":{"tags":["t{k}"]}}'
WARMUP, SETTLE = 0.5, 0.1
APPENDS = 60000
LOOK = 1.0  # seconds for which the machine is watched before it is called calm
LONGEST_WAIT = 1800

HELP = """Nodes have one worker and 100 sockets each (idle ones: none). Messages of 512 bytes are posted to the first node, each for one socket
there (same) or on the second node (other). Loads: `rate`, 500 a second; `full`, 32 publishers as fast as they are answered."""


@dataclass(frozen=True)
class Load:
    name: str
    options: tuple


RATE = Load("rate", ("--concurrency", "8", "--rate", "500"))
FULL = Load("full", ("--concurrency", "32"))


@dataclass(frozen=True)
class Scene:
    """One start of a cluster. `receivers`: at which nodes the sockets are that are posted to, one case each."""
    nodes: int
    redis: bool = True
    lane: bool = True  # whether POSTs without Redis go around Qt's HTTP server; with it they do not
    idle: int = 0
    loads: tuple = (RATE, FULL)
    quick: bool = True

    @property
    def receivers(self):
        return (0, 1) if self.nodes > 1 else (0,)

    def cases(self):
        return [(receiver, load) for receiver in self.receivers for load in self.loads]


SCENES = (
    Scene(1, redis=False),
    Scene(1, redis=False, lane=False),
    Scene(1),
    Scene(2),
    Scene(3, quick=False),
    *(Scene(1, idle=idle, loads=(RATE,), quick=idle in (1, 6)) for idle in (1, 3, 6)),
)


def parse_arguments(argv):
    parser = argparse.ArgumentParser(prog="./dev bench --cluster", description=__doc__, epilog=HELP)
    add = parser.add_argument
    add("--cluster", action="store_true", help=argparse.SUPPRESS)
    add("--quick", action="store_true", help="one round of 1 s for each case, fewer cases")
    add("--rounds", type=int, metavar="N", help="rounds (3)")
    add("--seconds", type=float, metavar="S", help="seconds of each case (2)")
    add("--calm", type=float, metavar="PERCENT", help="wait before each case, half an hour in all, until other programs take less of a core, "
        "and repeat a case (three times) while which they took more")
    add("--from", dest="source", metavar="FILE", help="measure nothing, report from a file as docs/performance/cluster.json")
    add("--write", action="store_true", help="put tables and results into docs/performance.md and docs/performance/cluster.json")
    options = parser.parse_args(argv)
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.seconds = options.seconds or (1 if options.quick else 2)
    return options


class Measuring:
    def __init__(self, options, work):
        self.options, self.work = options, work
        self.results = []
        self.scenes = [scene for scene in SCENES if scene.quick or not options.quick]
        self.total = options.rounds * sum(len(scene.cases()) for scene in self.scenes)
        self.expected = options.rounds * sum(self._seconds(scene) for scene in self.scenes) + 8
        self.deadline = time.monotonic() + 3 * self.expected + 60 + (LONGEST_WAIT if options.calm else 0)  # whatever happens

    def _seconds(self, scene):
        return 1 + 0.4 * (scene.nodes + scene.idle) + len(scene.cases()) * (WARMUP + 2 * SETTLE + self.options.seconds + 0.7)

    def run(self):
        for number in range(1, self.options.rounds + 1):
            for scene in self.scenes if number % 2 else reversed(self.scenes):
                self._measure(scene, number)
        return self.results

    def _measure(self, scene, number):
        left = scene.cases()
        self._wait_for_calm()
        try:
            with Cluster(scene.nodes, scene.idle, SOCKETS, self.work, scene.redis, scene.lane) as cluster:
                while left:
                    receiver, load = left[0]
                    self._note(scene, receiver, load, number, self._calm_case(cluster, receiver, load))
                    left.pop(0)
        except servers.ServerFailed as failure:
            for receiver, load in left:
                self._note(scene, receiver, load, number, {"bad": str(failure)})

    def _wait_for_calm(self):
        if self.options.calm:
            while busy_percent(LOOK) > self.options.calm and time.monotonic() + self.options.seconds + 10 < self.deadline:
                pass

    def _calm_case(self, cluster, receiver, load):
        if not self.options.calm:
            return self._case(cluster, receiver, load)
        for _ in range(3):
            self._wait_for_calm()
            found = self._case(cluster, receiver, load)
            others = found["raw"].get(kept.OTHERS, 0) if "raw" in found else 0
            if others <= self.options.calm:
                return found
        return {"bad": f"other programs took {others:.0f} % of a core"}

    def _case(self, cluster, receiver, load):
        if time.monotonic() + self.options.seconds + 5 > self.deadline:
            raise servers.ServerFailed("no time was left")
        processes = cluster.processes()
        watch = CommandWatch(cluster.redis.port) if cluster.redis else None
        if watch:
            watch.start()
        raw = self._wsload(cluster, receiver, load, processes)
        commands = watch.per_message() if watch else {}
        if "bad" in raw:
            return raw
        cpu = {}
        for process in raw["processes"]:
            name = processes.get(process["pid"])
            if name:
                cpu[name] = cpu.get(name, 0) + process["cpu_us_per_delivery"]
        return {"raw": raw, "cpu": cpu, "commands": commands}

    def _wsload(self, cluster, receiver, load, processes):
        arguments = ["--ws-file", cluster.write_uris(receiver), "--conns", SOCKETS * len(cluster.nodes), "--mod", SOCKETS, "--expect", 1,
                     "--size", SIZE, "--body", MESSAGE, "--header", f"Authorization: Bearer {TOKEN}",
                     "--post", f"http://127.0.0.1:{cluster.nodes[0].port}/v1/messages", "--pids", ",".join(map(str, processes)),
                     "--settle", SETTLE, "--warmup", WARMUP, "--duration", self.options.seconds, "--drain", 3, *load.options]
        return servers.run_wsload(arguments, self.work / "wsload.json", 20 + 3 * self.options.seconds)

    def _note(self, scene, receiver, load, number, found):
        result = result_of({"nodes": scene.nodes if scene.redis else 0, "idle": scene.idle, "lane": scene.lane, "to": "other" if receiver else "same",
                            "load": load.name, "round": number}, found)
        self.results.append(result)
        said = f"{result['gateway_us']:.1f} + {result['redis_us']:.1f} µs, p50 {result['p50_us']:.0f} µs" if result["ok"] else \
            f"NOT COUNTED: {result['why']}"
        print(f"  {len(self.results):3}/{self.total}  round {number}  {cluster_report.name_of(result):<34}{load.name:<6}{said}", flush=True)


def busy_percent(seconds):
    """What all programs together take, of a core."""
    def idle_ticks():
        fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()
        return int(fields[4]) + int(fields[5])
    before, began = idle_ticks(), time.monotonic()
    time.sleep(seconds)
    idle = (idle_ticks() - before) / os.sysconf("SC_CLK_TCK")
    return 100 * (os.cpu_count() - idle / (time.monotonic() - began))


def result_of(identity, found):
    """`gateway_us`: of all nodes with sockets; for each message."""
    if "bad" in found:
        return identity | {"ok": False, "why": found["bad"]}
    raw, cpu = found["raw"], found["cpu"]
    why = kept.why_bad(raw)
    figures = {
        "p50_us": raw.get("latency_p50_us", 0), "p99_us": raw.get("latency_p99_us", 0), "per_second": raw.get("deliveries_per_second", 0),
        "gateway_us": sum(value for name, value in cpu.items() if name.startswith("node")), "redis_us": cpu.get("redis", 0),
        "idle_us": cpu.get("idle", 0), "others_percent": raw.get(kept.OTHERS, 0)}
    return identity | {"ok": not why, "why": why} | {key: kept.round_to_digits(value, 4) for key, value in figures.items()} | \
        {"commands": found["commands"]}


def capacity(work):
    """How many messages one Redis writes in a second, with nothing else to do."""
    found = []
    with Cluster(1, 0, 0, work) as cluster:
        body = json.dumps({"data": "x" * SIZE, "receivers": {"tags": ["t"]}})
        call = append_call(cluster, body)
        with RedisClient(cluster.redis.port) as client:
            for file in ("no", "yes"):
                client.ask("CONFIG", "SET", "appendonly", file)
                for pipeline in (1, 16):
                    before = cpu_seconds(client.ask("INFO", "cpu"))
                    rate = redis_benchmark(cluster.redis.port, call, pipeline, APPENDS)
                    each = (cpu_seconds(client.ask("INFO", "cpu")) - before) / APPENDS * 1e6
                    found.append({"appendonly": file, "pipeline": pipeline, "per_second": round(rate), "cpu_us": round(each, 2)})
                    print(f"  redis-benchmark, appendonly {file}, {pipeline} at a time: {rate:,.0f}/s, {each:.1f} µs", flush=True)
    return found


def what_is_missing():
    found = servers.what_is_missing(["gateway"])
    return found + ([] if REDIS else ["there is no redis-server: ./dev setup bench"])


def measure(options):
    if missing := what_is_missing():
        sys.exit("bench: " + "\nbench: ".join(missing))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        run = Measuring(options, pathlib.Path(folder))
        print(f"{run.total} cases, {options.rounds} round(s) of {options.seconds:g} s: about {run.expected:.0f} s, "
              f"at most {run.deadline - time.monotonic():.0f} s", flush=True)
        results = run.run()
        return results, capacity(pathlib.Path(folder))


def stop(*_):
    raise KeyboardInterrupt


def main(argv, about, page, folder):
    """`about(options, command)` describes the run; `page` and `folder`: where --write puts it."""
    options = parse_arguments(argv)
    signal.signal(signal.SIGTERM, stop)
    try:
        if options.source:
            whole = json.loads(pathlib.Path(options.source).read_text())
        else:
            described = about(options, shlex.join(["./dev", "bench", *argv]))
            results, writes = measure(options)
            whole = {"about": described, "capacity": writes, "results": results}
    except KeyboardInterrupt:
        print("\nbench: stopped", file=sys.stderr)
        return 130
    except (OSError, ValueError, servers.ServerFailed) as error:
        sys.exit(f"bench: {error}")
    text = cluster_report.make(whole)
    print("\n" + text)
    if options.write:
        spliced = report.splice(page.read_text(), "cluster", text)
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
        (folder / "cluster.json").write_text(cluster_report.compact(whole))
        page.write_text(spliced)
        print(f"written: {page.name}, {folder.name}/cluster.json")
    return 0
