"""A Debian root, entered by chroot or booted with its systemd as PID 1, in namespaces of its own: without a network, without a
way to the host's processes and settings. Needs root, and cgroups of version 2 that are mounted somewhere."""
import os
import pathlib
import re
import signal
import subprocess
import time

PATIENCE = 120  # seconds; only ends a hang
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}

MOUNTS = r"""
set -eu
root=$1
shift
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do
    : >"dev/$node"
    mount --bind "/dev/$node" "dev/$node"
done
mkdir dev/shm dev/pts
mount -t tmpfs tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
"""
BOOT = MOUNTS + r"""
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
pivot_root . .  # and not chroot, in which no user namespace can be made (PrivateUsers)
umount -l .
exec /usr/bin/env -i container=mws-package-test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=journal --show-status=0
"""
ENTER = MOUNTS + 'exec chroot . /usr/bin/env "$@"\n'
NAMESPACES = ("--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc")


class Failed(Exception):
    """A command that ended badly, with what it said."""


def finished(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, timeout=PATIENCE * 5, check=False, **options)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def wait_for(condition, what):
    """The first true value of `condition()`."""
    end = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"not within {PATIENCE} s: {what}")
        time.sleep(0.1)


def control_groups():
    """Where cgroups of version 2 are mounted."""
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        _, path, kind = line.split()[:3]
        if kind == "cgroup2":
            return pathlib.Path(path)
    raise Failed("no cgroups of version 2 are mounted here (mount -t cgroup2): systemd cannot be booted")


def chrooted(root, *command, network=False):
    """Runs a command in the root, which is not booted."""
    extra = () if network else ("--net",)
    variables = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    variables += [f"{name}={os.environ[name]}" for name in ("http_proxy", "https_proxy", "no_proxy") if network and os.environ.get(name)]
    return finished(["unshare", *NAMESPACES, *extra, "bash", "-c", ENTER, "enter", root, "-i", *variables, *command])


class Machine:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self._group = control_groups() / f"mws-package-test-{os.getpid()}"

    def __enter__(self):
        self._group.mkdir()
        enter_group = f'echo $$ >"{self._group}/cgroup.procs"\nexec "$@"'
        self._outer = subprocess.Popen(["bash", "-c", enter_group, "boot", "unshare", *NAMESPACES, "--net", "--cgroup", "bash", "-c", BOOT, "boot", self.root],
                                       stdin=subprocess.DEVNULL)
        try:
            self._init = wait_for(self._first_process, "systemd starts")
            wait_for(self._is_up, "systemd has booted")
            self.run("ip", "link", "set", "lo", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        init = getattr(self, "_init", None)
        if init and self._outer.poll() is None:
            os.kill(init, signal.SIGRTMIN + 4)  # systemd(1): powers off
            try:
                self._outer.wait(PATIENCE / 4)
            except subprocess.TimeoutExpired:
                os.kill(init, signal.SIGKILL)
        elif self._outer.poll() is None:
            self._outer.kill()
        self._outer.wait(PATIENCE)
        for folder, _, _ in os.walk(self._group, topdown=False):
            wait_for(lambda folder=folder: self._removed(folder), f"{folder} is empty")

    @staticmethod
    def _removed(group):
        try:
            os.rmdir(group)
        except OSError:
            return False
        return True

    def _first_process(self):
        if self._outer.poll() is not None:
            raise Failed(f"systemd does not start: status {self._outer.returncode}")
        children = pathlib.Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children").read_text().split()
        if children and pathlib.Path(f"/proc/{children[0]}/comm").read_text() == "systemd\n":
            return int(children[0])
        return None

    def _is_up(self):
        try:
            said = subprocess.run(self.inside("systemctl", "is-system-running"), capture_output=True, text=True, check=False, timeout=PATIENCE).stdout.strip()
        except subprocess.TimeoutExpired:
            return False
        if said == "degraded":
            raise Failed(self.run("systemctl", "--no-pager", "--failed"))
        return said == "running"

    def inside(self, *command):
        """The command line that runs `command` in the machine."""
        variables = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
        return ["nsenter", "-t", str(self._init), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "/usr/bin/env", "-i", *variables, *command]

    def beside(self, *command):
        """The command line that runs a program of the host in the machine's network."""
        return ["nsenter", "-t", str(self._init), "-n", *command]

    def run(self, *command):
        return finished(self.inside(*command))

    def show(self, *properties, unit="mws-gateway"):
        said = self.run("systemctl", "show", unit, *(f"-p{name}" for name in properties))
        return dict(line.split("=", 1) for line in said.splitlines())

    def journal(self):
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", "mws-gateway")

    def process_status(self, process):
        return dict(re.findall(r"(?m)^(\w+):\s*(.*)$", self.run("cat", f"/proc/{process}/status")))
