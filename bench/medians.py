"""Medians of what wsload wrote, as a table of the gateway next to nchan.

usage: medians.py FOLDER print|write WORKERS

FOLDER holds CASE-SOCKETS.SERVER.ROUND.json; `write` puts the table into docs/performance.md.
"""
import json
import pathlib
import platform
import statistics
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- bench/run.sh: begin -->", "<!-- bench/run.sh: end -->"

# case, key of wsload's JSON, what it is, unit, bar for gateway / nchan (DESIGN.md), None where there is none
ROWS = [
    ("idle-10000", "pss_kib_per_conn", "memory (PSS) per idle socket, 10,000 of them", "KiB", 0.85),
    ("idle-10000", "server_cpu_us_per_connect", "handshake, 10,000 sockets", "µs", 2.0),
    ("fan-out-1-1000", "server_cpu_us_per_delivery", "fan-out to 1,000, one publisher: CPU per delivery", "µs", 0.90),
    ("fan-out-4-1000", "server_cpu_us_per_delivery", "fan-out to 1,000, four publishers: CPU per delivery", "µs", 0.45),
    ("fan-out-1-10000", "server_cpu_us_per_delivery", "fan-out to 10,000, one publisher: CPU per delivery", "µs", 0.90),
    ("fan-out-4-10000", "server_cpu_us_per_delivery", "fan-out to 10,000, four publishers: CPU per delivery", "µs", 0.40),
    ("post-32-1000", "server_cpu_us_per_delivery", "POST to one of 1,000, 32 publishers: CPU per delivery", "µs", 0.75),
    ("post-32-10000", "server_cpu_us_per_delivery", "POST to one of 10,000, 32 publishers: CPU per delivery", "µs", None),
    ("rate-200-10000", "server_cpu_us_per_delivery", "200 messages/s, 10,000 idle: CPU per delivery", "µs", 1.0),
    ("fan-out-1-1000", "latency_p50_us", "fan-out to 1,000, one publisher: p50", "µs", None),
    ("fan-out-1-1000", "latency_p99_us", "fan-out to 1,000, one publisher: p99", "µs", None),
    ("fan-out-1-10000", "latency_p50_us", "fan-out to 10,000, one publisher: p50", "µs", None),
    ("fan-out-1-10000", "latency_p99_us", "fan-out to 10,000, one publisher: p99", "µs", None),
    ("post-32-1000", "latency_p50_us", "POST to one of 1,000, 32 publishers: p50", "µs", None),
    ("post-32-1000", "latency_p99_us", "POST to one of 1,000, 32 publishers: p99", "µs", None),
    ("rate-200-10000", "latency_p50_us", "200 messages/s, 10,000 idle: p50", "µs", None),
    ("rate-200-10000", "latency_p99_us", "200 messages/s, 10,000 idle: p99", "µs", None),
]


def load(folder):
    """{(case, server): [one dict per round]}"""
    runs = {}
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        case, server, _ = path.name.removesuffix(".json").rsplit(".", 2)
        runs.setdefault((case, server), []).append(json.loads(path.read_text()))
    return runs


def median(runs, case, server, key):
    values = [run[key] for run in runs.get((case, server), []) if run["ok"] and key in run]
    return statistics.median(values) if values else None


def shown(value):
    return "–" if value is None else f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def line(runs, case, key, what, unit, bar):
    gateway, nchan = (median(runs, case, server, key) for server in ("gateway", "nchan"))
    ratio = gateway / nchan if gateway is not None and nchan else None
    verdict = "" if bar is None else f"≤ {bar:.2f}"
    if bar is not None and ratio is not None and ratio > bar:
        verdict += " **missed**"
    return f"| {what} | {unit} | {shown(gateway)} | {shown(nchan)} | {shown(ratio)} | {verdict} |"


def growth(runs):
    """DESIGN.md's bar for POST with 10,000 sockets is the gateway's own figure with 1,000."""
    few, many = (median(runs, f"post-32-{n}", "gateway", "server_cpu_us_per_delivery") for n in (1000, 10000))
    if few is None or many is None:
        return []
    verdict = "within" if many <= 1.25 * few else "**missed**"
    return [f"POST with 10,000 sockets costs the gateway {many / few:.2f} of POST with 1,000 (bar: 1.25, {verdict})."]


def table(runs, workers):
    rounds = max((len(found) for found in runs.values()), default=0)
    unclean = sorted({f"{case} ({server})" for (case, server), found in runs.items() if not all(r["ok"] for r in found)})
    commit = subprocess.run(["git", "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    text = [
        f"Medians of {rounds} round(s), {workers} worker(s), messages of 512 bytes, commit {commit or 'unknown'}, Linux {platform.release()}.",
        "",
        "| what | unit | gateway | nchan | ratio | bar |",
        "|---|---|---|---|---|---|",
        *(line(runs, *row) for row in ROWS),
        "",
        *growth(runs),
    ]
    if unclean:
        text.append(f"Runs that failed or lost deliveries, left out of the medians: {', '.join(unclean)}.")
    return "\n".join(text).rstrip() + "\n"


def write(text):
    page = PAGE.read_text() if PAGE.exists() else f"# Performance\n\n`./dev bench --write` measures this.\n\n{BEGIN}\n{END}\n"
    if BEGIN not in page or END not in page:
        sys.exit(f"medians.py: {PAGE} has no place for the table ({BEGIN} … {END})")
    before, rest = page.split(BEGIN, 1)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(f"{before}{BEGIN}\n{text}{END}{rest.split(END, 1)[1]}")
    print(f"written to {PAGE}")


def main(folder, what, workers):
    text = table(load(folder), workers)
    print("\n" + text)
    if what == "write":
        write(text)


main(*sys.argv[1:])
