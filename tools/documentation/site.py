#!/usr/bin/env python3
"""The documentation as a site that needs no network, neither to be built nor to be read, also from file://.

Every Markdown file of the repository is a page, at the same path, so that links between files are links between pages.
A link to a folder leads to its README, or to a page with its files. What docs/README.md names, and in which order, is the
navigation. Sphinx does the rest, and takes a warning for an error."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import api_page
import links
import markdown_text
import theme

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = pathlib.Path(__file__).resolve().parent
OUTPUT = ROOT / "build/site"
STAGE = ROOT / "build/site-source"
INDEX = "docs/README.md"
OPENING = re.compile(r"^\*\*(?P<caption>[^*]+)\*\*\s*$")
LISTED_BYTES = 40_000  # of a file that is shown whole on its folder's page
# What a page may not load. Links that a reader clicks are not loaded.
LOADED = re.compile(r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\b(?:src|srcset)=["']?(https?:)?//|"""
                    r"""<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|preconnect|dns-prefetch|icon|manifest))[^>]*?\bhref=["']?(https?:)?//|"""
                    r"""url\(\s*["']?(https?:)?/|@import\s+["'](https?:)?/""", re.IGNORECASE)


class Stage:
    """The folder that Sphinx reads."""

    def __init__(self, files):
        self.files = set(files)
        self.folders = {str(parent) for name in files for parent in pathlib.PurePosixPath(name).parents}
        self.pages = {}      # path: text
        self.described = {}
        self.folder_pages = set()
        self.attached = set()

    def fill(self):
        for name in sorted(self.files):
            if name.endswith(".md"):
                self.pages[name] = (ROOT / name).read_text(encoding="utf-8")
        self.described = api_page.pages(ROOT)  # pages that the repository has as YAML; links lead to them
        self.pages |= self.described
        for name in list(self.pages):
            self.pages[name] = self.with_site_links(name)
        for folder in sorted(self.folder_pages):
            self.pages[f"{folder}/files.md"] = self.page_of_folder(folder)
        self.pages["index.md"] = self.index()

    def with_site_links(self, page):
        """The page's text with links to folders led to pages; what else it links goes along."""
        text = self.pages[page]
        fenced = {line for block in markdown_text.blocks_and_prose(text)[0]
                  for line in range(block.line, block.line + block.text.count("\n") + 2)}
        lines = text.splitlines(keepends=True)
        for number, line in enumerate(lines, 1):
            if number not in fenced:
                lines[number - 1] = markdown_text.LINK.sub(lambda found: self.site_link(page, found), line)
        return "".join(lines)

    def site_link(self, page, found):
        target = found["target"].strip("<>")
        path, hash_mark, anchor = target.partition("#")
        if links.ELSEWHERE.match(target) or not path:
            return found[0]
        name = links.normal(pathlib.PurePosixPath(page).parent / path)
        described = re.sub(r"\.yaml$", ".md", name or "")
        if described in self.described and described != page:
            return found[0].replace(f"({found['target']}", f"({re.sub('yaml$', 'md', path)}")
        if name in self.folders:
            if f"{name}/README.md" in self.files:
                inner = "README.md"
            else:
                self.folder_pages.add(name)
                inner = "files.md"
            return found[0].replace(f"({found['target']}", f"({path.rstrip('/')}/{inner}{hash_mark}{anchor}")
        if name in self.files and not name.endswith(".md"):
            self.attached.add(name)
        return found[0]

    def page_of_folder(self, folder):
        text = f"# {folder}\n"
        for name in sorted(self.files):
            if not name.startswith(folder + "/") or not (ROOT / name).is_file():
                continue
            content = (ROOT / name).read_bytes()
            text += f"\n## {name.removeprefix(folder + '/')}\n"
            if len(content) > LISTED_BYTES or b"\0" in content:
                text += f"\n{len(content)} bytes, in the repository.\n"
            else:
                language = {"cpp": "cpp", "h": "cpp", "qml": "qml", "js": "js", "py": "python", "html": "html",
                            "txt": "cmake" if name.endswith("CMakeLists.txt") else "text"}.get(name.rsplit(".", 1)[-1], "text")
                text += f"\n`````{language}\n{content.decode('utf-8', 'replace')}\n`````\n"
        return text

    def index(self):
        """The first page: README's opening, and the navigation as docs/README.md has it; links.py sees to it that all pages are there."""
        readme = self.pages["README.md"]
        opening = readme.split("\n## ", 1)[0].split("\n\n")
        groups, seen = [("Start here", ["README.md", INDEX])], {"README.md", INDEX}
        for _, line in markdown_text.blocks_and_prose(self.pages[INDEX])[1]:
            caption = OPENING.match(line)
            if caption:
                groups.append((caption["caption"], []))
            for found in markdown_text.LINK.finditer(line):
                name = links.normal(pathlib.PurePosixPath(INDEX).parent / found["target"].partition("#")[0])
                if name in self.pages and name not in seen:
                    seen.add(name)
                    groups[-1][1].append(name)
        groups.append(("More", sorted(set(self.pages) - seen - {"index.md"})))
        text = "\n\n".join(opening[:2]) + "\n"
        for caption, names in groups:
            text += f"\n```{{toctree}}\n:caption: {caption}\n:maxdepth: 1\n{hidden(caption)}\n"
            text += "\n".join(f"/{name.removesuffix('.md')}" for name in names) + "\n```\n"
        return text

    def write(self):
        shutil.rmtree(STAGE, ignore_errors=True)
        for name, text in self.pages.items():
            (STAGE / name).parent.mkdir(parents=True, exist_ok=True)
            (STAGE / name).write_text(text, encoding="utf-8")
        for name in self.attached:
            (STAGE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, STAGE / name)
        (STAGE / "_static").mkdir()
        shutil.copy2(HERE / "site.css", STAGE / "_static")
        shutil.copy2(HERE / "conf.py", STAGE)


def hidden(caption):
    return ":hidden:\n" if caption == "More" else ""


def build():
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-b", "html", "-d", str(ROOT / "build/site-trees"),
               str(STAGE), str(OUTPUT)]
    shutil.rmtree(OUTPUT, ignore_errors=True)
    return subprocess.run(command, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}).returncode


def loaded_from_elsewhere(folder):
    """What the site's files would load from another machine."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".html", ".css", ".js"):
            for found in LOADED.finditer(file.read_text(encoding="utf-8", errors="replace")):
                yield f"{file.relative_to(folder)}: {found[0][:120]}"


def main():
    stage = Stage(links.repository_files(ROOT))
    stage.fill()
    stage.write()
    status = build()
    if status:
        return status
    theme.mend(OUTPUT)
    problems = list(loaded_from_elsewhere(OUTPUT))
    print("\n".join(f"loads from elsewhere: {problem}" for problem in problems) or
          f"    {len(stage.pages)} pages: {OUTPUT / 'index.html'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
