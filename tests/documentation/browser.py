"""A page in a headless Chromium, driven through DevTools' pipe: no port, and nothing but Python's own library."""
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time

PATIENCE = 30  # seconds; only ends a hang


class Browser:
    """One browser with one page. Use it with `with`."""

    def __init__(self, program, arguments=()):
        self.profile = tempfile.mkdtemp(prefix="mws-chromium-")
        to_browser, self.out = self.pipe()
        self.into, from_browser = self.pipe()
        # The browser reads from 3 and writes to 4.
        shell = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        command = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                   "--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={self.profile}",
                   *arguments, "about:blank"]
        self.process = subprocess.Popen(["bash", "-c", shell, "browser", *command], pass_fds=(to_browser, from_browser),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.last_id = 0
        self.session = None
        self.requested = []   # the addresses that the page loaded or tried to
        self.failed = []      # what of them could not be loaded
        self.complaints = []  # errors of its scripts
        target = self.wait_for(lambda: next((info["targetId"] for info in self.call("Target.getTargets")["targetInfos"]
                                             if info["type"] == "page"), None), "a page")
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Network.enable")
        self.call("Runtime.enable")

    @staticmethod
    def pipe():
        """Both ends above 9, out of the way of 3 and 4."""
        ends = os.pipe()
        high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
        for end in ends:
            os.close(end)
        return high

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.into)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **parameters):
        """Asks DevTools and waits for the answer."""
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            self.note(answer.get("method"), answer.get("params"))
            if answer.get("id") == self.last_id:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def note(self, event, what):
        if event == "Network.requestWillBeSent":
            self.requested.append(what["request"]["url"])
        elif event == "Network.loadingFailed":
            self.failed.append(what["errorText"])
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(what["exceptionDetails"].get("exception", {}).get("description", what["exceptionDetails"]["text"]))

    def read(self):
        while b"\0" not in self.buffer:
            more = os.read(self.into, 1 << 16)
            if not more:
                raise RuntimeError(f"the browser ended with {self.process.poll()}")
            self.buffer += more
        line, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(line)

    def open(self, address):
        self.evaluate("window.isLeft = true")
        failure = self.call("Page.navigate", url=address).get("errorText")
        assert not failure, f"{address}: {failure}"
        self.wait_for(lambda: self.evaluate("!window.isLeft && document.readyState === 'complete'"), f"{address} to load")

    def evaluate(self, script):
        """The value of an expression in the page, promises awaited."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def wait_for(self, condition, what):
        """The first true value of the condition."""
        end = time.monotonic() + PATIENCE
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                shown = self.evaluate("document.body.innerText") if self.session else ""
                raise AssertionError(f"waited in vain for {what}; the page shows:\n{shown}")
            time.sleep(0.05)
