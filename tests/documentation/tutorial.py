"""Does what a tutorial says, block by block, as its reader would. docs/tutorials/README.md lists the marks."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools/documentation"))
import markdown_text  # noqa: E402

sys.path.insert(0, str(ROOT / "tests/support"))
from free_port import free_port  # noqa: E402
from kept_environment import KEPT  # noqa: E402

PATIENCE = 40  # seconds; only ends a hang
PORTS = {"8080": 0, "5000": 0, "3000": 1}  # the gateway's two are never in use together
STEP = re.compile(r"<!-- test: (?P<words>.*?) -->")
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[78])")


class Failure(AssertionError):
    """What did not go as the page says, and at which line of it."""


def pattern_of(output):
    """A stated output as a pattern: … stands for anything within a line, a line of … for any lines."""
    parts = []
    for line in output.rstrip("\n").split("\n"):
        if line.strip() == "…":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append("[^\n]*?".join(re.escape(part.rstrip() if last else part)
                                       for part, last in split_last(line.split("…"))) + r"[ \t]*\n")
    return re.compile("".join(parts))


def split_last(parts):
    return [(part, index == len(parts) - 1) for index, part in enumerate(parts)]


class Terminal:
    """A shell whose output is kept. Everything that it started ends with it."""

    def __init__(self, folder, environment, command=("bash", "-e")):
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self.output = ""
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.collect, daemon=True)
        self.reader.start()

    def collect(self):
        for line in self.process.stdout:
            with self.changed:
                self.output += ESCAPES.sub("", line.decode(errors="replace")).replace("\r", "")
                self.changed.notify_all()
        self.process.wait()
        with self.changed:
            self.changed.notify_all()

    def wait_for(self, found):
        """What `found` makes of the output, as soon as it is something; None: in vain, or the shell has ended."""
        end = time.monotonic() + PATIENCE
        with self.changed:
            while not (value := found(self.output)):
                ended = self.process.poll() is not None
                if ended or time.monotonic() > end:
                    return found(self.output)
                self.changed.wait(0.5)
            return value

    def run(self, text):
        """Runs lines to their end: what they printed, and whether all went well."""
        mark = f"=={time.monotonic_ns()}=="
        begin = len(self.output)
        self.process.stdin.write(f"{text}\nprintf '\\n%s\\n' '{mark}'\n".encode())
        self.process.stdin.flush()
        found = self.wait_for(lambda output: (at := output.find("\n" + mark, begin)) >= 0 and (output[begin:at], True))
        return found or (self.output[begin:], False)

    def interrupt(self):
        """Ctrl+C: all of its processes but the shell get SIGINT. False: it did not end."""
        os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.wait(PATIENCE)
            return True
        except subprocess.TimeoutExpired:
            return False

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()


class Tutorial:
    """One run of one page, in a folder of its own."""

    def __init__(self, page, gateway, browser=None, environment=None):
        self.page = page
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mws-tutorial-"))
        self.ports = free_port(), free_port()
        self.make_checkout(gateway)
        self.environment = KEPT | {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment |= {"QT_QPA_PLATFORM": "offscreen", "MWS_SERVER_PORT": str(self.ports[0]),
                             "MWS_URL": f"http://127.0.0.1:{self.ports[0]}",
                             "npm_config_prefer_offline": "true", "npm_config_fund": "false", "npm_config_audit": "false",
                             "npm_config_update_notifier": "false", **(environment or {})}
        self.browser = browser
        self.main = Terminal(self.folder, self.environment)
        self.others = {}
        self.last = ("", "")  # the output that the next `output` block is about, and whose it is
        self.steps = 0

    def make_checkout(self, gateway):
        """What of the repository a reader uses: ./dev run, which here only starts what was built already."""
        (self.folder / "build/release").mkdir(parents=True)
        (self.folder / "build/release/mws-gateway").symlink_to(gateway)
        (self.folder / "examples").symlink_to(ROOT / "examples")
        dev = self.folder / "dev"
        dev.write_text('#!/bin/sh\n[ "$1" = run ] && shift && exec build/release/mws-gateway "$@"\n')
        dev.chmod(0o755)

    def here(self, text):
        """The text with ports that are free here."""
        return re.sub(r"\b(8080|5000|3000)\b", lambda found: str(self.ports[PORTS[found[0]]]), text)

    def run(self):
        text = self.page.read_text(encoding="utf-8")
        blocks, prose = markdown_text.blocks_and_prose(text)
        steps = [(block.line, self.do_block, block) for block in blocks]
        steps += [(line, self.do_step, found["words"]) for line, words in prose for found in STEP.finditer(words)]
        for line, do, what in sorted(steps, key=lambda step: step[0]):
            self.steps += 1
            try:
                do(what)
            except (AssertionError, RuntimeError, OSError) as problem:
                raise Failure(f"{self.page.name}:{line}: {problem}\n{self.report()}") from problem

    def report(self):
        texts = [f"-- the first terminal:\n{self.main.output}"]
        texts += [f"-- {name}:\n{terminal.output}" for name, terminal in self.others.items()]
        return "\n".join(texts)[-6000:]

    def do_block(self, block):
        words = block.info.split()
        marks = dict(word.partition("=")[::2] for word in words[1:])
        if "file" in marks:
            target = self.folder / marks["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self.here(block.text), encoding="utf-8")
        elif "background" in marks:
            self.start(marks["background"], block.text)
        elif "test" in marks:
            output, good = self.main.run(self.here(block.text))
            self.last = ("", output)
            assert good, f"failed, and printed:\n{output}"
        elif "output" in marks:
            self.check_output(self.here(block.text), marks.get("of"))
        elif "packages" in marks:
            self.check_packages(block.text)
        else:
            assert "picture" in marks, "a block without a mark (docs/tutorials/README.md has them)"

    def start(self, name, text):
        if name in self.others:
            self.others.pop(name).close()
        self.others[name] = Terminal(self.folder, self.environment, ("bash", "-ec", self.here(text)))

    def check_output(self, expected, name):
        pattern = pattern_of(expected)
        if name:
            found = self.others[name].wait_for(lambda output: pattern.search(output))
            assert found, f"{name} did not print\n{expected}"
            return
        printed = self.last[1].rstrip("\n") + "\n"
        assert pattern.fullmatch(printed), f"the page says\n{expected}but it printed\n{printed}"

    def check_packages(self, text):
        """Those that the page installs are there: the tests' own lists have them."""
        names = re.sub(r"\\\n", " ", text).split("install", 1)[1].split()
        for name in names:
            status = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", name], capture_output=True, text=True)
            assert status.stdout == "installed" or name in ("nodejs", "npm", "curl"), f"package {name} is not installed"

    def do_step(self, words):
        what, _, rest = words.partition(" ")
        {"open": self.open_page, "shows": self.page_shows, "interrupt": self.interrupt, "fill": self.fill,
         "press": self.press}[what](self.here(rest))

    def open_page(self, address):
        self.browser.open(address if "://" in address else (self.folder / address).as_uri())

    def page_shows(self, text):
        self.browser.wait_for(lambda: text in self.browser.evaluate("document.body.innerText"), f'"{text}"')

    def fill(self, words):
        name, _, value = words.partition(" ")
        field = f"document.getElementsByName({name!r})[0]"
        self.browser.evaluate(f"{field}.value = {value!r}")

    def press(self, text):
        self.browser.evaluate(f"[...document.querySelectorAll('button')].find(b => b.innerText === {text!r}).click()")

    def interrupt(self, name):
        terminal = self.others.pop(name)
        ended = terminal.interrupt()
        terminal.close()
        assert ended, f"{name} did not end after Ctrl+C"

    def close(self):
        for terminal in (self.main, *self.others.values()):
            terminal.close()
        subprocess.run(["rm", "-rf", str(self.folder)], check=True)
