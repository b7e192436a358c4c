"""The image of docker/Dockerfile, as buildah has built and mounted it (./dev deploy image): run as process 1, user 10001, on a root that
cannot be written. MWS_IMAGE_ROOT is the mounted root, MWS_IMAGE_INSPECT what `buildah inspect` said of it."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from root import Contained, image_configuration, run_in
from support import PATIENCE, ROOT, Client, free_port, until

IMAGE = pathlib.Path(os.environ["MWS_IMAGE_ROOT"])
CONFIGURATION = image_configuration(os.environ["MWS_IMAGE_INSPECT"])
SECURITY_TOKEN = "the-security-token-of-the-image-test"
USER = "10001:10001"


class Image(unittest.TestCase):
    def setUp(self):
        self.state = self.enterContext(tempfile.TemporaryDirectory())
        os.chown(self.state, 10001, 10001)
        self.port = free_port()
        self.environment = dict(pair.split("=", 1) for pair in CONFIGURATION["Env"]) | {
            "PORT": str(self.port), "SECURITY_TOKEN": SECURITY_TOKEN, "ACCESS_CONTROL": "custom", "MWS_SERVER_DRAIN_DELAY": "5s"}
        self.client = Client(self.port)

    def _start(self, **environment):
        return Contained(IMAGE, USER, self.environment | environment, CONFIGURATION["Entrypoint"], volumes={self.state: "/var/lib/mws-gateway"}, read_only=True)

    def _health(self, what):
        """The exit code of the image's own check."""
        return run_in(IMAGE, USER, self.environment, ["/usr/local/bin/mws-healthcheck", what], read_only=True, patience=PATIENCE)[0]

    def test_says_how_it_is_to_be_run(self):
        self.assertEqual(CONFIGURATION["User"], "mws")
        self.assertRegex((IMAGE / "etc/passwd").read_text(), r"(?m)^mws:x:10001:10001:.*:/usr/sbin/nologin$")
        self.assertEqual(list(CONFIGURATION["Volumes"]), ["/var/lib/mws-gateway"])
        self.assertEqual(list(CONFIGURATION["ExposedPorts"]), ["8080/tcp"])
        self.assertEqual(CONFIGURATION["StopSignal"], "SIGTERM")
        self.assertEqual(CONFIGURATION["Entrypoint"], ["/usr/local/bin/mws-gateway"])
        self.assertEqual(CONFIGURATION["Healthcheck"]["Test"], ["CMD", "/usr/local/bin/mws-healthcheck", "live"])
        self.assertEqual(CONFIGURATION["Labels"]["org.opencontainers.image.licenses"], "MIT")
        self.assertRegex(CONFIGURATION["Labels"]["org.opencontainers.image.revision"], r"^[0-9a-f]{40}$")

    def test_has_nothing_that_is_not_needed(self):
        for name in ("src", "usr/bin/g++", "usr/bin/cmake", "tmp/packages.txt", "usr/share/doc/libqt6core6/changelog.Debian.gz"):
            self.assertFalse((IMAGE / name).exists(), name)
        self.assertEqual(list((IMAGE / "var/lib/apt/lists").glob("*_Packages*")), [])
        self.assertEqual((IMAGE / "usr/local/bin/mws-healthcheck").read_bytes(), (ROOT / "docker/healthcheck.sh").read_bytes())

    def test_serves_and_drains_without_a_write_to_its_root(self):
        before = self._newest()
        with self._start() as gateway:
            gateway.says(r"listening address=:: port=")
            identity = pathlib.Path(f"/proc/{gateway.inner()}/status").read_text()
            self.assertRegex(identity, r"(?m)^Uid:\t10001\t10001\t10001\t10001$")
            self.assertRegex(identity, r"(?m)^NSpid:\t\d+\t1$")
            self.assertEqual((self._health("live"), self._health("ready")), (0, 0))
            with self.client.open(self.client.uri(SECURITY_TOKEN)) as socket:
                self.assertEqual(self.client.publish("hello", SECURITY_TOKEN), 1)
                self.assertEqual(socket.message(), "hello")
                gateway.terminate()
                until(lambda: self._health("ready") != 0, "not ready while it waits for the balancer")
                self.assertEqual(self._health("live"), 0)
                self.assertEqual(socket.close_code(), ([], 1001))
            self.assertEqual(gateway.wait(), 0)
            self.assertNotIn(SECURITY_TOKEN, gateway.log)
            self.assertNotRegex(gateway.log, "(?i)cannot be written|not kept")
            print(gateway.log, flush=True)
        self.assertNotEqual(self._health("live"), 0)
        self.assertEqual(self._newest(), before)
        self.assertIn("gateways.json", os.listdir(self.state))

    def _newest(self):
        """The latest change of a file in the root."""
        said = subprocess.run(["find", IMAGE, "-xdev", "-type", "f", "-printf", "%T@ %p\n"], capture_output=True, text=True, check=True, timeout=PATIENCE).stdout
        return max((line.split(" ", 1) for line in said.splitlines()), key=lambda pair: float(pair[0]))

    def test_its_root_cannot_be_written(self):
        code, said = run_in(IMAGE, "0:0", self.environment, ["/bin/bash", "-c", "echo x >/usr/x"], read_only=True, patience=PATIENCE)
        self.assertNotEqual(code, 0)
        self.assertIn("Read-only file system", said)

    def test_a_wrong_setting_ends_it_with_2(self):
        with self._start(MWS_SERVER_PROT="1") as gateway:
            self.assertEqual(gateway.wait(), 2)
            self.assertRegex(gateway.log, "MWS_SERVER_PROT: no option has this name")


if __name__ == "__main__":
    unittest.main()
