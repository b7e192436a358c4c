#!/usr/bin/env python3
"""Measures the gateway next to nginx with nchan, and next to what the kernel's write alone costs; see --help."""
import argparse
import contextlib
import datetime
import os
import pathlib
import platform
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import charts
import cluster
import report
import results as kept
import servers
import workloads

PAGE = servers.ROOT / "docs/performance.md"
FIGURES = servers.ROOT / "docs/performance"
QUICK_SECONDS = 112  # of the two minutes that --quick may take; what does not fit is named

HELP = """Everything is on loopback and ends by itself. The servers take turns, each started anew for each set of sockets; in each
round another one goes first. Medians leave out what failed or lost deliveries, and name it."""


@dataclass(frozen=True)
class Step:
    """One start of a server."""
    round: int
    workers: int
    scene: workloads.Scene
    server: str
    workloads: tuple


def parse_arguments(argv):
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, epilog=HELP)
    add = parser.add_argument
    add("--quick", action="store_true", help="one round of 1 s per case, fewer cases, one worker, at most two minutes")
    add("--growth", action="store_true", help="cost against sockets, tags, payload and workers instead of the bars")
    add("--cluster", action="store_true", help="several nodes and Redis instead (--cluster --help: its options)")
    add("--rounds", type=int, metavar="N", help="rounds (5; --growth: 3)")
    add("--seconds", type=float, metavar="S", help="seconds of each case (2; --growth: 1)")
    add("--only", metavar="NAMES", help="the workloads whose names match this regular expression")
    add("--servers", metavar="LIST", help="some of gateway,nchan,limit")
    add("--workers", metavar="1|2|1,2", help="workers of gateway and nchan (1,2); limit has one thread")
    add("--list", action="store_true", help="print the names of the workloads")
    add("--keep", metavar="FOLDER", help="keep the results there, also of a run that is stopped")
    add("--from", dest="source", metavar="FOLDER", help="measure nothing, report from what was kept there (or from a .json of docs/performance)")
    add("--write", action="store_true", help="put tables, charts and results into docs/performance.md and docs/performance/")
    options = parser.parse_args(argv)
    short = options.quick
    options.rounds = options.rounds or (1 if short else 3 if options.growth else 5)
    options.seconds = options.seconds or (1 if short else 1 if options.growth else 2)
    with contextlib.suppress(ValueError):
        options.worker_counts = sorted({int(count) for count in (options.workers or ("1" if short or options.growth else "1,2")).split(",")})
    if not getattr(options, "worker_counts", None) or options.worker_counts[0] < 1:
        parser.error("--workers wants numbers, such as 1,2")
    options.server_names = (options.servers or "gateway,nchan,limit").split(",")
    if unknown := set(options.server_names) - set(servers.SERVERS):
        parser.error(f"--servers knows gateway, nchan and limit, not {' '.join(sorted(unknown))}")
    try:
        re.compile(options.only or "")
    except re.error as error:
        parser.error(f"--only: {error}")
    return options


# ------------------------------------------------------------------------------------------------- plan

def chosen(options):
    """The workloads that are asked for."""
    scenes = workloads.GROWTH if options.growth else workloads.BARS
    every = [w for scene in scenes for w in scene.workloads if w.quick or not options.quick]
    return [w for w in every if (re.search(options.only, w.name) if options.only else not w.asked)]


def plan(options):
    asked = chosen(options)
    # What the gateway is compared with may have another name on the other servers.
    names = {server: {w.name if server == "gateway" else w.peer or w.name for w in asked} for server in options.server_names}
    steps = []
    for number in range(1, options.rounds + 1):
        turn = (number - 1) % len(options.server_names)
        order = options.server_names[turn:] + options.server_names[:turn]
        for workers in options.worker_counts:
            for scene in workloads.GROWTH if options.growth else workloads.BARS:
                if scene.workers and workers != options.worker_counts[0]:
                    continue
                for count in scene.workers or (workers,):
                    steps += _steps_of(scene, number, count, order, names)
    return steps


def _steps_of(scene, number, workers, order, names):
    for server in order:
        if server == "limit" and workers > 1:
            continue
        todo = tuple(w for w in scene.workloads if w.name in names[server] and server in w.servers)
        if todo:
            yield Step(number, workers, scene, server, todo)


def start_seconds(step):
    return 0.4 + (step.scene.sockets * 0.6e-4 if step.server == "gateway" else 0)


def case_seconds(step, workload, options):
    """Estimated; wsload connects anew for each case."""
    return 2 * settle(options) + step.scene.sockets * 0.9e-4 + (warmup(options) + duration(workload, options) + 0.3)


def duration(workload, options):
    return options.seconds * workload.times


def settle(options):
    return 0.2 if options.quick else 0.5


def warmup(options):
    return 0.2 if options.quick else 0.5


# ---------------------------------------------------------------------------------------------- measuring

class Measuring:
    def __init__(self, options, work):
        self.options, self.work = options, work
        self.results = []
        self.steps = plan(options)
        self.total = sum(len(step.workloads) for step in self.steps)
        self.began = time.monotonic()
        self.expected = sum(self._seconds(step) for step in self.steps)
        self.done_seconds = 0.0
        # Whatever happens, this is the end.
        self.deadline = self.began + (QUICK_SECONDS if options.quick and not options.growth else 3 * self.expected + 120)

    def _seconds(self, step):
        return start_seconds(step) + sum(case_seconds(step, workload, self.options) for workload in step.workloads)

    def run(self):
        for step in self.steps:
            self._measure(step)
        return self.results

    def _measure(self, step):
        left = list(step.workloads)
        try:
            if missing := servers.raise_file_limit(step.scene.sockets):
                raise servers.ServerFailed(missing)
            self._check_time(start_seconds(step) + 1)
            with servers.SERVERS[step.server](step.scene, step.workers, self.work) as server:
                self.done_seconds += start_seconds(step)
                while left:
                    self._note(step, left[0], self._wsload(step, left[0], server))
                    left.pop(0)
        except servers.ServerFailed as failure:
            for workload in left:
                self._note(step, workload, {"bad": str(failure)})

    def _check_time(self, needed):
        if time.monotonic() + needed > self.deadline:
            raise servers.ServerFailed("no time was left")

    def _wsload(self, step, workload, server):
        """wsload's numbers, or {"bad": why there are none}."""
        options = self.options
        expected = case_seconds(step, workload, options)
        self._check_time(expected)
        limit = min(3 * expected + 20, self.deadline - time.monotonic() + 3)
        arguments = [*workloads.arguments(workload, server, self.work), "--settle", settle(options), "--duration", duration(workload, options),
                     "--warmup", warmup(options), "--drain", 3, "--connect-timeout", 20]
        return servers.run_wsload(arguments, self.work / "wsload.json", limit)

    def _note(self, step, workload, raw):
        identity = {"workload": workload.name, "server": step.server, "workers": step.workers, "round": step.round}
        result = kept.bad_result(identity, raw["bad"]) if "bad" in raw else kept.result_of(identity, raw)
        self.results.append(result)
        if self.options.keep:
            kept.keep(self.options.keep, result)
        self.done_seconds += case_seconds(step, workload, self.options)
        print(f"  {len(self.results):4}/{self.total}  round {step.round}  {step.server:<8}{workload.name:<24}"
              f"{'' if step.workers == 1 else f'{step.workers} workers  '}{headline(workload, result):<34}{self._left()}", flush=True)

    def _left(self):
        elapsed = time.monotonic() - self.began
        pace = elapsed / self.done_seconds if self.done_seconds > 0 else 1
        left = min(max(0.0, self.expected - self.done_seconds) * pace, self.deadline - time.monotonic())
        return f"about {left:.0f} s left"


def headline(workload, result):
    if not result["ok"]:
        return f"NOT COUNTED: {result['why']}  "
    if workload.work == "idle":
        return f"{result[kept.HANDSHAKE]:.1f} µs each, {result[kept.MEMORY]:.2f} KiB each"
    return f"{result[kept.CPU]:.2f} µs, {result[kept.RATE]:,.0f}/s"


# ------------------------------------------------------------------------------------------------ report

def output_of(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20, cwd=servers.ROOT)
        return (done.stdout + done.stderr).strip() if done.returncode == 0 else ""
    except OSError:
        return ""


def package_version(*names):
    for name in names:
        if version := output_of("dpkg-query", "-W", "-f", "${Version}", name):
            return version
    return "unknown"


def first_match(pattern, text):
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1).strip() if found else "unknown"


def about(options, command):
    memory = int(first_match(r"^MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())) / 2 ** 20
    cpu = first_match(r"^model name\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text())
    system = first_match(r'^PRETTY_NAME="?([^"\n]*)', pathlib.Path("/etc/os-release").read_text())
    commit = output_of("git", "rev-parse", "--short=10", "HEAD") or "unknown"
    changed = output_of("git", "status", "--porcelain", "--untracked-files=no", "src", "include", "bench", "CMakeLists.txt")
    return {
        "command": command, "date": datetime.date.today().isoformat(), "commit": commit + (" with changes" if changed else ""),
        "rounds": options.rounds, "seconds": options.seconds,
        "machine": f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB", "system": f"Linux {platform.release()}, {system}",
        "qt": package_version("libqt6core6", "libqt6core6t64").split("+")[0],
        "redis": package_version("redis-server", "redis-tools").split(":")[-1].split("-")[0],
        "nginx": first_match(r"nginx/(\S+)", output_of("nginx", "-v")),
        "nchan": package_version("libnginx-mod-nchan").split(":")[-1].split("+")[0],
    }


def write(options, described, results, text):
    page = report.splice(PAGE.read_text(), "growth" if options.growth else "bars", text)
    FIGURES.mkdir(exist_ok=True)
    name = "growth" if options.growth else "bars"
    (FIGURES / f"{name}.json").write_text(kept.compact(described, results))
    PAGE.write_text(page)
    written = [f"{name}.json"]
    if not charts.available():
        print("no gnuplot, so no charts: ./dev setup bench")
    elif options.growth:
        written += [f"growth-{key}.svg" for key, _, _ in report.GROWTH if charts.growth(results, key, FIGURES / f"growth-{key}.svg")]
    elif charts.bars(results, FIGURES / "bars.svg"):
        written.append("bars.svg")
    print(f"written: {PAGE.relative_to(servers.ROOT)}; in {FIGURES.relative_to(servers.ROOT)}: {', '.join(written)}")


def measure(options, described):
    if missing := servers.what_is_missing(options.server_names):
        sys.exit("bench: " + "\nbench: ".join(missing))
    if options.keep:
        pathlib.Path(options.keep).mkdir(parents=True, exist_ok=True)
        kept.keep_about(options.keep, described)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        run = Measuring(options, pathlib.Path(folder))
        if not run.steps:
            sys.exit("bench: no workload has such a name (see --list)")
        print(f"{run.total} cases, {options.rounds} round(s) of {options.seconds:g} s per case: about {run.expected:.0f} s, "
              f"at most {run.deadline - run.began:.0f} s", flush=True)
        return run.run()


def stop(*_):
    raise KeyboardInterrupt


def main(argv):
    if "--cluster" in argv:
        return cluster.main(argv, about, PAGE, FIGURES)
    options = parse_arguments(argv)
    if options.list:
        print("\n".join(w.name for w in chosen(options)))
        return 0
    signal.signal(signal.SIGTERM, stop)
    try:
        if options.source:
            described, results = kept.load(options.source)
            options.growth = any(result["workload"].startswith(tuple(key + "-" for key, _, _ in report.GROWTH)) for result in results)
        else:
            described = about(options, shlex.join(["./dev", "bench", *argv]))
            results = measure(options, described)
    except KeyboardInterrupt:
        print("\nbench: stopped" + (f"; what was measured is in {options.keep}" if options.keep else ""), file=sys.stderr)
        return 130
    except (OSError, ValueError) as error:
        sys.exit(f"bench: {error}")
    text = (report.growth_report if options.growth else report.bars_report)(described, results)
    print("\n" + text)
    if options.write:
        write(options, described, results, text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
