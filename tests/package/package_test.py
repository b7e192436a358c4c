"""The Debian package, installed, upgraded, removed and purged in a clean root: first as in a container, without a service manager,
then on a machine that systemd has booted. `./dev package --test` runs it; needs root."""
import os
import pathlib
import re
import shutil
import stat
import subprocess
import unittest

import machine

PACKAGE = pathlib.Path(os.environ["MWS_PACKAGE"])
ROOT = pathlib.Path(os.environ["MWS_PACKAGE_ROOT"])
HERE = pathlib.Path(__file__).resolve().parent
# What changes on any machine whatever is installed.
PASSING = re.compile(r"^(proc|sys|dev|run|tmp|root|var/cache|var/log|var/lib/apt|var/lib/systemd/(catalog|random-seed|timers|timesync)|var/lib/private|var/tmp|"
                     r"etc/(machine-id|hostname|resolv\.conf|hosts|mtab|ld\.so\.cache)|usr/local/share/ca-certificates|var/lib/dpkg/(info/format|.*-old|lock.*|triggers/.*|available))(/|$)")
ACCOUNTS = ("passwd", "group", "shadow", "gshadow", "subuid", "subgid")


def files(root):
    """{path: (kind and permissions, owner, group)} of all that lasts."""
    found = {}
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            path = pathlib.Path(folder, name)
            relative = str(path.relative_to(root))
            if PASSING.match(relative) or (relative.startswith("etc/") and relative.rstrip("-") in {f"etc/{account}" for account in ACCOUNTS}):
                continue
            status = path.lstat()
            found[relative] = (stat.filemode(status.st_mode), status.st_uid, status.st_gid)
        folders[:] = [name for name in folders if not PASSING.match(str(pathlib.Path(folder, name).relative_to(root)))]
    return found


def account_lines(root):
    return {name: {line for line in (root / "etc" / name).read_text().splitlines() if not line.startswith("mws-gateway:")} for name in ACCOUNTS if (root / "etc" / name).exists()}


def said_of(package, field):
    return machine.finished(["dpkg-deb", "-f", package, field]).strip()


def higher_version(folder):
    """The same package as of a later version."""
    tree = folder / "later"
    machine.finished(["dpkg-deb", "--raw-extract", PACKAGE, tree])
    control = tree / "DEBIAN/control"
    version = said_of(PACKAGE, "Version") + "+later1"
    control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text()))
    package = folder / "later.deb"
    machine.finished(["dpkg-deb", "--root-owner-group", "--build", tree, package])
    shutil.rmtree(tree)
    return package, version


class Installed(unittest.TestCase):
    """One after the other on one root, as their names are sorted; both leave it as it was."""

    @classmethod
    def setUpClass(cls):
        shutil.copy(PACKAGE, ROOT / "mws-gateway.deb")
        later, cls.later_version = higher_version(ROOT)
        cls.version = said_of(PACKAGE, "Version")
        later.rename(ROOT / "mws-gateway-later.deb")
        cls.before = files(ROOT)
        cls.accounts = account_lines(ROOT)

    def assert_nothing_is_left(self):
        now = files(ROOT)
        self.assertEqual({path: now[path] for path in set(now) - set(self.before)}, {})
        self.assertEqual({path: (self.before[path], now.get(path)) for path in self.before if now.get(path) != self.before[path]}, {})
        self.assertEqual(account_lines(ROOT), self.accounts)
        self.assertIn("mws-gateway:", (ROOT / "etc/passwd").read_text(), "the user stays, so that nobody inherits its number")
        self.assertRegex((ROOT / "etc/shadow").read_text(), r"(?m)^mws-gateway:!", "and is locked")

    def test_1_without_a_service_manager(self):
        keep = ("-o", "APT::Keep-Downloaded-Packages=true", "-qq", "-y", "--no-install-recommends")
        machine.chrooted(ROOT, "apt-get", "-qq", "update", network=True)
        machine.chrooted(ROOT, "apt-get", *keep, "install", "/mws-gateway.deb", network=True)
        self.assertRegex(machine.chrooted(ROOT, "mws-gateway", "--version"), rf"^mws-gateway {re.escape(self.version)}\b")
        self.assertEqual(machine.chrooted(ROOT, "stat", "-c", "%A %U:%G", "/etc/mws-gateway/mws-gateway.toml", "/etc/mws-gateway/secrets.env", "/var/lib/mws-gateway").split("\n")[:3],
                         ["-rw-r----- root:mws-gateway"] * 2 + ["drwx------ mws-gateway:mws-gateway"])
        said = machine.chrooted(ROOT, "bash", "-euc", r"""
            ip link set lo up
            cd /var/lib/mws-gateway
            setpriv --reuid mws-gateway --regid mws-gateway --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
                env STATE_DIRECTORY=/var/lib/mws-gateway mws-gateway --config /etc/mws-gateway/mws-gateway.toml &
            until curl -fsS http://127.0.0.1:8080/ 2>/dev/null; do kill -0 $!; sleep 0.1; done
            kill -TERM $!
            wait $!
            echo "ended with $?"
            """)
        self.assertIn('{"name":"MWS"}', said.replace(" ", ""))
        self.assertIn("ended with 0", said)
        machine.chrooted(ROOT, "apt-get", "-qq", "-y", "purge", "mws-gateway")
        machine.chrooted(ROOT, "apt-get", "-qq", "-y", "--purge", "autoremove")
        self.assert_nothing_is_left()

    def test_2_with_systemd(self):
        with machine.Machine(ROOT) as host:
            self.machine = host
            try:
                self.life_of_a_package()
            except Exception:
                print(host.journal())
                raise
        self.assert_nothing_is_left()

    def life_of_a_package(self):
        self.installs()
        self.is_confined()
        self.reloads()
        self.comes_back_after_a_crash()
        self.does_not_hammer_with_a_wrong_configuration()
        self.drains_over_an_upgrade()
        self.takes_the_drop_in_of_the_page()
        self.remove_keeps_what_is_the_users()

    def apt(self, *arguments):
        return self.machine.run("apt-get", "-qq", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", *arguments)

    def answer(self, path="/", port=8080):
        return self.machine.run("curl", "-fsS", f"http://127.0.0.1:{port}{path}")

    def process(self):
        return self.machine.show("MainPID")["MainPID"]

    def installs(self):
        self.apt("install", "/mws-gateway.deb")
        shown = self.machine.show("ActiveState", "SubState", "StatusText", "UnitFileState", "User")
        self.assertEqual(shown, {"ActiveState": "active", "SubState": "running", "StatusText": "Serving", "UnitFileState": "enabled", "User": "mws-gateway"})
        self.assertIn("MWS", self.answer())
        self.assertIn("# HELP", self.answer("/metrics"))
        state = self.machine.run("ls", "-lA", "/var/lib/mws-gateway")
        self.assertIn("tokens.sqlite", state)
        self.assertNotIn("cannot be written", self.machine.journal())

    def is_confined(self):
        status = self.machine.process_status(self.process())
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"], int(status["CapEff"], 16), int(status["CapBnd"], 16)), ("1", "2", 0, 0))
        self.assertNotIn("0", status["Uid"].split())
        said = self.machine.run("systemd-analyze", "--no-pager", "security", "mws-gateway").splitlines()[-1]
        print(f"    systemd-analyze security: {said.strip()}")

    def reloads(self):
        process = self.process()
        self.machine.run("systemctl", "reload", "mws-gateway")
        machine.wait_for(lambda: "reload" in self.machine.journal(), "the log tells of SIGHUP")
        machine.wait_for(lambda: self.machine.show("ActiveState", "StatusText") == {"ActiveState": "active", "StatusText": "Serving"}, "it is active again")
        self.assertEqual(self.process(), process)

    def comes_back_after_a_crash(self):
        process = self.process()
        self.machine.run("sh", "-c", f"kill -KILL {process}")
        machine.wait_for(lambda: self.machine.show("ActiveState")["ActiveState"] == "active" and self.process() not in ("0", process), "it is started again")
        self.assertIn("MWS", self.answer())

    def does_not_hammer_with_a_wrong_configuration(self):
        self.machine.run("cp", "-a", "/etc/mws-gateway/mws-gateway.toml", "/etc/mws-gateway/good")
        self.machine.run("sh", "-c", "printf '[server]\\nprot = 1\\n' >/etc/mws-gateway/mws-gateway.toml")
        with self.assertRaises(machine.Failed):
            self.machine.run("systemctl", "restart", "mws-gateway")
        self.assertEqual(self.machine.show("ActiveState", "Result", "ExecMainStatus"), {"ActiveState": "failed", "Result": "exit-code", "ExecMainStatus": "2"})
        self.assertRegex(self.machine.journal(), r"mws-gateway\.toml:2: .*prot")
        self.machine.run("mv", "/etc/mws-gateway/good", "/etc/mws-gateway/mws-gateway.toml")

    def drains_over_an_upgrade(self):
        token = "a-token-of-the-package-test"
        self.machine.run("sed", "-i", "s/^# port = 8080$/port = 18080/", "/etc/mws-gateway/mws-gateway.toml")
        self.machine.run("sh", "-c", f"echo SECURITY_TOKEN={token} >>/etc/mws-gateway/secrets.env")
        self.machine.run("systemctl", "restart", "mws-gateway")
        process = self.process()
        self.assertIn('"results"', self.machine.run("curl", "-fsS", "-H", f"Authorization: Bearer {token}", "http://127.0.0.1:18080/v1/sockets"))
        with subprocess.Popen(self.machine.beside("/usr/bin/python3", HERE / "socket_client.py", "18080"), stdout=subprocess.PIPE, text=True) as client:
            self.assertEqual(client.stdout.readline(), "open\n")
            self.machine.run("curl", "-fsS", "-d", '{"data": "Hello", "receivers": {"sockets": ["*"]}}', "http://127.0.0.1:18080/v1/messages")
            self.assertEqual(client.stdout.readline(), "message Hello\n")
            self.apt("install", "/mws-gateway-later.deb")
            self.assertEqual(client.stdout.readline(), "closed 1001\n")
            self.assertEqual(client.wait(machine.PATIENCE), 0)
        self.assertEqual(self.machine.run("dpkg-query", "-W", "-f", "${Version}", "mws-gateway"), self.later_version)
        self.assertNotEqual(self.process(), process)
        self.assertIn("MWS", self.answer(port=18080), "with the configuration as it was")
        self.assertNotIn(token, self.machine.journal())

    def takes_the_drop_in_of_the_page(self):
        port, = re.findall(r"(?ms)^```ini\n(.*?)^```$", (HERE.parent.parent / "docs/deploy-debian.md").read_text())
        self.restart_with(port + "Environment=MWS_SERVER_PORT=443\n")
        self.assertIn("MWS", self.answer(port=443))
        self.machine.run("rm", "-r", "/etc/systemd/system/mws-gateway.service.d")
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", "mws-gateway")

    def restart_with(self, drop_in):
        folder = ROOT / "etc/systemd/system/mws-gateway.service.d"
        folder.mkdir(exist_ok=True)
        (folder / "try.conf").write_text(drop_in)
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", "mws-gateway")

    def remove_keeps_what_is_the_users(self):
        self.apt("remove", "mws-gateway")
        self.assertEqual(self.machine.run("sh", "-c", "systemctl is-active mws-gateway || :").strip(), "inactive")
        for path in ("/etc/mws-gateway/mws-gateway.toml", "/etc/mws-gateway/secrets.env", "/var/lib/mws-gateway/tokens.sqlite"):
            self.machine.run("test", "-f", path)
        self.apt("install", "/mws-gateway.deb")
        self.assertIn("MWS", self.answer(port=18080), "as it was before")
        self.apt("purge", "mws-gateway")
        self.apt("--purge", "autoremove")
        self.assertEqual(self.machine.run("sh", "-c", "dpkg -S mws-gateway 2>/dev/null || :"), "")
        self.assertEqual(self.machine.run("systemctl", "--no-pager", "--failed", "--no-legend"), "")


if __name__ == "__main__":
    unittest.main(failfast=True)
