"""The servers that are measured, each a context manager: started anew on a port of its own, and surely ended."""
import json
import os
import pathlib
import random
import resource
import signal
import socket
import subprocess
import time

from reserve import reserve

ROOT = pathlib.Path(__file__).resolve().parent.parent
GATEWAY = ROOT / "build/release/mws-gateway"
WSLOAD = ROOT / "build/release/wsload"
NCHAN_MODULE = pathlib.Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
TOKEN = "bench-security-token"
LIFE = 900  # seconds after which a server ends even if this program was killed


class ServerFailed(Exception):
    pass


def raise_file_limit(sockets):
    """Lets this program's children open so many sockets each; says what is missing, or None."""
    wanted = sockets + 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
        except (ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            return f"{sockets:,} sockets need 'ulimit -n' of {wanted}; the hard limit is {hard} (as root: ulimit -Hn {wanted})"
        return None
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return None
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else hard, hard))
    return None


def free_port():
    """Below the range from which clients get theirs."""
    for _ in range(100):
        port = random.randint(20000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise ServerFailed("no free port between 20000 and 30000")


def end(process):
    """Ends a child and what it started: asked first, then killed."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()


def run_wsload(arguments, output, limit):
    """What it writes to `output`, or {"bad": why it wrote nothing}; it is ended after `limit` seconds."""
    output.unlink(missing_ok=True)
    command = ["timeout", "--kill-after=5", f"{limit + 5:.0f}", WSLOAD, *arguments, "--json", output]
    process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    try:
        said = process.communicate(timeout=limit)[1].strip()
    except subprocess.TimeoutExpired:
        return {"bad": f"wsload was not done within {limit:.0f} s"}
    finally:
        end(process)
    try:
        return json.loads(output.read_text())
    except (OSError, ValueError):
        return {"bad": f"wsload ended with {process.returncode}: {said or 'nothing'}"}


class Server:
    """`scene` says what the server has to be ready for; `work` is a folder for its files."""
    name = ""

    def __init__(self, scene, workers, work):
        self.scene, self.workers, self.work = scene, workers, work
        self.port = free_port()
        self.process = None

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def prepare(self):
        """Called when the server answers."""

    def __enter__(self):
        base = {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "TMPDIR": str(self.work)}
        with open(self.work / "server.txt", "w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                ["timeout", "--kill-after=5", str(LIFE), *map(str, self.command())], stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, env=base | self.environment(), start_new_session=True, cwd=ROOT)
        try:
            self._wait_until_it_answers()
            self.prepare()
        except OSError as error:
            self.__exit__()
            raise ServerFailed(f"{self.name}: {error}") from error
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        end(self.process)

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    said = (self.work / "server.txt").read_text(errors="replace").strip()[-500:]
                    raise ServerFailed(f"{self.name} did not start; it said: {said or 'nothing'}") from None
                time.sleep(0.02)


class Gateway(Server):
    """With access control `custom`: every POST has to show the security token."""
    name = "gateway"

    def command(self):
        return [GATEWAY]

    def environment(self):
        return {"SECURITY_TOKEN": TOKEN, "ACCESS_CONTROL": "custom", "LOG_LEVEL": "warning", "MWS_SERVER_PORT": str(self.port),
                "MWS_SERVER_WORKERS": str(self.workers), "MWS_SERVER_STATE_DIR": str(self.work / "state"),
                **dict(self.scene.environment)}

    def prepare(self):
        uris, ids = reserve(self.port, TOKEN, self.scene.reservations())
        (self.work / "uris.txt").write_text("\n".join(uris) + "\n")
        (self.work / "ids.txt").write_text("\n".join(ids) + "\n")


class Nchan(Server):
    name = "nchan"

    def command(self):
        return [ROOT / "bench/nchan/run.sh", self.port, self.workers, 45 if self.scene.pings else 0]


class Limit(Server):
    """wsload's own server: what the kernel's part alone costs. It has one thread."""
    name = "limit"

    def command(self):
        return [WSLOAD, "--limit-server", self.port]


SERVERS = {server.name: server for server in (Gateway, Nchan, Limit)}


def what_is_missing(names):
    needed = [(WSLOAD, "./dev build")]
    if "gateway" in names:
        needed.append((GATEWAY, "./dev build"))
    if "nchan" in names:
        needed.append((NCHAN_MODULE, "./dev setup bench"))
    return [f"there is no {path}: {command}" for path, command in needed if not path.exists()]
