"""listen, publish, reserve, sockets, gateways, mint-token and check-config against the real gateway."""
import base64
import pathlib

from commands import CommandTest, SECURITY_TOKEN, free_port, json, signal, unittest, wait_until


class Messages(CommandTest):
    def test_listen_prints_what_publish_sends(self):
        self.start()
        listener = self.begin("listen", "--tag", "players", "--count", "3", "--timeout", "30")
        listener.wait_for("open, socket")
        sent = self.run_command("publish", "--to-tag", "players", "two\nlines \x1b", code=0)
        self.assertEqual(sent.out, "sent to 1 socket\n")
        self.run_command("publish", "--to-all", "--data-json", '{"b": 1.50, "a": [true]}', code=0)
        self.run_command("publish", "--to-all", "--binary", "-", stdin=b"\x00\xff", code=0)
        ended = listener.end()
        self.assertEqual((ended.code, ended.out), (0, 'two\\nlines \\x1b\n{"b":1.50,"a":[true]}\nAP8=\n'))

    def test_listen_gives_programs_json(self):
        self.start(ACCESS_CONTROL="none")
        listener = self.begin("listen", "--json", "--count", "2")
        listener.wait_for("open")
        self.run_command("publish", "--to-all", "-", stdin="ü\n", code=0)
        self.run_command("publish", "--to-all", "--binary", "-", stdin=b"\x01", code=0)
        lines = [json.loads(line) for line in listener.end().out.splitlines()]
        self.assertEqual([list(line) for line in lines], [["time", "type", "data"]] * 2)
        self.assertEqual([(line["type"], line["data"]) for line in lines],
                         [("text", "ü\n"), ("binary", base64.b64encode(b"\x01").decode())])

    def test_listen_ends_with_zero_on_ctrl_c(self):
        self.start()
        listener = self.begin("listen")
        listener.wait_for("open")
        self.assertEqual(listener.end(signal.SIGINT).code, 0)
        self.assertEqual(self.run_command("sockets", "--json", code=0).json(), {"results": []})

    def test_listen_comes_back_after_a_restart(self):
        gateway = self.start()
        listener = self.begin("listen", "--count", "1")
        listener.wait_for("open")
        gateway.end(signal.SIGTERM)
        listener.wait_for("closed with 1001")
        self.start()
        def opened_again():
            return listener.err().count("open") >= 2
        wait_until(opened_again, "a second socket")
        self.run_command("publish", "--to-all", "again", code=0)
        self.assertEqual(listener.end().out, "again\n")

    def test_listen_stops_when_the_backend_closes_it(self):
        self.start()
        listener = self.begin("listen", "--tag", "a")
        listener.wait_for("open")
        self.run_command("sockets", "close", "--tag", "a", "--code", "4001", "--reason", "bye", code=0)
        ended = listener.end()
        self.assertEqual(ended.code, 0)
        self.assertIn("closed with 4001: bye", ended.err)

    def test_listen_opens_a_uri_once(self):
        self.start()
        uri = self.run_command("reserve", "--tag", "x", code=0).out.strip()
        self.assertTrue(uri.startswith("ws://127.0.0.1:"))
        self.assert_opens(uri)
        spent = self.run_command("listen", uri, code=1)
        self.assertIn("401 Unauthorized", spent.err)
        self.assertNotIn(uri.split("token=")[1], spent.err)

    def test_listen_says_when_too_little_came(self):
        self.start()
        ended = self.run_command("listen", "--count", "2", "--timeout", "0.5", code=1)
        self.assertIn("0 of 2 messages came", ended.err)

    def test_listen_sends_lines(self):
        self.start(MWS_GATEWAY_CLIENT_MESSAGES="echo")
        ended = self.run_command("listen", "--send", "--count", "2", stdin="one\nlast without end", code=0)
        self.assertEqual(ended.out, "one\nlast without end\n")

    def test_publish_reports_in_json(self):
        self.start()
        self.assertEqual(self.run_command("publish", "--to-tag", "x", "--json", "--", "-5", code=0).json(),
                         {"matched": 0, "dropped": 0})


class Refusals(CommandTest):
    def test_exit_codes(self):
        self.start()
        nobody = {"SECURITY_TOKEN": "", "OPERATOR_TOKEN": ""}
        dead = {"MWS_URL": f"http://127.0.0.1:{free_port()}"}
        for code, arguments, environment, words in [
                (1, ["sockets"], nobody, "No token was given: set SECURITY_TOKEN"),
                (1, ["listen"], {"SECURITY_TOKEN": "wrong"}, "401 Unauthorized"),
                (1, ["gateways"], {"OPERATOR_TOKEN": "wrong"}, "401 Unauthorized"),
                (1, ["reserve", "nobody"], {}, "No such gateway"),
                (1, ["reserve", "--client-messages", "shout"], {}, "clientMessages"),
                (1, ["sockets", "show", "x"], {}, "404 Not Found"),
                (2, ["publish", "--to-all"], {}, "DATA"),
                (2, ["publish", "hello"], {}, "--to-all, --to-tag TAG or --to-socket ID"),
                (2, ["publish", "--to-all", "--data-json", '1, "x": 2'], {}, "DATA"),
                (2, ["publish", "--to-all", "x", "--ttl", "0"], {}, "--ttl"),
                (2, ["listen", "http://127.0.0.1"], {}, "ws://"),
                (2, ["listen", "--output", "loud"], {}, "--output"),
                (2, ["sockets", "close"], {}, "--tag, --user and --issued-before"),
                (2, ["sockets", "tag", "x"], {}, "--add TAG"),
                (2, ["gateways", "delete", "x"], {}, "--yes"),
                (2, ["gateways", "config", "set", "x", "limits"], {}, "KEY=VALUE"),
                (2, ["sockets", "--url", "ftp://x"], {}, "--url"),
                (2, ["sockets"], {"MWS_URL": "nonsense"}, "MWS_URL"),
                (2, ["sockets", "--token-file", "/nonexistent"], {}, "/nonexistent"),
                (2, ["lisen"], {}, "did you mean listen?"),
                (3, ["publish", "--to-all", "x"], dead, dead["MWS_URL"]),
                (3, ["listen"], dead, dead["MWS_URL"]),
                (3, ["listen", dead["MWS_URL"].replace("http", "ws")], {}, "the socket does not open")]:
            with self.subTest(" ".join(arguments)):
                ended = self.run_command(*arguments, code=code, **environment)
                self.assertIn(words, ended.err)
                self.assertEqual(ended.out, "")

    def test_tokens_come_from_files_and_standard_input(self):
        self.start()
        pathlib.Path(self.folder, "token").write_text(SECURITY_TOKEN + "\n", encoding="utf-8")
        nobody = {"SECURITY_TOKEN": "", "OPERATOR_TOKEN": ""}
        self.run_command("sockets", "--token-file", "token", code=0, **nobody)
        self.run_command("sockets", "--token", "-", stdin=SECURITY_TOKEN + "\n", code=0, **nobody)


class Sockets(CommandTest):
    def test_lists_shows_tags_and_closes(self):
        self.start()
        self.assertEqual(self.run_command("sockets", code=0).err, "no open sockets\n")
        listener = self.begin("listen", "--tag", "b")
        listener.wait_for("open")
        results = self.run_command("sockets", "--json", code=0).json()["results"]
        self.assertEqual([sorted(entry) for entry in results], [["connectedAt", "id", "tags"]])
        name = results[0]["id"]
        self.assertIn(name, self.run_command("sockets", "list", "--tag", "b", code=0).out)
        tagged = self.run_command("sockets", "tag", name, "--add", "c", "--remove", "b", "--json", code=0).json()
        self.assertEqual(tagged["tags"], ["c"])
        shown = self.run_command("sockets", "show", name, code=0).out
        self.assertIn("queuedBytes", shown)
        partly = self.run_command("sockets", "close", name, "A" * 32, "--json", code=1)
        self.assertEqual(partly.json(), {"closed": [name]})
        self.assertIn("A" * 32 + ": 404", partly.err)
        self.assertEqual(listener.end().code, 0)

    def test_follows_cursors(self):
        self.start()
        listeners = [self.begin("listen") for _ in range(3)]
        for listener in listeners:
            listener.wait_for("open")
        whole = self.run_command("sockets", "--json", code=0).json()["results"]
        self.assertEqual(len(whole), 3)
        self.assertEqual(self.run_command("sockets", "--limit", "2", "--json", code=0).json()["results"], whole[:2])


class Gateways(CommandTest):
    def test_the_life_of_a_gateway(self):
        self.start()
        made = self.run_command("gateways", "create", "games", "--name", "Games", "--access-control", "custom",
                                "limits.sockets=5", "--json", code=0).json()
        self.assertEqual(list(made), ["id", "securityToken", "configuration"])
        self.assertEqual(made["configuration"]["limits"]["sockets"], 5)
        self.assertIn("Games", self.run_command("gateways", code=0).out)
        self.assertIn('"sockets": 5', self.run_command("gateways", "show", "games", code=0).out)
        self.run_command("sockets", "games", code=0, SECURITY_TOKEN=made["securityToken"])
        rotated = self.run_command("gateways", "rotate-token", "games", "--json", code=0).json()
        self.assertEqual(list(rotated), ["securityToken", "previousValidUntil"])
        self.run_command("gateways", "delete", "games", "--yes", code=0)
        self.run_command("sockets", "games", code=1)

    def test_configuration(self):
        self.start()
        changed = self.run_command("gateways", "config", "set", "default", "limits.sockets=7", "name=Mine", "--json",
                                   code=0).json()
        self.assertEqual((changed["limits"]["sockets"], changed["name"]), (7, "Mine"))
        got = self.run_command("gateways", "config", "get", "default", "--json", code=0).json()
        self.assertEqual(got, changed)
        wrong = self.run_command("gateways", "config", "set", "default", "limits.sokets=7", code=1)
        self.assertIn("limits.sokets: no such key; did you mean sockets?", wrong.err)
        pathlib.Path(self.folder, "c.json").write_text('{"name": null}', encoding="utf-8")
        self.run_command("gateways", "config", "set", "default", "--file", "c.json", code=0)


class MintToken(CommandTest):
    def test_opens_a_socket_with_the_key_of_the_state_folder(self):
        self.start()
        minted = self.run_command("mint-token", "--tag", "minted", "--json", code=0).json()
        self.assertEqual(list(minted), ["id", "uri", "token", "expiresAt", "tags"])
        listener = self.begin("listen", minted["uri"])
        listener.wait_for("open")
        self.assertEqual(self.run_command("sockets", "--json", code=0).json()["results"][0]["id"], minted["id"])

    def test_takes_a_key_from_a_file(self):
        key = base64.b64encode(b"k" * 32).decode()
        pathlib.Path(self.folder, "key").write_text(key + "\n", encoding="utf-8")
        uri = self.run_command("mint-token", "--key-file", "key", "--url", "https://push.example.com", code=0).out
        self.assertTrue(uri.startswith("wss://push.example.com/v1/gateways/default/socket?token="))
        self.start(MWS_GATEWAY_SIGNING_KEY=key)
        local = self.run_command("mint-token", "--key-file", "key", code=0).out.strip()
        self.assert_opens(local)
        self.run_command("mint-token", "--key-file", "key", "--tag", "x" * 200, code=2)

    def test_names_what_is_missing(self):
        self.assertIn("--key-file", self.run_command("mint-token", code=2).err)
        self.assertIn("no gateway games", self.run_command("mint-token", "games", code=2).err)


class CheckConfig(CommandTest):
    def test_json(self):
        good = self.run_command("check-config", "--json", code=0).json()
        self.assertEqual((list(good), good["ok"]), (["ok", "errors", "warnings"], True))
        bad = self.run_command("check-config", "--json", code=2, PORT="x").json()
        self.assertIn("PORT: expected an integer", bad["errors"][0])
        self.assertIn("PORT: expected an integer", self.run_command("check-config", code=2, PORT="x").err)


if __name__ == "__main__":
    unittest.main()
