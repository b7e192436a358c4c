#!/usr/bin/env python3
"""Whether every link within the repository leads somewhere: those of all Markdown files, to files and to sections, and
the pages and sections of docs/ that sources and scripts name; and whether docs/README.md leads to every page of docs/. Nothing
is asked of the network."""
import pathlib
import re
import subprocess
import sys
import urllib.parse

import markdown_text as markdown

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
NAMED = re.compile(r"(?P<page>\bdocs/[\w./-]+?\.md)\b(?:#(?P<anchor>[\w-]+)| \\?\"(?P<heading>[^\"\\]+)\\?\")?")
INDEX = "docs/README.md"
NAMING = ("src", "include", "tools", "dev", "examples", "docker", "config", "tests", ".ci")


class Checker:
    def __init__(self, root, files):
        self.root = root
        self.files = set(files)
        self.folders = {str(parent) for name in files for parent in pathlib.PurePosixPath(name).parents}
        self.texts = {}
        self.count = 0

    def text(self, name):
        if name not in self.texts:
            self.texts[name] = (self.root / name).read_text(encoding="utf-8")
        return self.texts[name]

    def problem(self, page, target):
        """What is wrong with a link of a page; None: nothing."""
        if ELSEWHERE.match(target):
            return None
        self.count += 1
        path, _, anchor = urllib.parse.unquote(target).partition("#")
        if path.startswith("/"):
            return "is absolute"
        name = normal(pathlib.PurePosixPath(page).parent / path) if path else page
        if name is None:
            return "leads out of the repository"
        if name not in self.files and name not in self.folders:
            return f"there is no {name}"
        if not anchor:
            return None
        if not name.endswith(".md"):
            return f"{name} has no sections"
        return None if anchor in markdown.anchors(self.text(name)) else f"{name} has no section #{anchor}"

    def problems_of_page(self, page):
        for line, target in markdown.links(self.text(page)):
            problem = self.problem(page, target)
            if problem:
                yield f"{page}:{line}: {target}: {problem}"

    def problems_of_source(self, name):
        try:
            text = self.text(name)
        except UnicodeDecodeError:
            return
        for number, line in enumerate(text.splitlines(), 1):
            for found in NAMED.finditer(line):
                self.count += 1
                problem = self.problem_of_name(found)
                if problem:
                    yield f"{name}:{number}: {found[0]}: {problem}"

    def problems_of_index(self):
        """Pages of docs/ to which its own page does not lead; docs/proof/README.md has the records."""
        linked = {normal(pathlib.PurePosixPath(INDEX).parent / target.partition("#")[0])
                  for _, target in markdown.links(self.text(INDEX)) if not ELSEWHERE.match(target)}
        for name in sorted(self.files - linked - {INDEX}):
            if name.startswith("docs/") and name.endswith(".md") and not name.startswith("docs/proof/"):
                yield f"{INDEX}: does not lead to {name}"

    def problem_of_name(self, found):
        if found["page"] not in self.files:
            return f"there is no {found['page']}"
        if found["anchor"]:
            there = found["anchor"] in markdown.anchors(self.text(found["page"]))
        else:
            there = not found["heading"] or found["heading"] in markdown.headings(self.text(found["page"]))
        return None if there else "there is no such section"


def normal(path):
    """Without `.` and `..`; None where it leads out."""
    parts = []
    for part in path.parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts) or "."


def repository_files(root):
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (root / name).exists()]


def check(root, files):
    """The problems, and how many links were looked at."""
    checker = Checker(root, files)
    problems = []
    for name in sorted(files):
        if name.endswith(".md"):
            problems += checker.problems_of_page(name)
        elif name.split("/")[0] in NAMING and not name.startswith("tests/documentation/"):
            problems += checker.problems_of_source(name)
    if INDEX in checker.files:
        problems += checker.problems_of_index()
    return problems, checker.count


def main():
    problems, count = check(ROOT, repository_files(ROOT))
    print("\n".join(problems) or f"    {count} links within the repository")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
