"""buildpack/bin: what a platform asks of it. With MWS_STACK set to the tarball of a minimal Debian (./dev deploy buildpack) it builds there, as
a user that is not root, and runs what it built in another one that has nothing else."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

from root import Contained, run_in
from support import PATIENCE, ROOT, Client, free_port

STACK = os.environ.get("MWS_STACK")
SECURITY_TOKEN = "the-security-token-of-the-buildpack-test"
USER = "10002:10002"
BUILD_PATIENCE = 7200
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/app", "LANG": "C.UTF-8"}


def run(name, *arguments):
    return subprocess.run([ROOT / "buildpack/bin" / name, *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE)


class Scripts(unittest.TestCase):
    def test_detect_knows_this_project(self):
        done = run("detect", ROOT)
        self.assertEqual((done.returncode, done.stdout), (0, "MWS Gateway\n"))

    def test_detect_refuses_others(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(run("detect", folder).returncode, 1)
            (pathlib.Path(folder) / "CMakeLists.txt").write_text("project(other)\n")
            (pathlib.Path(folder) / "Procfile").write_text("web: other\n")
            done = run("detect", folder)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("no MWS Gateway", done.stderr)

    def test_release_says_what_the_procfile_says(self):
        said = yaml.safe_load(run("release", ROOT).stdout)
        self.assertEqual(said["default_process_types"], yaml.safe_load((ROOT / "Procfile").read_text()))
        self.assertEqual(said["addons"], [])

    def test_compile_names_what_is_wrong(self):
        done = run("compile")
        self.assertEqual(done.returncode, 1)
        self.assertIn("usage: bin/compile BUILD_DIR CACHE_DIR [ENV_DIR]", done.stderr)
        with tempfile.TemporaryDirectory() as folder:
            done = run("compile", folder, f"{folder}/cache")
            self.assertEqual(done.returncode, 1)
            self.assertIn("tools/packages/build.txt is missing", done.stderr)


@unittest.skipUnless(STACK, "./dev deploy buildpack")
class Trial(unittest.TestCase):
    def setUp(self):
        # The cache outlives the test, as a platform's does a build.
        self.cache = pathlib.Path(os.environ["MWS_BUILDPACK_CACHE"])
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("build", "env", "stack", "run"):
            (self.folder / name).mkdir()
        for name in ("stack", "run"):
            subprocess.run(["tar", "-xf", STACK, "-C", self.folder / name], check=True)
            for file in ("/etc/resolv.conf", "/etc/hosts"):
                shutil.copy(file, self.folder / name / file[1:])
        self._check_out()
        self._set({"ACCESS_CONTROL": "custom", "SECURITY_TOKEN": SECURITY_TOKEN})
        self.cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["chown", "-R", USER, self.folder / "build", self.folder / "env", self.cache], check=True)
        self.folder.chmod(0o755)

    def _check_out(self):
        """A clean checkout, as pushed."""
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", self.folder / "build"], input=archive, check=True)

    def _set(self, settings):
        for name, value in settings.items():
            (self.folder / "env" / name).write_text(value)

    def _compile(self):
        volumes = {self.folder / "build": "/tmp/build", self.cache: "/tmp/cache", self.folder / "env": "/tmp/env", ROOT / "buildpack": "/buildpack"}
        code, said = run_in(self.folder / "stack", USER, ENVIRONMENT, ["/buildpack/bin/compile", "/tmp/build", "/tmp/cache", "/tmp/env"], volumes=volumes,
                            patience=BUILD_PATIENCE)
        print(f"\n$ bin/compile /tmp/build /tmp/cache /tmp/env\n{said}", end="", flush=True)
        self.assertNotIn(SECURITY_TOKEN, said)
        return code, said

    def _start(self, port):
        """As a platform does: HOME and the working folder are /app, .profile.d first, then the Procfile's command."""
        command = yaml.safe_load((self.folder / "build/Procfile").read_text())["web"]
        script = f'cd /app; for part in .profile.d/*.sh; do . "$part"; done; exec {command}'
        environment = ENVIRONMENT | {"PORT": str(port), "SECURITY_TOKEN": SECURITY_TOKEN, "ACCESS_CONTROL": "custom"}
        return Contained(self.folder / "run", USER, environment, ["/bin/bash", "-c", script], volumes={self.folder / "build": "/app"})

    def test_builds_without_root_and_runs(self):
        for tool in ("usr/bin/g++", "usr/bin/cmake", "usr/lib/x86_64-linux-gnu/libQt6Core.so.6"):
            self.assertFalse((self.folder / "stack" / tool).exists(), tool)
        code, said = self._compile()
        self.assertEqual(code, 0)
        self.assertIn("The configuration is good.", said)
        self._serves()
        self._refuses_wrong_settings()

    def _serves(self):
        port = free_port()
        with self._start(port) as gateway:
            gateway.says(rf"listening address=:: port={port}")
            client = Client(port)
            with client.open(client.uri(SECURITY_TOKEN)) as socket:
                self.assertEqual(client.publish("from a slug", SECURITY_TOKEN), 1)
                self.assertEqual(socket.message(), "from a slug")
                self._loads_its_own(gateway)
                gateway.terminate()
                self.assertEqual(socket.close_code(), ([], 1001))
            self.assertEqual(gateway.wait(), 0)
            print(f"\n$ {(self.folder / 'build/Procfile').read_text().strip().removeprefix('web: ')}\n{gateway.log}", end="", flush=True)

    def _loads_its_own(self, gateway):
        loaded = pathlib.Path(f"/proc/{gateway.inner()}/maps").read_text()
        self.assertRegex(loaded, r"/\.mws/lib/libQt6Core\.so")
        self.assertEqual(re.findall(r"\S*/usr/\S*libQt6\S*", loaded), [])

    def _refuses_wrong_settings(self):
        """And the second build takes packages and objects from the cache."""
        shutil.rmtree(self.folder / "build/build")
        self._set({"MWS_SERVER_PROT": "1"})
        code, said = self._compile()
        self.assertEqual(code, 1)
        self.assertIn("packages, as they were", said)
        self.assertRegex(said, "did you mean MWS_SERVER_PORT")


if __name__ == "__main__":
    unittest.main()
