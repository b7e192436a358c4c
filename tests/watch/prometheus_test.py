"""What docs/dashboards has for Prometheus and Grafana, with Debian's Prometheus, real gateways and traffic: the metrics
page is as promtool wants it, every query of the dashboard returns data, the alerts are valid and fire when they should."""
import base64
import http.server
import json
import math
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
from free_port import free_port  # noqa: E402
from kept_environment import KEPT  # noqa: E402

DASHBOARDS = ROOT / "docs/dashboards"
GATEWAY = os.environ["MWS_GATEWAY_EXECUTABLE"]
PROMETHEUS = os.environ["MWS_PROMETHEUS"]
PROMTOOL = os.environ["MWS_PROMTOOL"]
PATIENCE = 60  # seconds; only ends a hang
SCRAPE = 1  # seconds between two scrapes
SECRET = "backend-secret-4c1d"


def wait_for(what, met, patience=PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        result = met()
        if result:
            return result
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {patience} s")


def call(port, method, path, body=None, token=SECRET):
    """Status and body; status 0 if nobody answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body and json.dumps(body).encode(), method=method,
                                     headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()
    except OSError:
        return 0, ""


class Program:
    """A child process in a folder of its own, which ends with the block."""

    def __init__(self, name, command, environment=None, executable=None, folder=None):
        self.name = name
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix=f"mws-{name}-"))
        self.log = open(self.folder / "log.txt", "w+", encoding="utf-8")
        self.process = subprocess.Popen(command, executable=executable, cwd=self.folder, env=environment or {},
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def said(self):
        return (self.folder / "log.txt").read_text(encoding="utf-8")

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            self.log.close()
            shutil.rmtree(self.folder, ignore_errors=True)


class Node(Program):
    def __init__(self, name, environment, folder=None):
        self.port, self.ops_port = free_port(), free_port()
        super().__init__(name, [GATEWAY], KEPT | {
            "MWS_SERVER_PORT": str(self.port), "MWS_SERVER_OPS_PORT": str(self.ops_port), "MWS_SERVER_WORKERS": "2",
            "MWS_SERVER_STATE_DIR": "state", "SECURITY_TOKEN": SECRET, "OPERATOR_TOKEN": SECRET, "ACCESS_CONTROL": "custom",
            "MWS_WEBSOCKET_CLOSE_TIMEOUT": "1s"} | environment, folder=folder)

    def ready(self):
        return call(self.ops_port, "GET", "/health/ready")[0] == 200


class Socket:
    """A WebSocket that reads nothing but its handshake."""

    def __init__(self, uri):
        parts = urllib.parse.urlsplit(uri)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE)
        self.socket.sendall((f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: Upgrade\r\n"
                             "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                             f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            data = self.socket.recv(4096)
            if not data:
                break
            head += data
        self.status = int(head.split()[1])

    def drain(self):
        """Takes what is there."""
        self.socket.setblocking(False)
        try:
            while self.socket.recv(1 << 16):
                pass
        except BlockingIOError:
            pass
        finally:
            self.socket.settimeout(PATIENCE)

    def close(self):
        self.socket.close()


def open_socket(port, tags):
    status, body = call(port, "POST", "/v1/sockets", {"tags": tags})
    assert status == 201, body
    opened = Socket(json.loads(body)["uri"])
    assert opened.status == 101
    return opened


class Traffic:
    """Something of each kind, over and over, at some nodes."""

    def __init__(self, nodes):
        self.nodes = nodes
        self.sockets = {node: [open_socket(node.port, ["room"]) for _ in range(4)] for node in nodes}
        self.failure = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            while not self.stopping.wait(0.05):
                for node in self.nodes:
                    self.round(node)
        except Exception as failure:  # the test's own thread tells
            self.failure = failure

    def round(self, node):
        message = {"data": "x" * 200, "receivers": {"tags": ["room"]}}
        for status, (got, body) in [(201, call(node.port, "POST", "/v1/messages", message)),
                                    (200, call(node.port, "POST", "/v1/messages:batch", {"messages": [message, message]})),
                                    (422, call(node.port, "POST", "/v1/messages", {"data": "x"})),
                                    (401, call(node.port, "POST", "/v1/messages", message, token="wrong")),
                                    (404, call(node.port, "GET", "/nowhere")),
                                    (200, call(node.port, "GET", "/v1/sockets"))]:
            assert got == status, f"{got} for {status}: {body}"
        come_and_go = open_socket(node.port, ["lobby"])
        come_and_go.close()
        for opened in self.sockets[node]:
            opened.drain()
        with socket.create_connection(("127.0.0.1", node.port), timeout=PATIENCE) as broken:
            broken.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nnot a field\r\n\r\n")
            assert broken.recv(4096).startswith(b"HTTP/1.1 400 ")

    def stop(self):
        self.stopping.set()
        self.thread.join()
        for opened in sum(self.sockets.values(), []):
            opened.close()
        if self.failure:
            raise self.failure


class Backend(http.server.ThreadingHTTPServer):
    """Accepts every event."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/events"


def start_redis():
    port = free_port()
    installed = pathlib.Path("/usr/bin/redis-server")
    return Program("redis", ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
                   executable=str(installed if installed.exists() else "/usr/bin/redis-check-rdb")), port


class Rules(unittest.TestCase):
    """The files that promtool judges alone."""

    def promtool(self, *arguments, folder=DASHBOARDS):
        done = subprocess.run([PROMTOOL, *arguments], cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_alerts_are_valid(self):
        rules = yaml.safe_load((DASHBOARDS / "alerts.yml").read_text())["groups"][0]["rules"]
        self.assertIn(f"{len(rules)} rules found", self.promtool("check", "rules", "alerts.yml"))

    def test_example_is_valid(self):
        self.assertIn("is valid prometheus config file", self.promtool("check", "config", "prometheus.yml"))

    def test_alerts_fire_when_they_should(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(DASHBOARDS / "alerts.yml", folder)
            shutil.copy(ROOT / "tests/watch/alerts_test.yml", folder)
            self.promtool("test", "rules", "alerts_test.yml", folder=folder)

    def test_each_alert_is_tried(self):
        rules = yaml.safe_load((DASHBOARDS / "alerts.yml").read_text())["groups"][0]["rules"]
        tried = yaml.safe_load((ROOT / "tests/watch/alerts_test.yml").read_text())["tests"]
        self.assertEqual([rule["alert"] for rule in rules], [entry["name"] for entry in tried])


class Starting(unittest.TestCase):
    """Not ready while starting: another program has the file of tokens locked, which the start waits for."""

    def test_health_says_so(self):
        folder = tempfile.mkdtemp(prefix="mws-starting-")
        os.mkdir(f"{folder}/state", 0o700)
        lock = sqlite3.connect(f"{folder}/state/tokens.sqlite", isolation_level=None)
        lock.execute("create table other (id)")
        lock.execute("begin exclusive")
        node = Node("starting", {}, folder=folder)
        try:
            wait_for("live", lambda: call(node.ops_port, "GET", "/health/live")[0] == 200)
            status, body = call(node.ops_port, "GET", "/health/ready")
            page = call(node.ops_port, "GET", "/metrics")[1]
            self.assertEqual((status, json.loads(body)["error"]["message"]), (503, "Not ready: starting"), node.said())
            self.assertIn("\nmws_ready 0\n", page)
            lock.execute("rollback")
            wait_for("ready", node.ready)
            self.assertEqual(call(node.port, "GET", "/health/ready"), (200, '{"status":"ready"}'))
        finally:
            lock.close()
            node.end()


class Dashboard(unittest.TestCase):
    """One gateway alone and two nodes of a cluster, with traffic, scraped by Prometheus."""

    @classmethod
    def setUpClass(cls):
        cls.running = []
        try:
            cls.start()
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def start(cls):
        backend = Backend()
        cls.addClassCleanup(backend.stop)
        redis, redis_port = start_redis()
        cls.running.append(redis)
        cluster = {"REDIS_URL": f"redis://127.0.0.1:{redis_port}", "MWS_GATEWAY_SIGNING_KEY": base64.b64encode(b"k" * 32).decode()}
        events = {"MWS_GATEWAY_EVENTS_URL": backend.url(), "MWS_GATEWAY_EVENTS_SECRETS": "whsec_" + base64.b64encode(b"s" * 32).decode(),
                  "MWS_GATEWAY_EVENTS_ALLOW_PRIVATE": "true"}
        cls.alone = Node("alone", events)
        cls.nodes = [cls.alone, Node("one", cluster), Node("two", cluster)]
        cls.running += cls.nodes
        for node in cls.nodes:
            wait_for(f"{node.name} is ready", node.ready)
        cls.start_prometheus()
        cls.traffic = Traffic(cls.nodes)

    @classmethod
    def start_prometheus(cls):
        config = yaml.safe_load((DASHBOARDS / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": f"{SCRAPE}s", "evaluation_interval": f"{SCRAPE}s"}
        config["scrape_configs"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{node.ops_port}" for node in cls.nodes]
        folder = pathlib.Path(tempfile.mkdtemp(prefix="mws-prometheus-"))
        shutil.copy(DASHBOARDS / "alerts.yml", folder)
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        cls.prometheus_port = free_port()
        cls.prometheus = Program("prometheus", [PROMETHEUS, "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                                                f"--web.listen-address=127.0.0.1:{cls.prometheus_port}"],
                                 executable=PROMETHEUS, folder=folder)
        cls.running.append(cls.prometheus)
        wait_for("Prometheus is ready", lambda: call(cls.prometheus_port, "GET", "/-/ready")[0] == 200)

    @classmethod
    def tearDownClass(cls):
        try:
            if hasattr(cls, "traffic"):
                cls.traffic.stop()
        finally:
            for program in reversed(cls.running):
                program.end()

    def ask(self, path, **parameters):
        status, body = call(self.prometheus_port, "GET", f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        self.assertEqual(status, 200, f"{parameters}: {body}")
        return json.loads(body)["data"]

    def has_data(self, query):
        """A sample that is a number, in the last minute; a graph has nothing else to draw."""
        now = time.time()
        data = self.ask("query_range", query=query, start=now - 60, end=now, step=SCRAPE)
        return any(math.isfinite(float(value)) for series in data["result"] for _, value in series["values"])

    @staticmethod
    def dashboard():
        return json.loads((DASHBOARDS / "mws-gateway.json").read_text())

    @staticmethod
    def as_grafana(query):
        """Its variables with "All" chosen; $__rate_interval is at least four scrapes."""
        query = query.replace("$__rate_interval", f"{4 * SCRAPE}s")
        return re.sub(r"\$(job|instance|gateway)\b", ".*", query)

    def test_every_query_of_every_panel_returns_data(self):
        queries = {}
        for panel in self.dashboard()["panels"]:
            self.assertTrue(panel["type"] == "row" or panel["targets"], panel["title"])
            for target in panel.get("targets", []):
                queries[f'{panel["title"]} {target["refId"]}'] = self.as_grafana(target["expr"])
        self.assertGreater(len(queries), 40)
        self.assertFalse([query for query in queries.values() if "$" in query])
        missing = dict(queries)

        def all_there():
            for title in list(missing):
                if self.has_data(missing[title]):
                    del missing[title]
            return not missing
        try:
            wait_for("data for each panel", all_there)
        except AssertionError:
            self.fail(f"no data for {json.dumps(missing, indent=1)}; traffic: {self.traffic.failure}")

    def test_every_variable_has_values(self):
        for variable in self.dashboard()["templating"]["list"]:
            if variable["type"] != "query":
                continue
            metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
            values = wait_for(variable["name"], lambda m=metric, la=label: self.ask(
                f"label/{la}/values", **{"match[]": self.as_grafana(m)}))
            self.assertTrue(all(values))
            if label == "instance":
                self.assertEqual(len(values), len(self.nodes))

    def test_dashboard_can_be_imported(self):
        dashboard = self.dashboard()
        self.assertIsNone(dashboard["id"])
        panels = dashboard["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        for panel in panels:
            for source in [panel, *panel.get("targets", [])]:
                if panel["type"] != "row":
                    self.assertEqual(source["datasource"]["uid"], "${datasource}", panel["title"])

    def test_every_family_has_a_panel(self):
        shown = json.dumps(self.dashboard())
        page = call(self.nodes[1].ops_port, "GET", "/metrics")[1]
        for family in re.findall(r"^# TYPE (mws_\w+)", page, re.MULTILINE):
            with self.subTest(family):
                self.assertTrue(family in shown or family == "mws_http_requests_received_total")

    def test_no_alert_fires(self):
        wait_for("the rules were evaluated", lambda: all(
            rule["lastEvaluation"] > "1" for group in self.ask("rules")["groups"] for rule in group["rules"]))
        groups = self.ask("rules")["groups"]
        self.assertEqual([group["name"] for group in groups], ["mws-gateway"])
        for rule in groups[0]["rules"]:
            self.assertEqual(rule["health"], "ok", rule["name"])
            self.assertNotEqual(rule["state"], "firing", rule["name"])

    def test_pages_are_as_promtool_wants_them(self):
        wait_for("deliveries", lambda: self.has_data("mws_delivery_duration_seconds_count > 0"))
        for node in self.nodes:
            with self.subTest(node.name):
                page = call(node.ops_port, "GET", "/metrics")[1]
                for seen in ('route="/v1/gateways/{gateway}/messages",status="201"', 'route="refused",status="400"',
                             'route="unknown",status="404"', 'route="websocket",status="101"'):
                    self.assertIn(seen, page)
                done = subprocess.run([PROMTOOL, "check", "metrics"], input=page, capture_output=True, text=True,
                                      timeout=PATIENCE, check=False)
                self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
                self.assertEqual("mws_broker_up 1" in page, node is not self.alone)


if __name__ == "__main__":
    unittest.main()
