"""Tables of what was measured: medians, ratios, bars and whether they are met."""
import statistics
from dataclasses import dataclass

import workloads
from results import CPU, HANDSHAKE, MEMORY, OTHERS, P50, P99, RATE

SERVERS = ("gateway", "nchan", "limit")


@dataclass(frozen=True)
class Median:
    value: float
    least: float
    most: float


@dataclass(frozen=True)
class Row:
    what: str
    workload: str
    unit: str = "µs"
    key: str = CPU
    nchan: float | None = None        # bar: at most so many times nchan's
    above_limit: float | None = None  # bar: at most so much more than the limit's

    @property
    def has_bar(self):
        return self.nchan is not None or self.above_limit is not None


# DESIGN.md, "Bars"
ROWS = (
    Row("fan-out to 1,000, one at a time", "fan-out-1-1000", nchan=0.90),
    Row("fan-out to 1,000, four at once", "fan-out-4-1000", nchan=0.45),
    Row("fan-out to 10,000, one at a time", "fan-out-1-10000", nchan=0.90),
    Row("fan-out to 10,000, four at once", "fan-out-4-10000", nchan=0.40),
    Row("POST to one of 1,000, by tag", "post-tag-1000", nchan=0.75),
    Row("POST to one of 1,000, by socket id", "post-id-1000", nchan=0.75),
    Row("POST to one of 10,000, by tag", "post-tag-10000"),
    Row("POST to one of 10,000, by socket id", "post-id-10000"),
    Row("batch of 100 to 1,000, by tag", "batch-tag-1000", above_limit=3),
    Row("batch of 100 to 1,000, by socket id", "batch-id-1000", above_limit=3),
    Row("batch of 100 to 10,000, by tag", "batch-tag-10000", above_limit=3),
    Row("batch of 100 to 10,000, by socket id", "batch-id-10000", above_limit=3),
    Row("200 messages/s, 10,000 idle sockets", "rate-200-10000", nchan=1),
    Row("the same, nchan pinging every 45 s, too", "pinging-200-10000"),
    Row("2,000 messages/s to one of 1,000", "rate-2000-1000"),
    Row("client's message and back, 1,000 sockets", "echo-1000"),
    Row("client's message and back, 10,000 sockets", "echo-10000"),
    Row("handshake with a checked token, 10,000", "handshake-10000", key=HANDSHAKE, nchan=2),
    Row("PSS of an idle socket, 10,000 of them", "idle-10000", "KiB", MEMORY, nchan=0.85),
    Row("PSS of an idle socket, 19,000 of them", "idle-19000", "KiB", MEMORY),
)
# what, the workload with many sockets, with few, bar
FLAT = (
    ("POST to one, by tag", "post-tag-10000", "post-tag-1000", 1.25),
    ("POST to one, by socket id", "post-id-10000", "post-id-1000", 1.25),
)
MORE_WORKERS = 1.15
PEERS = {w.name: w.peer or w.name for scene in workloads.BARS for w in scene.workloads}


class Figures:
    """Medians of the results that count."""

    def __init__(self, results):
        self.results = results
        self._values = {}
        for result in results:
            if result["ok"]:
                where = (result["workload"], result["server"], result["workers"])
                self._values.setdefault(where, []).append(result)
        self.workers = sorted({result["workers"] for result in results})
        self._fewest = {}  # workers of (workload, server), also where nothing counts
        for result in results:
            what = (result["workload"], result["server"])
            self._fewest[what] = min(result["workers"], self._fewest.get(what, result["workers"]))

    def median(self, workload, server, key, workers=None):
        """With the fewest workers that were tried, unless told; None if there is no result."""
        where = workload if server == "gateway" else PEERS.get(workload, workload)
        found = self._values.get((where, server, workers or self._fewest.get((where, server))), [])
        values = [result[key] for result in found if key in result]
        return Median(statistics.median(values), min(values), max(values)) if values else None

    def tried(self, workload, server="gateway"):
        return any(r["workload"] == workload and r["server"] == server for r in self.results)

    def bad(self):
        """Lines that name the results that are left out."""
        lines = {}
        for r in self.results:
            if not r["ok"]:
                lines.setdefault((r["workload"], r["server"], r["workers"], r["why"]), []).append(str(r["round"]))
        return [f"{workload}, {server}, {workers} worker{'s' if workers > 1 else ''}, round {' '.join(rounds)}: {why}"
                for (workload, server, workers, why), rounds in lines.items()]


def ratio(one, other):
    return one.value / other.value if one and other and other.value > 0 else None


def verdict(value, bar):
    if value is None:
        return "not measured"
    return "met" if value <= bar else "**missed**"


def number(value):
    if value is None:
        return "–"
    return f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"


def spread(median):
    if median is None:
        return "–"
    if median.least == median.most:
        return number(median.value)
    return f"{number(median.value)} ({number(median.least)}–{number(median.most)})"


def table(head, lines):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(line) + " |" for line in lines), ""]


def bar_of(row, gateway, nchan, limit):
    """(the bar in words, the verdict), empty where there is no bar."""
    if row.nchan is not None:
        return f"≤ {row.nchan:.2f} × nchan", verdict(ratio(gateway, nchan), row.nchan)
    if row.above_limit is not None:
        above = gateway.value - limit.value if gateway and limit else None
        return f"≤ limit + {row.above_limit:g} {row.unit}", verdict(above, row.above_limit)
    return "", ""


def bars_table(figures):
    lines = []
    for row in ROWS:
        if not figures.tried(row.workload):
            continue
        medians = [figures.median(row.workload, server, row.key) for server in SERVERS]
        gateway, nchan, limit = medians
        lines.append([row.what, row.unit, *map(spread, medians), number(ratio(gateway, nchan)), number(ratio(gateway, limit)),
                      *bar_of(row, *medians)])
    return table(("server CPU per delivery (handshake, memory)", "unit", *SERVERS, "÷ nchan", "÷ limit", "bar", ""), lines) if lines else []


def flat_table(figures):
    lines = []
    for what, many, few, bar in FLAT:
        if not figures.tried(many):
            continue
        ratios = [ratio(*(figures.median(workload, server, CPU) for workload in (many, few))) for server in SERVERS]
        lines.append([what, *map(number, ratios), f"≤ {bar:.2f}", verdict(ratios[0], bar)])
    return table(("CPU with 10,000 sockets ÷ with 1,000", *SERVERS, "bar", ""), lines) if lines else []


def rate_table(figures):
    lines = []
    for row in ROWS:
        medians = [figures.median(row.workload, server, RATE) for server in SERVERS]
        if row.key == CPU and figures.tried(row.workload) and not row.workload.startswith("rate-"):
            lines.append([row.what, *map(spread, medians), number(ratio(medians[0], medians[1]))])
    return table(("deliveries per second", *SERVERS, "÷ nchan"), lines) if lines else []


def latency_table(figures):
    lines = []
    for row in ROWS:
        if row.key != CPU or not figures.tried(row.workload):
            continue
        cells = [spread(figures.median(row.workload, server, key)) for key in (P50, P99) for server in SERVERS]
        lines.append([row.what, *cells])
    head = ("latency, µs", *(f"p50 {server}" for server in SERVERS), *(f"p99 {server}" for server in SERVERS))
    return table(head, lines) if lines else []


def workers_table(figures):
    """DESIGN.md's bar for all the others: with 2 workers it costs at most 1.15 of what it costs with 1."""
    if 1 not in figures.workers or len(figures.workers) < 2:
        return []
    lines = []
    for workers in figures.workers[1:]:
        for row in ROWS:
            if not figures.tried(row.workload):
                continue
            one, more = (figures.median(row.workload, "gateway", row.key, count) for count in (1, workers))
            if more is None and not any(r["workload"] == row.workload and r["workers"] == workers for r in figures.results):
                continue
            nchan = ratio(*(figures.median(row.workload, "nchan", row.key, count) for count in (workers, 1)))
            bar = (f"≤ {MORE_WORKERS:.2f}", verdict(ratio(more, one), MORE_WORKERS)) if row.has_bar else ("", "")
            lines.append([row.what, row.unit, str(workers), spread(one), spread(more), number(ratio(more, one)), *bar, number(nchan)])
    return table(("with more workers", "unit", "workers", "1 worker", "more", "ratio", "bar", "", "ratio of nchan"), lines) if lines else []


def bad_list(figures):
    lines = figures.bad()
    return ["Left out of the medians, because something failed or deliveries were lost:", "", *("- " + line for line in lines), ""] if lines else []


def about_lines(about):
    return [
        f"`{about['command']}`, {about['date']}, commit {about['commit']}: medians (least–most) of {about['rounds']} round"
        f"{'s' if about['rounds'] != 1 else ''}, {about['seconds']:g} s for each case. "
        f"{about['machine']}; {about['system']}; Qt {about['qt']}, nginx {about['nginx']}, nchan {about['nchan']}.",
        ""]


def busy_lines(results):
    """How much else the machine had to do: figures of a busy one are not to be trusted."""
    found = [result[OTHERS] for result in results if OTHERS in result]
    return [f"Meanwhile other programs took {max(0, statistics.median(found)):.0f} % of a core (median), at most {max(0, *found):.0f} %.", ""] if found else []


def bars_report(about, results):
    figures = Figures(results)
    workers = figures.workers[0] if figures.workers else 1
    sections = [about_lines(about), busy_lines(results), [f"With {workers} worker{'s' if workers > 1 else ''}, messages of 512 bytes:", ""]]
    sections += [make(figures) for make in (bars_table, flat_table, rate_table, latency_table, workers_table, bad_list)]
    return "\n".join(line for section in sections for line in section)


def series(figures, name, server):
    """[(x, median)] of the workloads whose names begin so."""
    found = ((w.x, figures.median(w.name, server, CPU, workers=w.x if name.startswith("workers") else None))
             for scene in workloads.GROWTH for w in scene.workloads if w.name.startswith(name + "-"))
    return [(x, median) for x, median in found if median]


# key of the series, what x is, columns: (heading, series, server)
GROWTH = (
    ("sockets", "sockets", (("fan-out, gateway", "sockets-fan-out", "gateway"), ("fan-out, limit", "sockets-fan-out", "limit"),
                            ("POST to one, gateway", "sockets-post", "gateway"), ("POST to one, limit", "sockets-post", "limit"))),
    ("tags", "tags of each of 1,000 sockets", (("POST to one, by its own tag", "tags-post", "gateway"),
                                               ("fan-out, all tags named", "tags-fan-out", "gateway"))),
    ("payload", "payload", (("fan-out to 20, gateway", "payload-fan-out", "gateway"), ("fan-out to 20, limit", "payload-fan-out", "limit"),
                            ("POST to one, gateway", "payload-post", "gateway"), ("POST to one, limit", "payload-post", "limit"))),
    ("workers", "workers, 1,000 sockets", (("fan-out", "workers-fan-out", "gateway"), ("POST to one", "workers-post", "gateway"))),
)


def shown_x(key, x):
    if key != "payload":
        return f"{x:,.0f}"
    return f"{x:.0f} B" if x < 1024 else f"{x / 1024:.0f} KiB" if x < 2 ** 20 else f"{x / 2 ** 20:.0f} MiB"


def growth_table(figures, key, what, columns):
    found = [dict(series(figures, name, server)) for _, name, server in columns]
    points = sorted({x for column in found for x in column})
    lines = [[shown_x(key, x), *(spread(column.get(x)) for column in found)] for x in points]
    return table((what, *(heading for heading, _, _ in columns)), lines) if lines else []


def growth_report(about, results):
    figures = Figures(results)
    sections = [about_lines(about), busy_lines(results), ["µs of server CPU per delivery:", ""]]
    for key, what, columns in GROWTH:
        lines = growth_table(figures, key, what, columns)
        chart = [f"![CPU per delivery against {key}](performance/growth-{key}.svg)", ""] if lines else []
        sections.append(lines + chart)
    sections.append(bad_list(figures))
    return "\n".join(line for section in sections for line in section)


def splice(page, name, text):
    """The page with `text` between its markers of that name."""
    begin, end = f"<!-- bench {name}: begin -->", f"<!-- bench {name}: end -->"
    if begin not in page or end not in page:
        raise ValueError(f"there is no place for the table ({begin} … {end})")
    before, rest = page.split(begin, 1)
    return f"{before}{begin}\n{text.rstrip()}\n{end}{rest.split(end, 1)[1]}"
