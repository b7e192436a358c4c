"""What the version is, and that nothing else says another one. `./dev lint` runs this too, without a build."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Records of what was printed at their time, and versions of others.
RECORDS = re.compile(r"^(CHANGELOG\.md|docs/.*|tests/upgrade/.*|.*package-lock\.json)$")


def project_version(cmake_lists):
    """The one of project(VERSION)."""
    found = re.findall(r"(?m)^project\([^)]*\bVERSION (\S+)", cmake_lists)
    if len(found) != 1 or not re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", found[0]):
        raise ValueError(f"CMakeLists.txt: wants one project(… VERSION MAJOR.MINOR.PATCH …), has {found}")
    return found[0]


def lines_with(version, text):
    """The numbers of the lines that have the version by itself, not within a longer one or an address."""
    pattern = re.compile(rf"(?<![\d.]){re.escape(version)}(?![\d]|\.\d)")
    return [number for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)]


def changelog_problems(text, version):
    """What is wrong with the changelog: https://keepachangelog.com/en/1.1.0/"""
    headings = re.findall(r"(?m)^## (.*)$", text)
    problems = [f"heading '{heading}' is neither [Unreleased] nor [X.Y.Z] - YYYY-MM-DD" for heading in headings
                if not re.fullmatch(r"\[Unreleased\]|\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}( \[YANKED\])?", heading)]
    released = re.findall(r"(?m)^## \[(\d+\.\d+\.\d+)\] - ", text)
    numbers = [tuple(map(int, name.split("."))) for name in released]
    if numbers != sorted(set(numbers), reverse=True):
        problems.append(f"versions are not each once, newest first: {', '.join(released)}")
    if "## [Unreleased]" in text and headings[0] != "[Unreleased]":
        problems.append("[Unreleased] is not the first section")
    if version not in released and not ("[Unreleased]" in headings and tuple(map(int, version.split("."))) > max(numbers, default=(0,))):
        problems.append(f"no section for {version}, the version of CMakeLists.txt, and no [Unreleased] that it could become")
    kinds = re.findall(r"(?m)^### (.*)$", text)
    known = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Worth knowing before you deploy"}
    problems += [f"'### {kind}' is no kind of change ({', '.join(sorted(known))})" for kind in kinds if kind not in known]
    return problems


def tracked_files(root):
    return subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True, check=True).stdout.split("\0")[:-1]


def problems(root=ROOT):
    version = project_version((root / "CMakeLists.txt").read_text())
    found = [f"CHANGELOG.md: {problem}" for problem in changelog_problems((root / "CHANGELOG.md").read_text(), version)]
    for name in tracked_files(root):
        path = root / name
        if RECORDS.match(name) or path.is_symlink() or not path.is_file():
            continue
        lines = lines_with(version, path.read_bytes().decode(errors="replace"))
        if name == "CMakeLists.txt":
            lines = lines[1:]
        found += [f"{name}:{line}: repeats the version, {version}; CMakeLists.txt is the one place for it" for line in lines]
    return found


if __name__ == "__main__":
    texts = problems()
    print("\n".join(texts) if texts else "the version stands in one place, and the changelog has a section for it")
    raise SystemExit(1 if texts else 0)
