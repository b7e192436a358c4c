"""Charts of what was measured, as SVG, drawn by gnuplot."""
import shutil
import subprocess

from report import GROWTH, ROWS, SERVERS, Figures, ratio, series, shown_x

COLOURS = {"gateway": "#1f6feb", "nchan": "#d1782f", "limit": "#8c959f"}
SECOND = "#1a7f37"  # a second line of the gateway in a chart
# Light behind everything: readers with a dark page see it, too.
TERMINAL = "set terminal svg size {width},{height} dynamic background '#ffffff' font 'sans-serif,13'"
COMMON = """set encoding utf8
set border 3 lc '#57606a'
set tics nomirror
set grid ytics lc '#d8dee4' lw 1
"""
AXES = {"sockets": "open sockets", "tags": "tags of each socket", "payload": "payload", "workers": "workers"}
TITLES = {"sockets": "Cost against open sockets (512 bytes)", "tags": "Cost against tags of each socket (1,000 sockets, 512 bytes)",
          "payload": "Cost against payload", "workers": "Cost against workers (1,000 sockets, 512 bytes)"}


def available():
    return shutil.which("gnuplot") is not None


def draw(script):
    subprocess.run(["gnuplot"], input=script, text=True, check=True, timeout=60)


def _block(name, lines):
    return f"${name} << EOD\n" + "\n".join(lines) + "\nEOD\n"


def bars(results, path):
    """CPU (memory) of gateway and limit in units of nchan's, with the bars."""
    figures = Figures(results)
    lines = []
    for row in ROWS:
        medians = [figures.median(row.workload, server, row.key) for server in SERVERS]
        if medians[0] and medians[1]:
            values = [str(ratio(median, medians[1]) or "NaN") for median in medians]
            lines.append(f'"{row.what}" {" ".join(values)} {row.nchan if row.nchan is not None else "NaN"}')
    if not lines:
        return False
    script = TERMINAL.format(width=1000, height=560) + f"\nset output '{path}'\n" + COMMON + _block("data", lines) + f"""
set title 'Server CPU per delivery (handshake; memory of an idle socket), nchan = 1; less is better'
set style data histogram
set style histogram clustered gap 1
set style fill solid 1 border -1
set boxwidth 0.9 relative
set ylabel 'times nchan'
set yrange [0:*]
set xrange [-0.6:{len(lines) - 0.4}]
set xtics rotate by -35 left scale 0 font ',11'
set key top left horizontal
set rmargin 14
plot $data using 2:xtic(1) title 'gateway' lc rgb '{COLOURS["gateway"]}', \\
     '' using 3 title 'nchan' lc rgb '{COLOURS["nchan"]}', \\
     '' using 4 title 'limit (the kernel alone)' lc rgb '{COLOURS["limit"]}', \\
     '' using ($0-0.45):5:(0.9):(0) with vectors nohead lc rgb '#000000' lw 2 title 'bar of the gateway'
"""
    draw(script)
    return True


def growth(results, key, path):
    """A line with the spread of the rounds for each column of the table."""
    figures = Figures(results)
    columns = next(columns for name, _, columns in GROWTH if name == key)
    blocks, plots, points = "", [], set()
    for index, (heading, name, server) in enumerate(columns):
        found = series(figures, name, server)
        if not found:
            continue
        points |= {x for x, _ in found}
        blocks += _block(f"s{index}", [f"{x} {m.value} {m.least} {m.most}" for x, m in found])
        post = name.endswith("-post")
        colour = COLOURS["limit"] if server == "limit" else SECOND if post else COLOURS["gateway"]
        style = f"lc rgb '{colour}' dt {2 if server == 'limit' else 1} lw 2 pt {5 if post else 7} ps 0.7"
        plots.append(f"$s{index} using 1:2 with linespoints {style} title '{heading}'")
        plots.append(f"$s{index} using 1:2:3:4 with yerrorbars lc rgb '{colour}' pt -1 lw 1 notitle")
    if not plots:
        return False
    ticks = ", ".join(f"'{shown_x(key, x)}' {x}" for x in sorted(points))
    scale = "set logscale x\n" if key != "workers" else ""
    # Cost that spans decades is read on a logarithmic axis; the rest starts at 0.
    scale += "set logscale y\n" if key == "payload" else "set yrange [0:*]\n"
    low, high = min(points), max(points)
    bounds = f"set xrange [{low - 0.3}:{high + 0.3}]\n" if key == "workers" else f"set xrange [{low / 1.3}:{high * 1.3}]\n"
    draw(TERMINAL.format(width=800, height=440) + f"\nset output '{path}'\n" + COMMON + blocks + scale + bounds + f"""
set title '{TITLES[key]}'
set xlabel '{AXES[key]}'
set ylabel 'µs of server CPU per delivery'
set xtics ({ticks})
set key outside bottom center horizontal
plot {", ".join(plots)}
""")
    return True
