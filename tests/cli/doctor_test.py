"""doctor, where everything is well and where things are broken."""
import os
import pathlib
import resource
import shutil
import socket
import threading

from commands import CommandTest, GATEWAY, free_port, json, signal, subprocess, unittest, wait_until

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin")
SETPRIV = shutil.which("setpriv")
REDIS = shutil.which("redis-check-rdb")  # is the server, too, by that name


class Doctor(CommandTest):
    def look(self, code, wait="0", **environment):
        ended = self.run_command("doctor", "--wait", wait, "--json", code=code, **environment)
        report = ended.json()
        self.assertEqual(list(report), ["ok", "checks"])
        self.assertEqual(report["ok"], code == 0)
        for check in report["checks"]:
            self.assertEqual(list(check), ["name", "status", "found", "fix"])
            self.assertEqual(bool(check["fix"]), check["status"] in ("warning", "failed"), check)
        return {check["name"]: check for check in report["checks"]}

    def assert_check(self, checks, name, status, words):
        self.assertEqual((checks[name]["status"], words in checks[name]["found"]), (status, True), checks[name])

    def test_a_gateway_that_is_not_started_yet(self):
        checks = self.look(0)
        self.assert_check(checks, "port", "ok", "is free")
        self.assert_check(checks, "state folder", "ok", "can be made")
        self.assert_check(checks, "redis", "skipped", "works alone")
        self.assert_check(checks, "operator token", "ok", "is set")

    def test_one_that_runs_behind_its_public_url(self):
        url = f"http://127.0.0.1:{self.environment['PORT']}"
        self.start(MWS_SERVER_PUBLIC_URL=url)
        checks = self.look(0)
        self.assert_check(checks, "port", "ok", "runs already")
        self.assert_check(checks, "public URL", "ok", url)
        self.assert_check(checks, "upgrade", "ok", "this gateway")
        self.assert_check(checks, "allowed origins of default", "ok", url)

    def test_it_waits_for_a_ping_interval(self):
        self.start(MWS_SERVER_PUBLIC_URL=f"http://127.0.0.1:{self.environment['PORT']}", MWS_WEBSOCKET_PING_INTERVAL="1s")
        ended = self.run_command("doctor", "--wait", "2", code=0)
        self.assertRegex(ended.out, r"ok +proxy idle time: an idle socket stayed open for [0-9.]+ s, longer")

    def test_a_port_that_another_program_has(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", int(self.environment["PORT"])))
            other.listen(0)
            def refuse():
                connection, _ = other.accept()
                connection.sendall(b"HTTP/1.0 404 Not Found\r\n\r\n")
                connection.close()
            thread = threading.Thread(target=refuse, daemon=True)
            thread.start()
            self.assert_check(self.look(1), "port", "failed", "another program answers there")
            thread.join(10)

    def test_a_public_url_where_nobody_is(self):
        checks = self.look(1, MWS_SERVER_PUBLIC_URL=f"http://127.0.0.1:{free_port()}")
        self.assert_check(checks, "public URL", "failed", "cannot be reached")

    def test_a_public_url_of_another_gateway(self):
        self.start()
        other = {"MWS_SERVER_PUBLIC_URL": f"http://127.0.0.1:{self.environment['PORT']}", "PORT": str(free_port()),
                 "MWS_SERVER_STATE_DIR": f"{self.folder}/other", "MWS_GATEWAY_SIGNING_KEY": "a" * 44}
        checks = self.look(1, **other)
        self.assert_check(checks, "upgrade", "failed", "another gateway")

    def test_an_origin_that_is_not_allowed(self):
        self.start(MWS_SERVER_PUBLIC_URL=f"http://127.0.0.1:{self.environment['PORT']}",
                   MWS_GATEWAY_ALLOWED_ORIGINS="https://app.example.com")
        self.assert_check(self.look(0), "allowed origins of default", "warning", "refused with 403")

    def test_weak_and_missing_tokens(self):
        checks = self.look(1, SECURITY_TOKEN="changeme", OPERATOR_TOKEN="")
        self.assert_check(checks, "security token of default", "failed", "guessed at once")
        self.assert_check(checks, "operator token", "warning", "none is set")
        self.assert_check(self.look(0, SECURITY_TOKEN="qQ7-short"), "security token of default", "warning", "16")

    def test_few_descriptors(self):
        done = subprocess.run([GATEWAY, "doctor", "--json", "--wait", "0"], cwd=self.folder, capture_output=True, text=True,
                              env=self.environment,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256)), check=False,
                              timeout=30)
        self.assertIn('"name":"descriptors","status":"warning"', done.stdout, done.stderr)

    def test_a_configuration_that_cannot_be_used(self):
        ended = self.run_command("doctor", code=2, PORT="x")
        self.assertIn("PORT: expected an integer", ended.out.replace("\n         ", " "))

    def test_a_state_file_that_is_broken(self):
        state = pathlib.Path(self.folder, "state")
        state.mkdir()
        (state / "gateways.json").write_text("{\n", encoding="utf-8")
        self.assert_check(self.look(1), "state folder", "failed", "gateways.json")

    def test_a_state_folder_that_nobody_has(self):
        self.assert_check(self.look(0), "state lock", "skipped", "is not there yet")
        gateway = self.start()
        gateway.end(signal.SIGTERM)
        self.assert_check(self.look(0), "state lock", "ok", "no gateway runs on")

    def test_a_state_folder_that_the_running_gateway_has(self):
        gateway = self.start()
        checks = self.look(0)
        self.assert_check(checks, "state lock", "ok", f"process {gateway.process.pid} has {self.folder}/state: the gateway runs on it")
        # It looks without taking it: the gateway keeps it, and another one is still refused.
        self.assert_check(self.look(0), "state lock", "ok", f"process {gateway.process.pid} ")

    def test_a_state_folder_that_another_gateway_has(self):
        gateway = self.start()
        other = {"PORT": str(free_port())}
        checks = self.look(1, **other)
        self.assert_check(checks, "port", "ok", "is free")
        self.assert_check(checks, "state lock", "failed", f"process {gateway.process.pid} has {self.folder}/state")
        self.assertIn("MWS_SERVER_STATE_DIR", checks["state lock"]["fix"])
        self.assertIn(f"process {gateway.process.pid}.", checks["state lock"]["fix"])
        # What it warns of is so.
        refused = self.run_command(code=2, **other)
        self.assertIn(f"in use by another gateway (process {gateway.process.pid})", refused.out + refused.err)

    def test_a_running_gateway_that_has_another_folder(self):
        self.start()
        checks = self.look(0, MWS_SERVER_STATE_DIR=f"{self.folder}/elsewhere")
        self.assert_check(checks, "state lock", "warning", "does not hold " + self.folder + "/elsewhere")

    @unittest.skipIf(os.geteuid() == 0 and not SETPRIV, "root can write everything, and no setpriv")
    def test_a_state_folder_that_cannot_be_written(self):
        state = pathlib.Path(self.folder, "state")
        state.mkdir()
        (state / "lock").touch()
        pathlib.Path(self.folder).chmod(0o755)
        (state / "lock").chmod(0)
        state.chmod(0o555)
        # Root may write everywhere; another user may not.
        other = [SETPRIV, "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        done = subprocess.run([*other, GATEWAY, "doctor", "--json", "--wait", "0"], cwd=self.folder, capture_output=True,
                              text=True, env=self.environment, check=False, timeout=30)
        checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
        self.assertEqual(done.returncode, 1)
        self.assert_check(checks, "state folder", "failed", "cannot be written")
        self.assert_check(checks, "state lock", "warning", "lock cannot be read")
        self.assertIn("chown", checks["state lock"]["fix"])

    def test_redis_that_is_not_there(self):
        url = f"redis://:redis-secret@127.0.0.1:{free_port()}"
        self.secrets = [*self.secrets, "redis-secret"]
        self.assert_check(self.look(1, REDIS_URL=url), "redis", "failed", "does not take commands")

    @unittest.skipUnless(REDIS, "no Redis")
    def test_redis_that_throws_away(self):
        port = free_port()
        server = subprocess.Popen(["redis-server", "--port", str(port), "--save", "", "--maxmemory", "100mb",
                                   "--maxmemory-policy", "allkeys-lru", "--requirepass", "redis-secret-1"],
                                  executable=REDIS, cwd=self.folder, stdout=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        def answers():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        wait_until(answers, "Redis")
        self.secrets = [*self.secrets, "redis-secret-1", "redis-secret-2"]
        checks = self.look(1, REDIS_URL=f"redis://:redis-secret-1@127.0.0.1:{port}")
        self.assert_check(checks, "redis", "ok", "version")
        self.assert_check(checks, "redis memory", "failed", "allkeys-lru")
        self.assert_check(checks, "redis persistence", "warning", "appendonly is off")
        self.assert_check(checks, "clock against Redis", "ok", "within 2 s")
        wrong = self.look(1, REDIS_URL=f"redis://:redis-secret-2@127.0.0.1:{port}")
        self.assert_check(wrong, "redis", "failed", "does not take commands")

    @unittest.skipUnless(HAPROXY, "no haproxy")
    def test_a_proxy_that_cuts_idle_sockets(self):
        front = free_port()
        config = pathlib.Path(self.folder, "haproxy.cfg")
        config.write_text(f"defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n"
                          f"  timeout tunnel 500ms\nfrontend f\n  bind 127.0.0.1:{front}\n  default_backend b\n"
                          f"backend b\n  server s 127.0.0.1:{self.environment['PORT']}\n", encoding="utf-8")
        self.start(MWS_SERVER_PUBLIC_URL=f"http://127.0.0.1:{front}")
        proxy = subprocess.Popen([HAPROXY, "-db", "-f", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(proxy.wait)
        self.addCleanup(proxy.kill)
        def answers():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", front)) == 0
        wait_until(answers, "haproxy")
        checks = self.look(1, wait="20")
        self.assert_check(checks, "upgrade", "ok", "this gateway")
        self.assert_check(checks, "proxy idle time", "failed", "was cut after")
        self.assertIn("timeout tunnel", checks["proxy idle time"]["fix"])


if __name__ == "__main__":
    unittest.main()
