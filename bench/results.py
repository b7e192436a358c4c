"""Results as wsload wrote them: kept in a folder, one file each, or together in one compact file."""
import json
import pathlib

# What is kept of wsload's numbers, in this order, behind who, what and when.
IDENTITY = ("workload", "server", "workers", "round", "ok", "why")
CPU = "server_cpu_us_per_delivery"
HANDSHAKE = "server_cpu_us_per_connect"
MEMORY = "pss_kib_per_conn"
RATE = "deliveries_per_second"
OTHERS = "other_cpu_percent"
P50, P99 = "latency_p50_us", "latency_p99_us"
METRICS = (CPU, HANDSHAKE, MEMORY, RATE, P50, P99, "server_user_us_per_delivery", "deliveries_per_read", "delivered", "expected",
           "connects_per_second", "idle_server_cpu_percent", "generator_cpu_percent", OTHERS, "pings")


def why_bad(raw):
    """What was wrong with a run, in some words; empty if nothing."""
    lost = raw.get("expected", 0) - raw.get("delivered", 0)
    reasons = [
        (raw.get("conns_ready", 0) < raw.get("conns", 0), lambda: f"{raw['conns'] - raw['conns_ready']:.0f} sockets did not open"),
        (raw.get("conns_closed"), lambda: f"{raw['conns_closed']:.0f} sockets were closed"),
        (raw.get("posts_refused"), lambda: f"{raw['posts_refused']:.0f} POSTs answered {raw.get('first_bad_status', 0):.0f}"),
        (raw.get("posts_broken"), lambda: f"{raw['posts_broken']:.0f} POSTs without an answer"),
        ("posts" in raw and not raw.get("posts_ok"), lambda: "no POST was answered 2xx"),
        (lost > 0, lambda: f"{lost:.0f} of {raw['expected']:.0f} deliveries lost"),
    ]
    said = [text() for holds, text in reasons if holds]
    return ", ".join(said) or ("" if raw.get("ok") else "wsload failed")


def result_of(identity, raw):
    """A result: who, what and when, whether it counts, and wsload's numbers."""
    why = why_bad(raw)
    return identity | {"ok": not why, "why": why} | {key: round_to_digits(raw[key]) for key in METRICS if key in raw}


def bad_result(identity, why):
    return identity | {"ok": False, "why": why}


def round_to_digits(value, digits=5):
    """Counts stay exact."""
    return int(value) if value == int(value) else float(f"{value:.{digits}g}")


def key_of(result):
    return f"{result['workload']}.{result['server']}.w{result['workers']}.r{result['round']}"


def keep(folder, result):
    (pathlib.Path(folder) / f"{key_of(result)}.json").write_text(json.dumps(result) + "\n")


def keep_about(folder, about):
    (pathlib.Path(folder) / "about.json").write_text(json.dumps(about, indent=1) + "\n")


def load(path):
    """(about, results) of a folder that was kept, or of a compact file."""
    path = pathlib.Path(path)
    if path.is_dir():
        about = json.loads((path / "about.json").read_text())
        return about, [json.loads(file.read_text()) for file in sorted(path.glob("*.r*.json"))]
    whole = json.loads(path.read_text())
    results = [{column: value for column, value in zip(whole["columns"], row) if value is not None} for row in whole["rows"]]
    return whole["about"], results


def compact(about, results):
    """One result a line, so that two files can be compared."""
    columns = [*IDENTITY, *METRICS]
    rows = ",\n".join(json.dumps([result.get(column) for column in columns], separators=(",", ":")) for result in results)
    head = json.dumps({"about": about, "columns": columns}, separators=(",", ":"))
    return f'{head[:-1]},"rows":[\n{rows}\n]}}\n'
