"""project(VERSION), the changelog, and what `--version` says of the commit."""
import os
import pathlib
import subprocess
import tempfile
import unittest

import release_texts

ROOT = release_texts.ROOT
GATEWAY = os.environ["MWS_GATEWAY_EXECUTABLE"]
CMAKE = os.environ["MWS_CMAKE"]
SCRIPT = ROOT / "cmake/MwsVersion.cmake"
PATIENCE = 60  # seconds; only ends a hang


def run(*command, folder=None, environment=None):
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout


class Texts(unittest.TestCase):
    def test_version_is_in_one_place_and_changelog_has_it(self):
        if not (ROOT / ".git").exists():
            self.skipTest("no repository here: which files are ours is not known")
        self.assertEqual(release_texts.problems(), [])

    def test_one_version_of_three_numbers(self):
        self.assertEqual(release_texts.project_version("project(a VERSION 1.20.3 LANGUAGES CXX)"), "1.20.3")
        for text in ("project(a LANGUAGES CXX)", "project(a VERSION 1.2)", "project(a VERSION 1.02.3)"):
            with self.assertRaisesRegex(ValueError, "VERSION"):
                release_texts.project_version(text)

    def test_finds_the_version_by_itself(self):
        self.assertEqual(release_texts.lines_with("1.2.3", "v1.2.3\n11.2.3 1.2.3.4 1.2.34 0.1.2.3\nis 1.2.3."), [1, 3])

    def test_changelog(self):
        good = "## [Unreleased]\n### Added\n## [1.1.0] - 2026-01-02\n### Fixed\n## [1.0.0] - 2026-01-01\n"
        self.assertEqual(release_texts.changelog_problems(good, "1.1.0"), [])
        self.assertEqual(release_texts.changelog_problems(good, "1.2.0"), [], "what is not released yet")
        for text, version, problem in ((good, "1.0.5", "no section for 1.0.5"), (good.replace("[Unreleased]", "[2.0.0] - 2026-02-02"), "2.0.1", "no section"),
                                       (good.replace("1.1.0", "0.9.0"), "1.0.0", "newest first"), (good.replace("Fixed", "Mended"), "1.1.0", "Mended"),
                                       (good.replace("2026-01-02", "today"), "1.0.0", "heading '[1.1.0] - today'")):
            self.assertIn(problem, "\n".join(release_texts.changelog_problems(text, version)))


class Executable(unittest.TestCase):
    def test_says_version_and_commit(self):
        version = release_texts.project_version((ROOT / "CMakeLists.txt").read_text())
        self.assertRegex(run(GATEWAY, "--version"), rf"^mws-gateway {version}( \([A-Za-z0-9._+/-]+\))?\n$")


class Revision(unittest.TestCase):
    """The script that each build runs, on repositories of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.source, self.output = self.folder / "source", self.folder / "version.cpp"
        self.source.mkdir()
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1"}
        for who in ("AUTHOR", "COMMITTER"):
            self.environment |= {f"GIT_{who}_NAME": "a", f"GIT_{who}_EMAIL": "a@b", f"GIT_{who}_DATE": "2026-01-01T00:00:00Z"}

    def git(self, *arguments, folder=None):
        return run("git", *arguments, folder=folder or self.source, environment=self.environment).strip()

    def commit(self, text):
        (self.source / "file").write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", text)

    def written(self, *definitions, environment=None):
        run(CMAKE, f"-DSOURCE={self.source}", f"-DOUTPUT={self.output}", "-DVERSION=1.2.3", *definitions, "-P", SCRIPT, environment=environment or self.environment)
        for line in self.output.read_text().splitlines():
            if "versionText" in line:
                return line.split('"')[1]
        return None

    def test_follows_the_commit_and_writes_only_what_is_new(self):
        self.git("init", "-q")
        self.commit("one")
        head = self.git("rev-parse", "HEAD")[:10]
        self.assertEqual(self.written(), f"1.2.3 ({head})")
        os.utime(self.output, (1, 1))
        self.written()
        self.assertEqual(self.output.stat().st_mtime, 1, "the same commit: nothing is compiled anew")
        self.git("tag", "v1.2.3")
        self.assertEqual(self.written(), "1.2.3 (v1.2.3)")
        self.commit("two")
        head = self.git("rev-parse", "HEAD")[:10]
        self.assertEqual(self.written(), f"1.2.3 (v1.2.3-1-g{head})")
        (self.source / "file").write_text("three")
        self.assertEqual(self.written(), f"1.2.3 (v1.2.3-1-g{head}-dirty)")

    def test_without_repository_or_git_it_is_the_version(self):
        self.assertEqual(self.written(), "1.2.3")
        self.git("init", "-q")
        self.commit("one")
        self.assertEqual(self.written("-DGIT_PROGRAM=GIT_PROGRAM-NOTFOUND"), "1.2.3", "there is no git")
        lonely = self.folder / "bin"
        lonely.mkdir()
        (lonely / "git").write_text("#!/bin/sh\nexit 128\n")
        (lonely / "git").chmod(0o755)
        self.assertEqual(self.written(environment=self.environment | {"PATH": f"{lonely}:/usr/bin:/bin"}), "1.2.3", "git refuses")

    def test_an_outer_repository_is_not_ours(self):
        self.git("init", "-q", folder=self.folder)
        self.assertEqual(self.written(), "1.2.3")

    def test_an_archive_says_what_it_was_made_from(self):
        self.git("init", "-q")
        for name in (".git_archival.txt", ".gitattributes"):
            (self.source / name).write_text((ROOT / name).read_text())
        self.commit("one")
        for tag in (None, "v1.2.3"):
            if tag:
                self.git("tag", tag)
            head = self.git("rev-parse", "HEAD")[:10]
            target = self.folder / f"archive-{tag}"
            target.mkdir()
            archive = subprocess.run(["git", "archive", "HEAD"], cwd=self.source, env=self.environment, capture_output=True, check=True).stdout
            subprocess.run(["tar", "-x", "-C", target], input=archive, check=True)
            checkout, self.source = self.source, target
            self.assertEqual(self.written(), f"1.2.3 ({tag or head})")
            self.source = checkout

    def test_a_given_revision_wins_and_is_checked(self):
        self.assertEqual(self.written("-DREVISION=abc123"), "1.2.3 (abc123)")
        with self.assertRaises(subprocess.CalledProcessError) as failed:
            self.written('-DREVISION=a"; bad')
        self.assertIn("MWS_REVISION", failed.exception.stderr)


if __name__ == "__main__":
    unittest.main()
