"""The release archive (tools/release.sh): of a commit, and byte for byte the same whoever makes it."""
import hashlib
import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest

import release_texts

ROOT = release_texts.ROOT
PATIENCE = 120  # seconds; only ends a hang
# As unlike as two makers can be.
MAKERS = ({"umask": "0002", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
          {"umask": "0077", "TZ": "Pacific/Auckland", "LC_ALL": "C", "XZ_OPT": "-0", "GIT_AUTHOR_NAME": "b", "HOME": "config"})


def shell(script, *arguments, folder, environment):
    subprocess.run(["bash", "-euc", script, "bash", *map(str, arguments)], cwd=folder, env=environment, check=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, capture_output=True)


class Archive(unittest.TestCase):
    def setUp(self):
        if not (ROOT / ".git").exists():
            self.skipTest("no repository here: there is no commit to make an archive of")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        # HEAD by itself, as somebody else has it, with what was not committed yet left out.
        self.clone = self._clone("clone")

    def _clone(self, name):
        shell('git clone -q --shared "$1" "$2"', ROOT, self.folder / name, folder=self.folder, environment=self.environment)
        return self.folder / name

    def made(self, clone, maker, name):
        """The archive by one of MAKERS."""
        environment = self.environment | {key: value for key, value in maker.items() if key != "umask"}
        if maker.get("HOME"):
            home = self.folder / maker["HOME"]
            home.mkdir(exist_ok=True)
            (home / ".gitconfig").write_text("[tar]\n\tumask = user\n[core]\n\tautocrlf = true\n\tabbrev = 20\n\tattributesFile = ~/attributes\n")
            (home / "attributes").write_text("*.md export-ignore\n")
            environment["HOME"] = str(home)
        output = self.folder / name
        shell(f'umask {maker["umask"]}; . tools/stage.sh; . "$1/tools/release.sh"; makeArchive HEAD "$2"', ROOT, output, folder=clone, environment=environment)
        return output

    def test_is_the_commit_and_the_same_whoever_makes_it(self):
        other = self._clone("somewhere-else")
        (other / "README.md").write_text("not committed\n")
        made = [self.made(self.clone, MAKERS[0], "a.tar.xz"), self.made(other, MAKERS[1], "b.tar.xz")]
        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in made]
        self.assertEqual(digests[0], digests[1])
        self.holds_the_commit_and_nothing_else(made[1])

    def holds_the_commit_and_nothing_else(self, path):
        version = release_texts.project_version((self.clone / "CMakeLists.txt").read_text())
        commit, seconds = subprocess.run(["git", "log", "-1", "--format=%H %ct"], cwd=self.clone, capture_output=True, text=True, check=True).stdout.split()
        with tarfile.open(path) as archive:
            members = archive.getmembers()
            said = archive.extractfile(f"mws-gateway-{version}/.git_archival.txt").read().decode()
        prefix = f"mws-gateway-{version}/"
        names = [member.name.removeprefix(prefix) for member in members if not member.isdir()]
        self.assertEqual(set(names), set(release_texts.tracked_files(self.clone)))
        self.assertEqual({(member.uid, member.gid, member.mtime) for member in members}, {(0, 0, int(seconds))})
        self.assertEqual({member.mode for member in members if member.isfile()}, {0o644, 0o755})
        self.assertIn(f"commit: {commit}\n", said)
        self.assertNotIn("$Format", said)


if __name__ == "__main__":
    unittest.main()
