"""With --json all that fails says why in one object on standard error, and nothing there is anything but JSON."""
import socket

from commands import CommandTest, OPERATOR_TOKEN, PATIENCE, free_port, json, pathlib, signal, unittest

NOBODY = {"SECURITY_TOKEN": "", "OPERATOR_TOKEN": ""}


class JsonErrors(CommandTest):
    def refused(self, code, *arguments, **environment):
        """The error object; what stands on standard output is left to the caller."""
        ended = self.run_command(*arguments, "--json", code=code, **environment)
        lines = [json.loads(line) for line in ended.err.splitlines()]
        self.assertEqual([list(line) for line in lines], [["error"]], ended.err)
        error = lines[0]["error"]
        self.assertEqual(error["code"], code)
        self.assertLessEqual(set(error), {"reason", "message", "status", "code", "errors"})
        self.out = ended.out
        return error

    def assert_error(self, code, arguments, reason, words, status=None, environment=None):
        with self.subTest(" ".join(arguments)):
            error = self.refused(code, *arguments, **(environment or {}))
            self.assertEqual((error["reason"], error.get("status")), (reason, status), error)
            self.assertIn(words, error["message"])
            self.assertEqual(self.out, "")

    def test_what_the_gateway_refuses(self):
        self.start()
        for arguments, reason, words, status, environment in [
                (["publish", "nobody", "--to-all", "x"], "NotFound", "No such gateway", 404, {}),
                (["reserve"], None, "No token was given", 401, NOBODY),
                (["reserve", "--client-messages", "shout"], None, "clientMessages", 422, {}),
                (["sockets"], None, "401 Unauthorized", 401, {"SECURITY_TOKEN": "wrong"}),
                (["sockets", "show", "x"], "NotFound", "404 Not Found", 404, {}),
                (["sockets", "tag", "x", "--add", "a"], "NotFound", "404 Not Found", 404, {}),
                (["gateways"], None, "401 Unauthorized", 401, {"OPERATOR_TOKEN": "wrong"}),
                (["gateways", "show", "nobody"], "NotFound", "No such gateway", 404, {}),
                (["listen"], None, "401 Unauthorized", 401, {"SECURITY_TOKEN": "wrong"})]:
            with self.subTest(" ".join(arguments)):
                error = self.refused(1, *arguments, **environment)
                self.assertEqual(error["status"], status)
                self.assertIn(words, error["message"])
                self.assertTrue(error["reason"].isalpha() and error["reason"] not in ("Failed", "BadUsage"), error)
                if reason:
                    self.assertEqual(error["reason"], reason)
                self.assertEqual(self.out, "")

    def test_the_gateways_own_list_of_what_is_wrong(self):
        self.start()
        error = self.refused(1, "gateways", "config", "set", "default", "limits.sokets=7")
        self.assertEqual([sorted(entry) for entry in error["errors"]], [["message", "property", "reason"]])
        self.assertEqual(error["errors"][0]["property"], "limits.sokets")
        self.assertEqual(error["errors"][0]["reason"], error["reason"])

    def test_each_of_several_failures(self):
        self.start()
        error = self.refused(1, "sockets", "close", "A" * 32, "B" * 32)
        self.assertEqual([(entry["reason"], entry["status"]) for entry in error["errors"]], [("NotFound", 404)] * 2)
        self.assertIn("B" * 32, error["errors"][1]["message"])
        self.assertEqual(json.loads(self.out), {"closed": []})

    def test_arguments_that_do_not_fit(self):
        for arguments, words in [
                (["publish", "--to-all"], "DATA"),
                (["publish", "--to-all", "x", "--ttl", "0"], "--ttl"),
                (["reserve", "--expires", "soon"], "--expires"),
                (["sockets", "close"], "--tag, --user and --issued-before"),
                (["sockets", "show"], "id"),
                (["gateways", "delete", "x"], "--yes"),
                (["gateways", "config"], "subcommand"),
                (["listen", "http://127.0.0.1"], "ws://"),
                (["listen", "--output", "loud"], "--output"),
                (["mint-token", "--expires", "never"], "--expires"),
                (["check-config", "--nonsense"], "--nonsense"),
                (["doctor", "--wait", "x"], "--wait"),
                (["backup"], "TARGET"),
                (["restore"], "FILE"),
                (["sockets", "--token-file", "/nonexistent"], "/nonexistent"),
                (["lisen"], "did you mean listen?")]:
            self.assert_error(2, arguments, "BadUsage", words)

    def test_a_gateway_that_is_not_there(self):
        dead = {"MWS_URL": f"http://127.0.0.1:{free_port()}"}
        for arguments in [["publish", "--to-all", "x"], ["reserve"], ["sockets"], ["sockets", "close", "--tag", "a"],
                          ["gateways"], ["gateways", "rotate-token", "x"], ["listen"]]:
            self.assert_error(3, arguments, "Unreachable", dead["MWS_URL"], environment=dead)
        uri = dead["MWS_URL"].replace("http", "ws")
        self.assert_error(3, ["listen", uri], "Unreachable", "the socket does not open")

    def test_a_server_that_does_not_answer(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(PATIENCE)
            silent = {"MWS_URL": f"http://127.0.0.1:{server.getsockname()[1]}"}
            self.assert_error(3, ["sockets", "--timeout", "0.2"], "Unreachable", silent["MWS_URL"], environment=silent)
            self.assert_error(3, ["listen", "--timeout", "0.2"], "Unreachable", "no socket opened", environment=silent)
            # Ctrl+C: a shell makes 130 of it.
            waiting = self.begin("sockets", "--json", **silent)
            connections = [server.accept()[0] for _ in range(3)] # those of the two before, and its own
            ended = waiting.end(signal.SIGINT)
            for connection in connections:
                connection.close()
            self.assertEqual((ended.code, ended.out, ended.err), (-signal.SIGINT, "", ""))

    def test_listen_where_too_little_comes(self):
        self.start()
        ended = self.run_command("listen", "--count", "2", "--timeout", "2", "--json", code=1)
        lines = [json.loads(line) for line in ended.err.splitlines()]
        self.assertEqual([list(line) for line in lines], [["note"], ["error"]])
        self.assertTrue(lines[0]["note"].startswith("open"))
        self.assertIn("0 of 2 messages came", lines[1]["error"]["message"])
        quiet = self.refused(1, "listen", "--count", "1", "--timeout", "1", "--quiet")
        self.assertEqual(quiet["reason"], "Failed")

    def test_listen_ends_well_without_an_error(self):
        self.start()
        listener = self.begin("listen", "--json")
        listener.wait_for('"open')
        ended = listener.end(signal.SIGINT)
        self.assertEqual((ended.code, ended.out), (0, ""))
        self.assertEqual([list(json.loads(line)) for line in ended.err.splitlines()], [["note"]])

    def test_a_configuration_with_mistakes(self):
        wrong = {"PORT": "x", "MWS_GATEWAY_LIMITS_SOCKETS": "many"}
        for arguments in [["mint-token"], ["backup", "b.tar"], ["restore", "b.tar"]]:
            self.assert_error(2, arguments, "BadConfiguration", "PORT: expected an integer", environment=wrong)
        for command in ("check-config", "doctor"):
            error = self.refused(2, command, **wrong)
            self.assertIn("PORT: expected an integer", error["message"])
            self.assertEqual(len(error["errors"]), 2, error)
            self.assertFalse(json.loads(self.out)["ok"])
        self.assertIn("BadConfiguration", {entry["reason"] for entry in self.refused(2, "check-config", **wrong)["errors"]})

    def test_doctor_names_the_checks_that_failed(self):
        error = self.refused(1, "doctor", "--wait", "0", SECURITY_TOKEN="changeme")
        self.assertEqual(error["reason"], "CheckFailed")
        self.assertIn("security token of default: ", error["message"])
        self.assertFalse(json.loads(self.out)["ok"])

    def test_mint_token_without_a_key(self):
        self.assert_error(2, ["mint-token"], "BadUsage", "--key-file")

    def test_backup_and_restore(self):
        self.assert_error(1, ["restore", "none.tar"], "Unavailable", "none.tar")
        pathlib.Path(self.folder, "broken.tar").write_bytes(b"x" * 2000)
        self.assert_error(1, ["restore", "broken.tar"], "InvalidData", "broken.tar")
        self.start()
        self.run_command("backup", "b.tar", code=0)
        self.assert_error(1, ["backup", "b.tar"], "Conflict", "b.tar")
        self.assert_error(1, ["restore", "b.tar"], "Conflict", "--force")

    def test_text_without_json(self):
        ended = self.run_command("sockets", code=3, MWS_URL=f"http://127.0.0.1:{free_port()}")
        self.assertTrue(ended.err.startswith("mws-gateway: cannot reach "))
        self.assertNotIn('{"error"', ended.err)
        # Behind -- it is data.
        self.assertIn("mws-gateway publish: ", self.run_command("publish", "--ttl", "0", "--", "--json", code=2).err)

    def test_success_says_nothing_on_standard_error(self):
        self.start()
        for arguments in [["publish", "--to-all", "x"], ["reserve"], ["mint-token"], ["sockets"], ["sockets", "close", "--tag", "a"],
                          ["gateways"], ["gateways", "show", "default"], ["gateways", "create", "g"], ["gateways", "rotate-token", "g"],
                          ["gateways", "config", "set", "g", "limits.sockets=5"], ["gateways", "config", "get", "g"],
                          ["check-config"], ["doctor", "--wait", "0"], ["backup", "b.tar"]]:
            with self.subTest(" ".join(arguments)):
                ended = self.run_command(*arguments, "--json", code=0)
                self.assertIsInstance(ended.json(), dict)
                self.assertEqual(ended.err, "")
        deleted = self.run_command("gateways", "delete", "g", "--yes", "--json", code=0)
        self.assertEqual(deleted.err, "")
        restored = self.run_command("restore", "b.tar", "--json", code=0, MWS_SERVER_STATE_DIR=f"{self.folder}/other")
        self.assertEqual(list(restored.json()), ["created", "gateway", "files", "kept"])
        self.assertNotIn(OPERATOR_TOKEN, restored.out)


if __name__ == "__main__":
    unittest.main()
