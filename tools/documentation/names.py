#!/usr/bin/env python3
"""Whether the names that documents use exist: variables (MWS_…), metrics and targets (mws_…), commands of ./dev, options
of the program. A name that no source has is a misspelling, or was renamed."""
import re
import subprocess
import sys

import links

VARIABLE = re.compile(r"\b(MWS_[A-Z0-9_]*[A-Z0-9])\b(?![*_…<{])")
IDENTIFIER = re.compile(r"\b(mws_[a-z0-9_]*[a-z0-9])\b(?![*_…<{])")
COMMAND = re.compile(r"(?<![\w/])\./dev ([a-z]+)")
HISTOGRAM = re.compile(r"_(?:bucket|sum|count)$")
GENERATED = "docs/configuration.md"  # has every option's variable
HISTORY = ("CHANGELOG.md", "docs/proof/")
WRONG_ON_PURPOSE = "no option has this name"


def check(root, files, commands):
    """The problems, and how many names were looked at."""
    known = known_names(root, files)
    problems, count = [], 0
    for page in sorted(files):
        if not page.endswith(".md") or page.startswith(HISTORY):
            continue
        for number, line in enumerate((root / page).read_text(encoding="utf-8").splitlines(), 1):
            if WRONG_ON_PURPOSE in line:
                continue
            for name in (*VARIABLE.findall(line), *IDENTIFIER.findall(line)):
                count += 1
                if name not in known and HISTOGRAM.sub("", name) not in known:
                    problems.append(f"{page}:{number}: {name}: no source has this name")
            for name in COMMAND.findall(line):
                count += 1
                if name not in commands:
                    problems.append(f"{page}:{number}: ./dev {name}: there is no such command")
    return problems, count


def known_names(root, files):
    """All that look like these names in what is not a document."""
    known = set()
    for name in files:
        if (name.endswith(".md") and name != GENERATED) or name.startswith("tests/documentation/"):
            continue
        try:
            text = (root / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, IsADirectoryError):
            continue
        known.update(re.findall(r"\bMWS_[A-Z0-9_]+|\bmws_[a-z0-9_]+", text))
    return known


def dev_commands(root):
    text = subprocess.run([str(root / "dev"), "help"], check=True, capture_output=True, text=True).stdout
    return {"help"} | {name for line in re.findall(r"^  ([a-z]+(?:, [a-z]+)*)(?= )", text, re.MULTILINE) for name in line.split(", ")} - {"command"}


def main():
    problems, count = check(links.ROOT, links.repository_files(links.ROOT), dev_commands(links.ROOT))
    print("\n".join(problems) or f"    {count} names of variables, metrics and commands")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
