#!/usr/bin/env python3
"""Counts the instructions of the hot paths and compares them with bench/instructions.txt; `./dev instructions` builds
what is counted and runs this. See CONTRIBUTING.md for what to do when it fails.

exit status: 0 as written; 1 a count differs, or is not written down; 2 usage
"""
import argparse
import pathlib
import re
import sys
import time

from counting import HotPaths, toolchain
from gateway_journeys import count_journeys

TABLE = pathlib.Path(__file__).with_name("instructions.txt")
TOLERANCE = 5.0  # per cent, of a row that is new
HEAD = """\
# Instructions of user space that one call of each hot path takes, counted by callgrind (bench/instructions.py), which
# does not depend on what else the machine does. `./dev instructions` compares, and fails where a count is more than
# `per cent` above or below; `./dev instructions --write` writes what it counted, for a change that is meant.
#
# The paths are those of bench/micro; `gateway-…` is the whole way through the real executable with one worker:
# gateway-post: POST messages of 512 bytes, with its delivery to one socket; gateway-handshake: a connection, a handshake
# with a single-use token, and its Close; gateway-delivery: one more socket of a message to all.
#
# counted with: {toolchain}
# {path:<30} {count:>12} {tolerance:>9}
"""


class Row:
    def __init__(self, count, tolerance=TOLERANCE):
        self.count = count
        self.tolerance = tolerance


def read_table():
    """Rows by name, and the toolchain that they were counted with."""
    rows, written_with = {}, None
    for line in TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else []:
        if line.startswith("# counted with: "):
            written_with = line.removeprefix("# counted with: ")
        elif line and not line.startswith("#"):
            name, count, tolerance = line.split()
            rows[name] = Row(int(count), float(tolerance))
    return rows, written_with


def write_table(rows, written_with):
    text = HEAD.format(toolchain=written_with, path="path", count="instructions", tolerance="per cent")
    for name, row in rows.items():
        text += f"{name:<32} {row.count:>12} {row.tolerance:>9g}\n"
    TABLE.write_text(text, encoding="utf-8")


def judge(name, counted, row):
    """The line of the table that is printed, and whether it is as written."""
    if row is None:
        return f"{name:<32} {counted:>12} {'-':>12} {'':>8}  NEW: write it down", False
    change = (counted - row.count) * 100 / max(row.count, 1)
    word = ""
    if abs(change) > row.tolerance:
        word = "  MORE" if change > 0 else "  LESS: better, write it down"
        word += f" (at most {row.tolerance:g} %)"
    return f"{name:<32} {counted:>12} {row.count:>12} {change:>+7.1f}%{word}", not word


def compare(counts, rows, complete):
    """Prints the table; what is not as written."""
    print(f"{'path':<32} {'counted':>12} {'written':>12} {'change':>8}")
    wrong = []
    for name, counted in counts.items():
        line, good = judge(name, counted, rows.get(name))
        print(line)
        if not good:
            wrong.append(line)
    for name in rows.keys() - counts.keys() if complete else ():
        wrong.append(f"{name:<32} is written down, but there is no such path any more")
        print(wrong[-1])
    return wrong


def count(build, output, pattern):
    counts = HotPaths(build, output).count_all(lambda name: re.search(pattern, name))
    if re.search(pattern, "gateway-post gateway-handshake gateway-delivery"):
        counts |= {name: value for name, value in count_journeys(build, output).items() if re.search(pattern, name)}
    if not counts:
        raise SystemExit(f"instructions.py: no path is like '{pattern}'")
    return counts


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("filter", nargs="?", default="", help="only paths whose name this regular expression finds")
    parser.add_argument("--write", action="store_true", help="write the counts into bench/instructions.txt")
    parser.add_argument("--build", type=pathlib.Path, default=TABLE.parent.parent / "build/release",
                        help="folder of the executables (build/release)")
    return parser.parse_args()


def write(counts, rows, here, complete):
    kept = {} if complete else dict(rows)
    for name, counted in counts.items():
        kept[name] = Row(counted, rows[name].tolerance if name in rows else TOLERANCE)
    write_table(kept, here)
    print(f"written: {TABLE}")


def main():
    options = arguments()
    output = options.build.resolve().parent / "instructions"
    output.mkdir(exist_ok=True)
    began = time.monotonic()
    here = toolchain(options.build)
    rows, written_with = read_table()
    if options.write and options.filter and rows and here != written_with:
        raise SystemExit(f"instructions.py: {TABLE.name} was counted with {written_with}: write all of it, without a filter")
    counts = count(options.build.resolve(), output, options.filter)
    wrong = compare(counts, rows, complete=not options.filter)
    print(f"\n{len(counts)} paths, {time.monotonic() - began:.0f} s; where each spends them: "
          f"callgrind_annotate {output}/NAME.callgrind | head -n 50")
    if options.write:
        write(counts, rows, here, complete=not options.filter)
        return 0
    if rows and here != written_with:
        print(f"\nNOT COMPARED: {TABLE.name} was counted with {written_with};\nhere is {here}")
        return 0
    if wrong:
        print("\nnot as bench/instructions.txt has it:", *wrong, sep="\n  ")
        print("if the change is meant, write it down, and say why in the commit: ./dev instructions --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
