"""config/deploy/post-receive: pushed to twice, with a client and a publisher that go on all the time.

What is pushed is a small commit whose build copies the executable under test; with MWS_DEPLOY_REPOSITORY set (./dev deploy push) it is the
HEAD of that repository, built as it stands there, and what git and the hook say is printed (MWS_DEPLOY_SHOW does that alone).
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from support import PATIENCE, ROOT, Client, Program, Refused, free_port, until

EXECUTABLE = os.environ["MWS_GATEWAY_EXECUTABLE"]
REPOSITORY = os.environ.get("MWS_DEPLOY_REPOSITORY")
SECURITY_TOKEN = "the-security-token-of-the-push-test"
REDIS_PASSWORD = "the-password-of-redis-in-the-push-test"
BUILD_PATIENCE = 3600 if REPOSITORY else 2 * PATIENCE
GIT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
       "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}


def show(text):
    if REPOSITORY or "MWS_DEPLOY_SHOW" in os.environ:
        print(text, flush=True)


class Application:
    """A bare repository with the hook, its settings, and a clone to push from."""

    def __init__(self, folder, settings):
        self.folder = pathlib.Path(folder)
        self.repository, self.clone = self.folder / "app/mws.git", self.folder / "clone"
        self.git("init", "-q", "--bare", self.repository, at=self.folder)
        self.hook = self.repository / "hooks/post-receive"
        shutil.copy(ROOT / "config/deploy/post-receive", self.hook)
        self.configure(settings)
        self._make_clone()

    def configure(self, settings):
        lines = settings if REPOSITORY else {"DEPLOY_BUILD": f"mkdir -p build/release && ln -s {EXECUTABLE} build/release/mws-gateway"} | settings
        (self.repository.parent / "deploy.env").write_text("".join(f"{key}={value}\n" for key, value in lines.items()))

    def _make_clone(self):
        if REPOSITORY:
            self.git("clone", "-q", "--no-hardlinks", REPOSITORY, self.clone, at=self.folder)
        else:
            self.git("init", "-q", self.clone, at=self.folder)
            (self.clone / "docker").mkdir()
            for name in ("Procfile", "docker/healthcheck.sh"):
                shutil.copy(ROOT / name, self.clone / name)
            self.git("add", "-A")
            self.git("commit", "-q", "-m", "first")
        self.git("remote", "add", "production", self.repository)

    def git(self, *arguments, at=None, check=True):
        """What it said, both streams."""
        # ccache takes the language for a part of what it looks for.
        environment = GIT | {name: os.environ[name] for name in ("CCACHE_DIR", "LANG", "LC_ALL") if name in os.environ}
        done = subprocess.run(["git", *arguments], cwd=at or self.clone, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, timeout=BUILD_PATIENCE)
        if check and done.returncode:
            raise AssertionError(f"git {arguments}: {done.stdout}")
        return done.stdout

    def push(self, message):
        """What the pusher sees. git says nothing of a hook's exit code after the push."""
        self.git("commit", "-q", "--allow-empty", "-m", message)
        show("\n$ git push production HEAD:main")
        said = self.git("push", "production", "HEAD:refs/heads/main")
        show(re.sub(r" *$", "", said, flags=re.MULTILINE).rstrip())
        return said

    def run(self, command):
        """(exit code, what it said) of `hooks/post-receive COMMAND`."""
        done = subprocess.run([self.hook, command], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False, timeout=2 * PATIENCE)
        return done.returncode, done.stdout + done.stderr

    def logs(self):
        return "".join(path.read_text() for path in self.repository.parent.glob("log/*.log"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run("stop")


class Traffic:
    """A client that reconnects as docs/clients.md says, and a publisher of numbered messages."""

    def __init__(self, port):
        self.client = Client(port)
        self.received, self.codes, self.counted, self.uncounted, self.failures = set(), [], set(), set(), []
        self.opened = 0
        self.longest_gap = 0.0
        self._publishing, self._listening = True, True
        self._publisher = threading.Thread(target=self._publish, daemon=True)
        self._listener = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self):
        self._listener.start()
        self._publisher.start()
        self.flows()
        return self

    def __exit__(self, *_):
        self._publishing = False
        self._publisher.join(PATIENCE)
        until(lambda: self.counted <= self.received, "what was counted to arrive")
        self._listening = False
        self.client.publish("0", SECURITY_TOKEN)  # wakes the listener
        self._listener.join(PATIENCE)

    def flows(self):
        """Messages are accepted and arrive again."""
        before = len(self.received)
        until(lambda: len(self.received) > before + 20, "messages to arrive")

    def _listen(self):
        while self._listening:
            with contextlib.suppress(OSError, Refused, AssertionError), self.client.open(self.client.uri(SECURITY_TOKEN)) as socket:
                self.opened += 1
                self.codes.append(self._end_of(socket))
            time.sleep(0.05)  # as a client's pause

    def _end_of(self, socket):
        """Its close code; None where it ends without."""
        while True:
            try:
                kind, value = socket.event()
            except OSError:
                return None
            if kind == "close":
                return value
            if kind == "message":
                self.received.add(int(value))
                if not self._listening:
                    return 1000

    def _publish(self):
        number, answered = 0, time.monotonic()
        while self._publishing:
            number += 1
            try:
                matched = self.client.publish(str(number), SECURITY_TOKEN)
            except (OSError, AssertionError) as error:
                self.failures.append(str(error))
                time.sleep(0.02)
                continue
            (self.counted if matched else self.uncounted).add(number)
            self.longest_gap = max(self.longest_gap, time.monotonic() - answered)
            answered = time.monotonic()
            time.sleep(0.005)

    def summary(self):
        return (f"{len(self.counted)} messages were accepted for an open socket and {len(self.counted - self.received)} of them lost; "
                f"{len(self.uncounted)} were accepted by a release that had no socket then, {len(self.uncounted & self.received)} of which arrived; "
                f"{len(self.failures)} posts failed; the longest time without an answer was {self.longest_gap:.2f} s; "
                f"sockets: {self.opened}, closed with {self.codes[:-1]}")


@contextlib.contextmanager
def redis():
    """Its port."""
    program = next(path for path in ("/usr/bin/redis-server", "/usr/bin/redis-check-rdb") if os.path.exists(path))
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        server = pathlib.Path(folder) / "redis-server"  # the package redis-tools has it by another name, which it goes by
        server.symlink_to(program)
        (pathlib.Path(folder) / "redis.conf").write_text(f"bind 127.0.0.1\nport {port}\nrequirepass {REDIS_PASSWORD}\nappendonly yes\ndir {folder}\n")
        with Program([server, f"{folder}/redis.conf"], {"PATH": "/usr/bin:/bin"}) as running:
            running.says("Ready to accept connections")
            yield port


@contextlib.contextmanager
def balancer(folder, ports):
    """The port of haproxy with config/haproxy.cfg, less its third node."""
    lines = (ROOT / "config/haproxy.cfg").read_text().splitlines(keepends=True)
    path = pathlib.Path(folder) / "haproxy.cfg"
    path.write_text("".join(line for line in lines if "server node3" not in line))
    port = free_port()
    environment = {"MWS_LISTEN": f"127.0.0.1:{port}", "MWS_DESCRIPTORS": "1000"} | {f"MWS_NODE_{number}": f"127.0.0.1:{node}" for number, node in enumerate(ports, 1)}
    with Program([os.environ["MWS_HAPROXY"], "-db", "-f", path], environment):
        yield port


class Push(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.settings = {"PORT": free_port(), "SECURITY_TOKEN": SECURITY_TOKEN, "ACCESS_CONTROL": "custom", "MWS_SERVER_ADDRESS": "127.0.0.1"}

    def _keeps_secrets(self, application, *said):
        texts = [application.logs(), *said]
        for secret in (SECURITY_TOKEN, REDIS_PASSWORD):
            self.assertFalse(any(secret in text for text in texts), "a secret is in a log")

    def _both_releases_served(self, traffic):
        self.assertEqual(traffic.codes[0], 1001)
        self.assertGreaterEqual(traffic.opened, 2)
        self.assertEqual(traffic.counted - traffic.received, set())
        self.assertGreater(len(traffic.counted), 40)

    def test_second_push_in_place(self):
        with Application(self.folder, self.settings) as application:
            first = application.push("one")
            self.assertIn("deployed", first)
            with Traffic(self.settings["PORT"]) as traffic:
                second = application.push("two")
                self.assertRegex(second, r"stopping the release before(?s:.*)ready, \d+ ms after")
                until(lambda: traffic.codes, "the client's 1001")
                traffic.flows()
            show(f"\n{traffic.summary()}")
            self._both_releases_served(traffic)
            self.assertIn("exited with code 0", application.logs())
            self.assertEqual(application.run("status")[0], 0)
            self._keeps_secrets(application, first, second)
        self.assertEqual(application.run("status"), (1, " !     nothing runs\n"))

    def test_second_push_with_overlap_behind_a_balancer(self):
        ports = free_port(), free_port()
        with redis() as redis_port, balancer(self.folder, ports) as port:
            settings = self.settings | {"DEPLOY_PORTS": f"{ports[0]} {ports[1]}", "MWS_SERVER_TRUST_FORWARDED": "true", "MWS_SERVER_DRAIN_DELAY": "3s",
                                        "REDIS_URL": f"redis://:{REDIS_PASSWORD}@127.0.0.1:{redis_port}"}
            with Application(self.folder, settings) as application:
                first = application.push("one")
                until(lambda: self._is_up(port), "the balancer to find the first release")
                with Traffic(port) as traffic:
                    second = application.push("two")
                    self.assertRegex(second, r"ready(?s:.*)draining the release before")
                    until(lambda: traffic.codes, "the client's 1001")
                    traffic.flows()
                show(f"\n{traffic.summary()}")
                self._both_releases_served(traffic)
                self.assertEqual(traffic.failures, [])
                self._keeps_secrets(application, first, second)

    @staticmethod
    def _is_up(port):
        with contextlib.suppress(OSError):
            return Client(port).ask("GET", "/health/ready")[0] == 200

    def test_a_broken_release_leaves_the_one_before(self):
        if REPOSITORY:
            self.skipTest("the same without the long build")
        with Application(self.folder, self.settings) as application:
            application.push("good")
            good = application.run("status")[1]
            application.configure(self.settings | {"DEPLOY_BUILD": "echo broken; false"})
            self.assertIn("the build failed; what runs stays as it is", application.push("does not build"))
            application.configure(self.settings | {"MWS_SERVER_PROT": "1"})
            self.assertIn("did you mean MWS_SERVER_PORT?", application.push("refuses its settings"))
            application.configure(self.settings)
            (application.clone / "Procfile").write_text("web: false\n")
            application.git("add", "-A")
            said = application.push("ends at once")
            self.assertIn("the one before runs again", said)
            self.assertEqual(application.run("status")[1], good)
            self.assertTrue(self._is_up(self.settings["PORT"]))
            self.assertEqual(len(list((application.repository.parent / "releases").glob("2*"))), 1)

    def test_other_branches_are_stored_only(self):
        if REPOSITORY:
            self.skipTest("the same without the long build")
        with Application(self.folder, self.settings) as application:
            said = application.git("push", "production", "HEAD:refs/heads/topic")
            self.assertIn("refs/heads/topic is stored; refs/heads/main is what is deployed", said)
            self.assertEqual(application.run("status")[0], 1)

    def test_wrong_settings_are_named(self):
        application = Application(self.folder, self.settings)
        for settings, wanted in (({"PORT": "many"}, "'many' is no port"), ({"DEPLOY_PORTS": "1 2"}, "DEPLOY_PORTS need REDIS_URL"),
                                 ({"DEPLOY_PORTS": "1", "REDIS_URL": "redis://a"}, "DEPLOY_PORTS are two ports"),
                                 ({"DEPLOY_PORTS": "1 2", "MWS_SERVER_STATE_DIR": "/a"}, "MWS_SERVER_STATE_DIR is for one release at a time")):
            application.configure(settings)
            code, said = application.run("status")
            self.assertEqual(code, 1)
            self.assertIn(wanted, said)
        application.configure(self.settings)
        self.assertRegex(application.run("restart")[1], "unknown command 'restart'; there are start, stop and status")

    def test_starts_again_after_a_reboot_and_after_a_crash(self):
        if REPOSITORY:
            self.skipTest("the same without the long build")
        with Application(self.folder, self.settings) as application:
            application.push("one")
            self.assertEqual(application.run("stop")[0], 0)
            self.assertFalse(self._is_up(self.settings["PORT"]))
            self.assertEqual(application.run("start"), (0, ""))
            self.assertTrue(self._is_up(self.settings["PORT"]))
            self.assertRegex(application.run("start")[1], "it runs already")
            self._kill_gateway(application)
            until(lambda: self._is_up(self.settings["PORT"]), "it to be started again")

    def _kill_gateway(self, application):
        """As a crash: SIGKILL for the process of this release that is the gateway."""
        supervisor = (application.repository.parent / f"run/{self.settings['PORT']}.pid").read_text().strip()
        foreman = subprocess.run(["ps", "-o", "pid=", "--ppid", supervisor], capture_output=True, text=True, check=True).stdout.split()[0]
        gateway = subprocess.run(["ps", "-o", "pid=", "--ppid", foreman], capture_output=True, text=True, check=True).stdout.split()[0]
        os.kill(int(gateway), signal.SIGKILL)
        until(lambda: not self._is_up(self.settings["PORT"]), "its end")


if __name__ == "__main__":
    unittest.main()
