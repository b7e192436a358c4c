"""docker/compose.yml, config/haproxy.cfg, app.json and tools/packages/docker.txt, with the real programs but without Docker."""
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import unittest

import yaml

from support import PATIENCE, ROOT, Gateway, certificate, free_port, until

GATEWAY = os.environ["MWS_GATEWAY_EXECUTABLE"]
HAPROXY = os.environ["MWS_HAPROXY"]
SECRETS = {"SECURITY_TOKEN": "a-token", "REDIS_PASSWORD": "0123456789abcdef"}
NODES = ("gateway1", "gateway2", "gateway3")


class MissingVariable(Exception):
    pass


def interpolated(value, environment):
    """As Compose does it: $$, ${NAME:-default}, ${NAME:?error}."""
    if isinstance(value, dict):
        return {key: interpolated(entry, environment) for key, entry in value.items()}
    if isinstance(value, list):
        return [interpolated(entry, environment) for entry in value]
    if not isinstance(value, str):
        return value

    def replaced(found):
        if found.group() == "$$":
            return "$"
        name, how, word = found.group(1, 2, 3)
        if environment.get(name):
            return environment[name]
        if how == "?":
            raise MissingVariable(name)
        return word
    return re.sub(r"\$\$|\$\{(\w+):([-?])([^}]*)\}", replaced, value)


def compose(environment):
    return interpolated(yaml.safe_load((ROOT / "docker/compose.yml").read_text()), environment)


def image_environment():
    """The variables that docker/Dockerfile sets."""
    lines = re.findall(r"^ENV (.*)$", (ROOT / "docker/Dockerfile").read_text(), re.MULTILINE)
    return dict(pair.split("=", 1) for line in lines for pair in line.split())


class Compose(unittest.TestCase):
    def setUp(self):
        self.services = compose(SECRETS)["services"]

    def test_no_secret_has_a_default(self):
        for missing in SECRETS:
            with self.assertRaisesRegex(MissingVariable, missing):
                compose({name: value for name, value in SECRETS.items() if name != missing})

    def test_only_haproxy_can_be_reached(self):
        self.assertEqual({name: service["ports"] for name, service in self.services.items() if "ports" in service}, {"haproxy": ["8080:8080"]})

    def test_all_restart_and_are_checked(self):
        for name, service in self.services.items():
            self.assertEqual(service["restart"], "unless-stopped", name)
            self.assertTrue("healthcheck" in service or service.get("image") == "mws-gateway", name)
        self.assertIn("HEALTHCHECK", (ROOT / "docker/Dockerfile").read_text())

    def test_nodes_are_alike_but_for_their_volume(self):
        volumes = compose(SECRETS)["volumes"]
        alike = [{key: value for key, value in self.services[node].items() if key != "volumes"} for node in NODES]
        self.assertEqual(alike, [alike[0]] * 3)
        for node in NODES:
            self.assertEqual(self.services[node]["volumes"], [f"{node}:{image_environment()['MWS_SERVER_STATE_DIR']}"])
        self.assertEqual(set(volumes), {*NODES, "redis"})

    def test_gateway_takes_the_environment(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = image_environment() | self.services["gateway1"]["environment"] | {"MWS_SERVER_STATE_DIR": folder}
            done = subprocess.run([GATEWAY, "--print-config"], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        for key, value in (("server.port", "8080"), ("server.trust_forwarded", "true"), ("redis.host", '"redis"'), ("gateway.access_control", '"custom"')):
            self.assertRegex(done.stdout, rf"(?m)^{re.escape(key)} *= *{re.escape(value)}\b|^{re.escape(key)} *= *{re.escape(value)}")
        for secret in SECRETS.values():
            self.assertNotIn(secret, done.stdout + done.stderr)

    def test_a_drain_ends_before_it_is_killed(self):
        seconds = [int(text.removesuffix("s")) for text in
                   (self.services["gateway1"]["stop_grace_period"], self.services["gateway1"]["environment"]["MWS_SERVER_DRAIN_DELAY"])]
        self.assertGreaterEqual(seconds[0], seconds[1] + 20)

    def test_nodes_may_do_nothing_but_serve(self):
        for node in NODES:
            service = self.services[node]
            self.assertIs(service["read_only"], True)
            self.assertEqual((service["cap_drop"], service["security_opt"]), (["ALL"], ["no-new-privileges:true"]))

    def test_a_node_is_healthy_when_it_is_ready(self):
        """`up --wait` goes on to the next node then; that it lives, as the image asks, would be too early."""
        self.assertEqual(self.services["gateway1"]["healthcheck"]["test"], ["CMD", "/usr/local/bin/mws-healthcheck", "ready"])
        self.assertIn("COPY --chmod=0755 docker/healthcheck.sh /usr/local/bin/mws-healthcheck", (ROOT / "docker/Dockerfile").read_text())

    def test_redis_wants_its_password(self):
        service, port = self.services["redis"], free_port()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            program = "/usr/bin/redis-server" if pathlib.Path("/usr/bin/redis-server").exists() else "/usr/bin/redis-check-rdb"
            (path / "redis-server").symlink_to(program)
            environment = service["environment"] | {"PATH": f"{folder}:/usr/bin:/bin"}
            command = [part.replace("requirepass", f"port {port}\nbind 127.0.0.1\nrequirepass") for part in service["command"]]
            with subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
                try:
                    for line in server.stdout:
                        if "Ready to accept connections" in line:
                            break
                    check = service["healthcheck"]["test"][1].replace("redis-cli ping", f"redis-cli -p {port} ping")
                    self.assertEqual(subprocess.run(["sh", "-c", check], env=environment, check=False, timeout=PATIENCE).returncode, 0)
                    wrong = environment | {"REDIS_PASSWORD": "wrong"}
                    self.assertEqual(subprocess.run(["sh", "-c", check], env=wrong, check=False, timeout=PATIENCE, stderr=subprocess.DEVNULL).returncode, 1)
                    shown = pathlib.Path(f"/proc/{server.pid}/cmdline").read_text()
                    self.assertNotIn(SECRETS["REDIS_PASSWORD"], shown)
                finally:
                    server.terminate()
                    server.wait(PATIENCE)


class HaproxyConfiguration(unittest.TestCase):
    path = ROOT / "config/haproxy.cfg"

    def test_is_mounted_and_good(self):
        source, _, target = compose(SECRETS)["services"]["haproxy"]["volumes"][0].partition(":")
        self.assertEqual((ROOT / "docker" / source).resolve(), self.path)
        self.assertEqual(target, "/usr/local/etc/haproxy/haproxy.cfg:ro")
        nodes = {f"MWS_NODE_{number}": f"127.0.0.1:{number}" for number in (1, 2, 3)}
        for environment in ({}, nodes | {"MWS_LISTEN": "127.0.0.1:8080", "MWS_DESCRIPTORS": "1000"}):
            done = subprocess.run([HAPROXY, "-c", "-f", self.path], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_names_the_nodes_of_compose(self):
        found = re.findall(r'^ *server \S+ "\$\{MWS_NODE_\d-(\w+):8080\}"', self.path.read_text(), re.MULTILINE)
        self.assertEqual(tuple(found), NODES)

    def test_says_in_the_gateways_words_that_nobody_is_there(self):
        port = free_port()
        environment = {"MWS_LISTEN": f"127.0.0.1:{port}", **{f"MWS_NODE_{number}": "127.0.0.1:1" for number in (1, 2, 3)}}
        with subprocess.Popen([HAPROXY, "-db", "-f", self.path], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as haproxy:
            try:
                answer = self._answer(port)
            finally:
                haproxy.kill()
        self.assertRegex(answer, r"^HTTP/1.1 503 ")
        self.assertRegex(answer, r"(?i)\r\nretry-after: 1\r\n")
        self.assertTrue(answer.endswith('{"error":{"reason":"Unavailable","message":"Temporarily unavailable"}}'), answer)

    def _answer(self, port):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
                    connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    return b"".join(iter(lambda: connection.recv(4096), b"")).decode()
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    raise


class HealthCheck(unittest.TestCase):
    """docker/healthcheck.sh against the real gateway."""

    def _check(self, port, *arguments):
        return subprocess.run([ROOT / "docker/healthcheck.sh", *arguments], env={"PORT": str(port), "PATH": "/usr/bin:/bin"}, capture_output=True, check=False,
                              timeout=PATIENCE).returncode

    def test_tells_a_gateway_that_drains_from_one_that_is_gone(self):
        with Gateway({"MWS_SERVER_DRAIN_DELAY": "1h"}) as gateway:
            self.assertEqual([self._check(gateway.port, *what) for what in ((), ("live",), ("ready",))], [0, 0, 0])
            gateway.terminate()
            until(lambda: self._check(gateway.port, "ready") != 0, "not ready")
            self.assertEqual(self._check(gateway.port, "live"), 0)
            gateway.terminate()  # the second one ends it at once
            gateway.wait()
            self.assertNotEqual(self._check(gateway.port, "live"), 0)

    def test_a_port_with_tls_lives(self):
        with tempfile.TemporaryDirectory() as folder:
            pem, key = certificate(folder)
            with Gateway({"MWS_TLS_CERTIFICATE": str(pem), "MWS_TLS_KEY": str(key)}) as gateway:
                self.assertEqual(self._check(gateway.port), 0)


class AppJson(unittest.TestCase):
    """As https://devcenter.heroku.com/articles/app-json-schema has it."""

    def setUp(self):
        self.app = json.loads((ROOT / "app.json").read_text())

    def test_has_only_what_the_schema_knows(self):
        known = {"name", "description", "keywords", "website", "repository", "logo", "success_url", "scripts", "env", "formation", "addons", "buildpacks",
                 "environments", "stack", "image"}
        self.assertLessEqual(set(self.app), known)
        self.assertRegex(self.app["name"], r"^[a-zA-Z-_. ]{1,300}$")
        for word in (self.app["description"], self.app["stack"], *self.app["keywords"]):
            self.assertIsInstance(word, str)
        self.assertLessEqual(set(self.app.get("scripts", {})), {"postdeploy", "pr-predestroy"})
        processes = re.findall(r"(?m)^(\w+):", (ROOT / "Procfile").read_text())
        self.assertEqual(list(self.app["formation"]), processes)
        for name, variable in self.app["env"].items():
            self.assertRegex(name, r"^[A-Z][A-Z0-9_]*$")
            self.assertLessEqual(set(variable), {"description", "value", "required", "generator"}, name)
            self.assertIn(variable.get("generator", "secret"), ("secret",))
            self.assertTrue(variable.keys() & {"value", "generator"} or variable["required"] is False, f"{name} has no value")

    def test_the_gateway_takes_its_variables(self):
        values = {"APP_DOMAIN": "push.example.com", "LOG_LEVEL": "info", "REDIS_URL": "redis://127.0.0.1:6379"}
        environment = {"PORT": "5000"}
        for name, variable in self.app["env"].items():
            environment[name] = variable.get("value", values.get(name, "0123456789abcdef"))
        done = subprocess.run([GATEWAY, "--print-config"], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in self.app["env"]:
            self.assertRegex(done.stdout, rf"\b{name}\b", "is where a value comes from")


class ImagePackages(unittest.TestCase):
    def test_are_all_that_the_executable_links(self):
        release = re.search(r"^VERSION_CODENAME=(\w+)", pathlib.Path("/etc/os-release").read_text(), re.MULTILINE).group(1)
        rows = [line.split() for line in (ROOT / "tools/packages/docker.txt").read_text().splitlines() if line and not line.startswith("#")]
        listed = {row[0] for row in rows if row[1] in ("any", release)} | {"libc6", "libstdc++6", "libgcc-s1"}  # these are in any Debian
        needed = re.findall(r"\(NEEDED\).*\[(.+)\]", subprocess.run(["readelf", "-d", GATEWAY], capture_output=True, text=True, check=True).stdout)
        self.assertGreater(len(needed), 10)
        linked = subprocess.run(["ldd", GATEWAY], capture_output=True, text=True, check=True).stdout
        paths = dict(re.findall(r"(?m)^\s*(\S+) => (/\S+)", linked))
        paths = {library: paths[library] for library in needed if library in paths and not re.match(r"lib(a|l|t|ub)san\.", library)}
        owners = self._packages({name for path in paths.values() for name in (path, os.path.realpath(path), "/usr" + path)})
        for library, path in paths.items():
            found = owners.get(path) or owners.get(os.path.realpath(path)) or owners.get("/usr" + path)
            self.assertIn(found, listed, library)

    def _packages(self, files):
        """{file: package}, of those that are in one."""
        said = subprocess.run(["dpkg-query", "-S", *files], capture_output=True, text=True, check=False).stdout
        return {path: package.split(":")[0] for package, path in (line.rsplit(": ", 1) for line in said.splitlines())}


if __name__ == "__main__":
    unittest.main()
