"""Charts of what was measured, as SVG, drawn by gnuplot."""
import shutil
import subprocess

from report import GROWTH, ROWS, SERVERS, Figures, number, ratio, series, shown_x

COLOURS = {"gateway": "#1f6feb", "nchan": "#d1782f", "limit": "#8c959f"}
DARKER = "#424a53"  # and of the limit
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


def _label_at(value, bar):
    """Where the figure of a box stands: behind the box, and not on the mark of the bar."""
    return bar if bar is not None and value <= bar < value + 0.25 else value


def bars(results, path):
    """CPU (memory) of gateway and limit in units of nchan's, with the bars."""
    figures = Figures(results)
    rows = []
    for row in ROWS:
        medians = [figures.median(row.workload, server, row.key) for server in SERVERS]
        if medians[0] and medians[1]:
            rows.append((row, medians))
    if not rows:
        return False
    blocks, plots = "", []
    for place, server in enumerate(SERVERS):
        lines = []
        for index, (row, medians) in enumerate(rows):
            if (value := ratio(medians[place], medians[1])) is not None:
                lines.append(f'{value} {index + (place - 1) * 0.26} "{number(medians[place].value)} {row.unit}" {_label_at(value, row.nchan)}')
        blocks += _block(server, lines or ["NaN NaN '' NaN"])
        name = "limit (the kernel alone)" if server == "limit" else server
        plots.append(f"${server} using 1:2:(0):1:($2-0.12):($2+0.12) with boxxyerror fs solid 1 noborder lc rgb '{COLOURS[server]}' title '{name}'")
        plots.append(f"${server} using 4:2:3 with labels left offset 0.5,0 font ',10' textcolor '#57606a' notitle")
    if marks := [f"{row.nchan} {index}" for index, (row, _) in enumerate(rows) if row.nchan is not None]:
        blocks += _block("bar", marks)
        plots.append("$bar using 1:($2-0.42):(0):(0.84) with vectors nohead lc rgb '#000000' lw 2.5 title 'bar of the gateway'")
    widest = max(max(row.nchan or 0, *(ratio(m, medians[1]) or 0 for m in medians)) for row, medians in rows)
    labels = ", ".join(f'"{row.what}" {index}' for index, (row, _) in enumerate(rows))
    draw(TERMINAL.format(width=900, height=90 + 52 * len(rows)) + f"\nset output '{path}'\n" + COMMON + blocks + f"""
set title 'Cost in units of nchan’s (CPU; last line: memory); less is better'
set xlabel 'times nchan'
set xrange [0:{widest * 1.12}]
set yrange [{len(rows) - 0.4}:-0.6]
set ytics ({labels}) scale 0
unset grid
set grid xtics lc '#d8dee4' lw 1
set bmargin 6
set key at screen 0.5, screen 0.03 center horizontal maxrows 1
plot {", ".join(plots)}
""")
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
        colour = (DARKER if post else COLOURS["limit"]) if server == "limit" else SECOND if post else COLOURS["gateway"]
        style = f"lc rgb '{colour}' dt {2 if server == 'limit' else 1} lw 2 pt {5 if post else 7} ps 0.7"
        plots.append(f"$s{index} using 1:2:3:4 with yerrorbars lc rgb '{colour}' lw 1 pt 7 ps 0.1 notitle")
        plots.append(f"$s{index} using 1:2 with linespoints {style} title '{heading}'")
    if not plots:
        return False
    ticks = ", ".join(f"'{shown_x(key, x)}' {x}" for x in sorted(points))
    scale = "set logscale x\n" if key != "workers" else ""
    # Cost that spans decades is read on a logarithmic axis; the rest starts at 0.
    scale += "set logscale y\n" if key == "payload" else "set yrange [0:*]\n"
    low, high = min(points), max(points)
    bounds = f"set xrange [{low - 0.3}:{high + 0.3}]\n" if key == "workers" else f"set xrange [{low / 1.3}:{high * 1.3}]\n"
    draw(TERMINAL.format(width=900, height=420) + f"\nset output '{path}'\n" + COMMON + blocks + scale + bounds + f"""
set title '{TITLES[key]}'
set xlabel '{AXES[key]}'
set ylabel 'µs of server CPU per delivery'
set xtics ({ticks})
set key outside right center vertical Left reverse
plot {", ".join(plots)}
""")
    return True
