"""Commands against a gateway that speaks TLS with a certificate of an authority that the system does not know."""
import pathlib
import tempfile

from commands import CommandTest, OPERATOR_TOKEN, json, subprocess, unittest


def make_certificate(folder, name, issuer=None, host="IP:127.0.0.1"):
    """NAME.pem and NAME.key; an authority where no issuer signs it."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
               "-subj", f"/CN=mws test {name}", "-keyout", f"{name}.key", "-out", f"{name}.pem"]
    if issuer:
        command += ["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-addext", f"subjectAltName={host}",
                    "-addext", "basicConstraints=critical,CA:false"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=30)
    pathlib.Path(folder, f"{name}.key").chmod(0o600)


class Tls(CommandTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.certificates = folder.name
        for arguments in [("ca",), ("other-ca",), ("server", "ca"), ("elsewhere", "ca", "DNS:push.example.com")]:
            make_certificate(folder.name, *arguments)

    def pem(self, name):
        return str(pathlib.Path(self.certificates, f"{name}.pem"))

    def serve(self, name="server"):
        self.environment["MWS_URL"] = f"https://127.0.0.1:{self.environment['PORT']}"
        self.start(MWS_TLS_CERTIFICATE=self.pem(name), MWS_TLS_KEY=str(pathlib.Path(self.certificates, f"{name}.key")))

    def assert_refused(self, words, *arguments, **environment):
        """In text and in JSON."""
        ended = self.run_command(*arguments, code=3, **environment)
        self.assertIn("certificate", ended.err)
        self.assertIn(words, ended.err)
        self.assertEqual(ended.out, "")
        error = json.loads(self.run_command(*arguments, "--json", code=3, **environment).err)["error"]
        self.assertEqual((error["reason"], error["code"]), ("Unreachable", 3))
        self.assertIn("certificate", error["message"])

    def test_calls_and_sockets_with_the_right_authority(self):
        self.serve()
        trust = ["--ca-file", self.pem("ca")]
        uri = self.run_command("reserve", "--tag", "a", "--json", *trust, code=0).json()["uri"]
        self.assertTrue(uri.startswith("wss://127.0.0.1:"), uri)
        listeners = [self.begin("listen", uri, "--count", "1", "--json", *trust),
                     self.begin("listen", "--tag", "a", "--count", "1", "--json", *trust)]
        for listener in listeners:
            listener.wait_for('"open')
        sent = self.run_command("publish", "--to-tag", "a", "hello", "--json", *trust, code=0).json()
        self.assertEqual(sent, {"matched": 2, "dropped": 0})
        for listener in listeners:
            ended = listener.end()
            self.assertEqual((ended.code, json.loads(ended.out)["data"]), (0, "hello"))
        self.assertEqual(self.run_command("sockets", "--json", *trust, code=0).json(), {"results": []})
        names = [entry["id"] for entry in self.run_command("gateways", "--json", *trust, code=0).json()["results"]]
        self.assertEqual(names, ["default"])

    def test_no_authority_or_another_one(self):
        self.serve()
        uri = self.run_command("reserve", "--ca-file", self.pem("ca"), code=0).out.strip()
        for more in ([], ["--ca-file", self.pem("other-ca")]):
            for arguments in (["sockets"], ["gateways"], ["reserve"], ["publish", "--to-all", "x"], ["listen"], ["listen", uri]):
                with self.subTest(" ".join([arguments[0], *more])):
                    self.assert_refused("--ca-file", *arguments, *more)
        self.run_command("listen", uri, "--timeout", "1", "--ca-file", self.pem("ca"), code=0) # it was not spent

    def test_a_certificate_for_another_host(self):
        self.serve("elsewhere")
        uri = self.run_command("mint-token", "--url", self.environment["MWS_URL"], code=0).out.strip()
        for arguments in (["sockets"], ["listen"], ["listen", uri]):
            with self.subTest(arguments[0]):
                self.assert_refused("host", *arguments, "--ca-file", self.pem("ca"))

    def test_a_file_without_certificates(self):
        file = str(pathlib.Path(self.certificates, "server.key"))
        for name, words in [(file, "no PEM certificate"), ("/nonexistent.pem", "/nonexistent.pem")]:
            ended = self.run_command("sockets", "--ca-file", name, code=2)
            self.assertIn("--ca-file: " + name, ended.err)
            self.assertIn(words, ended.err)
        self.assertNotIn(OPERATOR_TOKEN, ended.err)


if __name__ == "__main__":
    unittest.main()
