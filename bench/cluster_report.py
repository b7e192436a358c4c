"""Tables of `./dev bench --cluster`."""
import json
import statistics

from report import Median, number, spread, table


def name_of(result):
    if not result["nodes"]:
        return "one node, no Redis" + ("" if result["lane"] else ", through Qt's HTTP server")
    nodes = f"{result['nodes']} node{'s' if result['nodes'] > 1 else ''}"
    return nodes + (f" and {result['idle']} idle" if result["idle"] else f", to the {result['to']} one" if result["nodes"] > 1 else "")


def median(results, key):
    values = [result[key] for result in results if result["ok"]]
    return Median(statistics.median(values), min(values), max(values)) if values else None


def grouped(results, keep):
    """{name: results} in the order of nodes."""
    groups = {}
    order = sorted(filter(keep, results), key=lambda result: (result["nodes"], not result["lane"], result["idle"], result["to"] != "same"))
    for result in order:
        groups.setdefault(name_of(result), []).append(result)
    return groups


def cost_table(results, load, title):
    lines = []
    for name, found in grouped(results, lambda r: r["load"] == load and not r["idle"]).items():
        gateway, redis = median(found, "gateway_us"), median(found, "redis_us")
        shown_redis = "–" if not found[0]["nodes"] else spread(redis)
        lines.append([name, *(spread(median(found, key)) for key in ("p50_us", "p99_us")), spread(gateway), shown_redis,
                      spread(median(found, "per_second"))])
    head = (title, "p50, µs", "p99, µs", "CPU of the nodes, µs", "of Redis, µs", "messages/s")
    return table(head, lines) if lines else []


def added_line(results):
    """What Redis adds to the latency, in a sentence; empty if that was not measured."""
    groups = grouped(results, lambda r: r["load"] == "rate" and not r["idle"])
    alone = median(groups.get("one node, no Redis", []), "p50_us")
    parts = []
    for name, found in groups.items():
        there = median(found, "p50_us")
        if alone and there and found[0]["nodes"]:
            parts.append(f"{name} {there.value - alone.value:+,.0f} µs")
    return ["Latency that the cluster adds, at 500 messages/s (p50): " + "; ".join(parts) + ".", ""] if parts else []


def idle_table(results):
    lines = []
    for name, found in grouped(results, lambda r: r["load"] == "rate" and r["nodes"] == 1).items():
        idle = found[0]["idle"]
        each = [result | {"idle_us": result["idle_us"] / idle} for result in found if result["ok"]] if idle else []
        asked = median([r | {"asked": outer(r["commands"])} for r in found if r["ok"] and r["commands"]], "asked")
        lines.append([name, *(spread(median(found, key)) for key in ("gateway_us", "redis_us")), spread(median(each, "idle_us")) if each else "–",
                      spread(asked), spread(median(found, "p50_us"))])
    head = ("500 messages/s", "CPU of the node, µs", "of Redis, µs", "of each idle node, µs", "commands asked for, per message", "p50, µs")
    return table(head, lines) if lines else []


# What nodes ask for; all else is done by scripts.
ASKED = ("evalsha", "eval", "xread", "get", "set", "ping", "client|unblock", "wait", "role", "hello", "script|load")


def outer(commands):
    return sum(count for name, count in commands.items() if name in ASKED)


def commands_table(results):
    chosen = grouped([r for r in results if r["ok"] and r["commands"]], lambda r: not r["idle"])
    lines = []
    for name, found in chosen.items():
        for load in ("rate", "full"):
            some = [result for result in found if result["load"] == load]
            names = sorted({command for result in some for command in result["commands"]}, key=lambda c: (c not in ASKED, c))
            means = {command: statistics.median(result["commands"].get(command, 0) for result in some) for command in names}
            cells = [", ".join(f"{command} {number(means[command])}" for command in names if (command in ASKED) == asked and means[command] >= 0.005)
                     for asked in (True, False)]
            if some:
                lines.append([name, load, *cells])
    head = ("Redis's commands per message", "load", "asked for by nodes", "done by the script")
    return table(head, lines) if lines else []


def capacity_table(capacity):
    lines = [[f"appendonly {row['appendonly']}, {row['pipeline']} at a time", f"{row['per_second']:,}", number(row["cpu_us"]),
              f"{1e6 / row['cpu_us']:,.0f}"] for row in capacity]
    head = ("redis-benchmark with the script that writes a message, nobody reading", "per second", "CPU of Redis, µs each", "with a core of its own, per second")
    return table(head, lines) if lines else []


def bad_list(results):
    bad = [f"- {name_of(r)}, {r['load']}, round {r['round']}: {r['why']}" for r in results if not r["ok"]]
    return ["Left out of the medians:", "", *bad, ""] if bad else []


def about_lines(about, results):
    others = [result["others_percent"] for result in results if result["ok"]]
    busy = f" Meanwhile other programs took {max(0, statistics.median(others)):.0f} % of a core (median), at most {max(0, *others):.0f} %." \
        if others else ""
    return [f"`{about['command']}`, {about['date']}, commit {about['commit']}: medians (least–most) of {about['rounds']} round"
            f"{'s' if about['rounds'] != 1 else ''}, {about['seconds']:g} s for each case. {about['machine']}; {about['system']}; "
            f"Qt {about['qt']}, Redis {about['redis']}.{busy}", ""]


def make(whole):
    results = whole["results"]
    sections = [about_lines(whole["about"], results), cost_table(results, "rate", "500 messages/s"), added_line(results),
                cost_table(results, "full", "32 publishers"), idle_table(results), commands_table(results), capacity_table(whole["capacity"]),
                bad_list(results)]
    return "\n".join(line for section in sections for line in section)


def compact(whole):
    """One result a line, so that two files can be compared."""
    rows = ",\n".join(json.dumps(result, separators=(",", ":")) for result in whole["results"])
    head = json.dumps({key: value for key, value in whole.items() if key != "results"}, separators=(",", ":"))
    return f'{head[:-1]},"results":[\n{rows}\n]}}\n'
