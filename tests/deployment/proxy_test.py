"""config/nginx.conf, config/haproxy.cfg and config/Caddyfile: checked by the programs, and run in front of a real gateway.

The files are taken as they are, but for addresses and paths, and for the time after which a silent socket is cut off. That is
brought down to five seconds, at one ping a second, so that sockets can be seen to outlive it; that the real time is longer than
the gateway's real ping interval is read from the files.
"""
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import unittest

from support import PATIENCE, ROOT, Client, Gateway, Program, Refused, certificate, free_port, replaced, until

GATEWAY = os.environ["MWS_GATEWAY_EXECUTABLE"]
SECURITY_TOKEN = "the-security-token-of-the-proxies-test"
IDLE = 5  # seconds, in the place of the proxy's own
UNITS = {"ms": 0.001, "s": 1, "m": 60, "": 1}


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(\w*)", text).groups()
    return int(number) * UNITS[unit]


def default_ping_interval():
    """Seconds, as --print-config has it, where nothing is set."""
    said = subprocess.run([GATEWAY, "--print-config"], env={}, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout
    return seconds(re.search(r'(?m)^websocket\.ping_interval *= *"?(\w+)', said).group(1))


class Proxy:
    """One of the three: how it is checked and started. `folder` is its own, `files` its certificate and key."""

    def __init__(self, folder, gateway_port, idle):
        self.folder, self.gateway_port, self.idle = pathlib.Path(folder), gateway_port, idle
        self.port = free_port()
        self.files = certificate(folder)
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder}
        self.path = self.folder / self.source.name
        self.path.write_text(self.configuration(self.source.read_text()))

    def check(self):
        """(exit code, what it said)"""
        done = subprocess.run(self.check_command(), env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return done.returncode, done.stdout + done.stderr

    def logs(self, program):
        return program.log + "".join(path.read_text() for path in self.folder.glob("*.log"))


class Nginx(Proxy):
    source = ROOT / "config/nginx.conf"
    timeouts = r"proxy_(?:read|send)_timeout (\w+);"

    def configuration(self, text):
        text = text.replace(" 75s;", f" {self.idle}s;")
        return "daemon off;\n" + replaced(
            text, ("user www-data;", ""), ("/run/nginx.pid", f"{self.folder}/nginx.pid"), ("worker_processes auto;", "worker_processes 1;"),
            ("worker_rlimit_nofile 100000;", ""), ("worker_connections 50000;", "worker_connections 200;"),
            ("/var/log/nginx/error.log", f"{self.folder}/error.log"), ("/var/log/nginx/access.log", f"{self.folder}/access.log"),
            ("http {", "http {\n" + "".join(f"{name}_temp_path {self.folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))),
            ("listen 80;", f"listen 127.0.0.1:{free_port()};"), ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            ("server 127.0.0.1:8080;", f"server 127.0.0.1:{self.gateway_port};"),
            ("/etc/letsencrypt/live/push.example.com/fullchain.pem", str(self.files[0])),
            ("/etc/letsencrypt/live/push.example.com/privkey.pem", str(self.files[1])))

    def command(self):
        return [os.environ["MWS_NGINX"], "-e", f"{self.folder}/error.log", "-p", str(self.folder), "-c", str(self.path)]

    def check_command(self):
        return [*self.command(), "-t"]


class Haproxy(Proxy):
    source = ROOT / "config/haproxy.cfg"
    timeouts = r"timeout tunnel (\w+)"

    def configuration(self, text):
        (self.folder / "both.pem").write_text(self.files[0].read_text() + self.files[1].read_text())
        # All three are the same one: a node that is not there would get requests until its checks have failed.
        self.environment |= {f"MWS_NODE_{number}": f"127.0.0.1:{self.gateway_port}" for number in (1, 2, 3)} | {"MWS_DESCRIPTORS": "1000"}
        return replaced(text, ('bind "${MWS_LISTEN-*:8080}"', f"bind 127.0.0.1:{self.port} ssl crt {self.folder}/both.pem"),
                        ("timeout tunnel 2m", f"timeout tunnel {self.idle}s"))

    def command(self):
        return [os.environ["MWS_HAPROXY"], "-db", "-f", str(self.path)]

    def check_command(self):
        return [*self.command(), "-c"]


class Caddy(Proxy):
    source = ROOT / "config/Caddyfile"
    timeouts = None  # it has none for sockets

    def configuration(self, text):
        return replaced(text, ("# Caddy's own log", "admin off\n\tauto_https disable_redirects\n\t# Caddy's own log"),
                        ("\npush.example.com {", f"\nhttps://127.0.0.1:{self.port} {{\n\ttls {self.files[0]} {self.files[1]}"),
                        ("reverse_proxy 127.0.0.1:8080", f"reverse_proxy 127.0.0.1:{self.gateway_port}"))

    def command(self):
        return [os.environ["MWS_CADDY"], "run", "--adapter", "caddyfile", "--config", str(self.path)]

    def check_command(self):
        return [os.environ["MWS_CADDY"], "validate", "--adapter", "caddyfile", "--config", str(self.path)]


class Running:
    """A gateway, and the proxy in front of it."""

    def __init__(self, kind, idle=IDLE, ping="1s", **environment):
        self.folder = tempfile.TemporaryDirectory()
        self.gateway = Gateway({"SECURITY_TOKEN": SECURITY_TOKEN, "ACCESS_CONTROL": "custom", "LOG_LEVEL": "debug", "MWS_SERVER_TRUST_FORWARDED": "true",
                                "MWS_WEBSOCKET_PING_INTERVAL": ping, **environment})
        self.proxy = kind(self.folder.name, self.gateway.port, idle)
        self.program = Program(self.proxy.command(), self.proxy.environment)
        self.client = Client(self.proxy.port, trust=self.proxy.files[0])
        self._answers()

    def _answers(self):
        """Waits until a request reaches the gateway."""
        for _ in range(int(PATIENCE / 0.1)):
            try:
                if self.client.ask("GET", "/health/ready")[0] == 200:
                    return
            except OSError:
                pass
            threading.Event().wait(0.1)
        raise AssertionError(f"no answer through the proxy:\n{self.program.log}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.__exit__()
        self.gateway.__exit__()
        self.folder.cleanup()

    def open(self, **headers):
        return self.client.open(self.client.uri(SECURITY_TOKEN), headers)

    def publish(self, data):
        return self.client.publish(data, SECURITY_TOKEN)

    def reserve(self):
        return self.client.uri(SECURITY_TOKEN)


class Cases:
    """What holds for each proxy."""
    kind = None

    def test_its_program_takes_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            proxy = self.kind(folder, 1, IDLE)
            code, said = proxy.check()
            self.assertEqual(code, 0, said)
            proxy.path.write_text(proxy.path.read_text() + "\nnonsense {\n")
            self.assertNotEqual(proxy.check()[0], 0)

    def test_a_socket_may_be_silent_for_longer_than_between_two_pings(self):
        if self.kind.timeouts:
            found = re.findall(self.kind.timeouts, self.kind.source.read_text())
            self.assertTrue(found)
            for value in found:
                self.assertGreater(seconds(value), default_ping_interval() + 15, value)
        else:
            self.assertNotRegex(self.kind.source.read_text(), r"(read|write|stream)_timeout")

    def test_requests_sockets_and_large_messages_pass(self):
        with Running(self.kind) as running, running.open() as socket:
            running.publish("first")
            self.assertEqual(socket.message(), "first")
            large = "x" * (1024 * 1024 - 100)
            self.assertEqual(running.publish(large), 1)
            self.assertEqual(socket.message(), large)
            status, _, body = running.client.ask("POST", "/v1/messages", b'"' + b"x" * (1024 * 1024) + b'"', token=SECURITY_TOKEN)
            self.assertEqual(status, 413, body)
            self.assertIn(b'"reason"', body, "the gateway's own words")

    def test_pings_keep_an_idle_socket_open(self):
        with Running(self.kind) as running, running.open() as socket:
            while socket.pings < 2 * IDLE - 2:
                self.assertEqual(socket.event(), ("ping", None))
            self.assertEqual(running.publish("still here"), 1)
            self.assertEqual(socket.message(), "still here")

    def test_issued_uris_are_the_proxys_and_nobody_elses(self):
        with Running(self.kind) as running:
            host = rf"127\.0\.0\.1:{running.proxy.port}"
            lies = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-For": "198.51.100.1", "Forwarded": "host=evil.example"}
            for headers in ({}, lies):
                self.assertRegex(running.client.uri(SECURITY_TOKEN, headers), rf"^wss://{host}/")

    def test_clients_cannot_choose_their_address(self):
        with Running(self.kind, MWS_GATEWAY_SOCKETS_PER_ADDRESS="1") as running, running.open(**{"X-Forwarded-For": "198.51.100.1"}):
            with self.assertRaises(Refused) as refused:
                running.open(**{"X-Forwarded-For": "198.51.100.2"})
            self.assertEqual(refused.exception.status, 429)

    def test_draining_closes_with_1001_after_what_was_accepted(self):
        with Running(self.kind) as running, running.open() as socket:
            self.assertEqual([running.publish(f"message {number}") for number in range(20)], [1] * 20)
            running.gateway.terminate()
            self.assertEqual(socket.close_code(), ([f"message {number}" for number in range(20)], 1001))
            self.assertEqual(running.gateway.wait(), 0)

    def test_no_secret_is_logged(self):
        with Running(self.kind) as running:
            uris = [running.reserve() for _ in range(3)]
            with running.client.open(uris[0]):
                pass
            with self.assertRaises(Refused):  # spent
                running.client.open(uris[0])
            with running.client.open(uris[1]) as socket:
                running.gateway.terminate()
                socket.close_code()
                running.gateway.wait()
            with self.assertRaises(Refused) as refused:  # nobody is there
                running.client.open(uris[2])
            self.assertIn(refused.exception.status, (502, 503))
            until(lambda: re.search(r"\b50[23]\b", running.proxy.logs(running.program)), "what went wrong to be logged")
            running.program.__exit__()
            logs = running.proxy.logs(running.program) + running.gateway.log
            for secret in (SECURITY_TOKEN, *(uri.split("token=")[1] for uri in uris)):
                self.assertNotIn(secret, logs)


class NginxCase(Cases, unittest.TestCase):
    kind = Nginx

    def test_cuts_off_who_is_silent_for_longer(self):
        """That the time is in force: else the test of the pings could not fail."""
        with Running(self.kind, idle=1, ping="59s") as running, running.open() as socket:
            with self.assertRaises(ConnectionResetError):
                while socket.event() == ("ping", None):  # one at most
                    pass


class HaproxyCase(Cases, unittest.TestCase):
    kind = Haproxy

    def test_cuts_off_who_is_silent_for_longer(self):
        with Running(self.kind, idle=1, ping="59s") as running, running.open() as socket:
            with self.assertRaises(ConnectionResetError):
                while socket.event() == ("ping", None):  # one at most
                    pass


class CaddyCase(Cases, unittest.TestCase):
    kind = Caddy

    def test_uris_wait_while_the_gateway_is_started_anew(self):
        with Running(self.kind) as running:
            running.gateway.terminate()
            running.gateway.wait()
            answers = []
            asking = threading.Thread(target=lambda: answers.append(running.client.ask("GET", "/v1/websocket_uri", token=SECURITY_TOKEN)[0]))
            asking.start()
            with Gateway({"SECURITY_TOKEN": SECURITY_TOKEN, "ACCESS_CONTROL": "custom", "MWS_SERVER_PORT": str(running.gateway.port)}):
                asking.join(PATIENCE)
            self.assertEqual(answers, [200])


if __name__ == "__main__":
    unittest.main()
