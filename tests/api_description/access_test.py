"""docs/paths.md, the running server and docs/openapi.yaml say the same of every path: which there are, and who may call."""
import re
import subprocess
import unittest

from description import ROOT, OpenApi
from gateway import GUARDED, KEPT, OPERATOR, PATIENCE, PROGRAM, SECURITY, Gateways, IdentityProvider

API = OpenApi()
READER, WRITER, BOTH, OTHER = "reader", "writer", "both", "another gateway's"
BODIES = {"POST messages": {"data": "x", "receivers": {}}, "POST messages:batch": {"messages": []}, "POST enginio": {"object": {}, "meta": {}}}


def table():
    """(method, path): the token's name, of the server's own table."""
    page = subprocess.run([PROGRAM, "--print-table", "routes"], env=KEPT, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    rows = re.findall(r"^\| ([A-Z]+) \| `(/[^`]*)` \| ([^|]+) \| [^|]+ \|$", page, re.MULTILINE)
    return {(method, path): token for method, path, token in rows}


# Which tokens pass in mode `eds`, where user `reader` may read and user `writer` may write; None is no token.
PASS = {
    "–": {None, "wrong", SECURITY, OPERATOR, READER, WRITER, OTHER},
    "socket's, for a handshake": {None, "wrong", SECURITY, OPERATOR, READER, WRITER, OTHER},
    "operator, if one is set": {OPERATOR},
    "read": {SECURITY, OPERATOR, READER},
    "write": {SECURITY, OPERATOR, WRITER},
    "security": {SECURITY, OPERATOR},
    "operator": {OPERATOR},
}
# By how docs/openapi.yaml says it.
SCHEMES = {
    "–": [set()],
    "socket's, for a handshake": [{"socketToken"}, set()],
    "operator, if one is set": [{"operatorToken"}, set()],
    "read": [{"accessToken"}, {"securityToken"}, {"operatorToken"}, set()],
    "write": [{"accessToken"}, {"securityToken"}, {"operatorToken"}, set()],
    "security": [{"securityToken"}, {"operatorToken"}],
    "operator": [{"operatorToken"}],
}


class Paths(unittest.TestCase):
    maxDiff = None

    def test_the_description_has_the_servers_routes_and_no_others(self):
        self.assertEqual({(operation.method, operation.path) for operation in API.operations}, set(table()))

    def test_the_description_names_the_tokens_of_the_table(self):
        routes = table()
        for operation in API.operations:
            schemes = [set(one) for one in operation.security] or [set()]
            self.assertEqual(schemes, SCHEMES[routes[operation.method, operation.path]], operation)

    def test_the_page_is_what_the_server_prints(self):
        made = subprocess.run([PROGRAM, "--print-table", "routes"], env=KEPT, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
        self.assertEqual((ROOT / "docs/paths.md").read_text(encoding="utf-8"), made, "mws-gateway --print-table routes > docs/paths.md")


class Tokens(unittest.TestCase):
    """Each route is called without a token, with a wrong one and with each right one."""

    @classmethod
    def setUpClass(cls):
        cls.identity = IdentityProvider()
        cls.gateways = Gateways()
        cls.gateways.KINDS["asked"] = GUARDED | {"ACCESS_CONTROL": "eds", "EDS_URI": cls.identity.uri, "EDS_BACKEND_ID": "b",
                                                 "EDS_PERMISSIONS": '{"read": ["users.reader"], "write": ["users.writer"]}'}
        cls.gateway = cls.gateways["asked"]
        made = cls.gateway.call("POST", "/v1/gateways", OPERATOR, {"id": "other", "accessControl": "custom"})
        assert made.status == 201, made
        cls.other = made.json()["securityToken"]

    @classmethod
    def tearDownClass(cls):
        wrong = cls.gateways.stop()
        cls.identity.stop()
        assert not wrong and not cls.gateways.leaked(), wrong

    def call(self, gateway, method, path, token):
        if (method, path) == ("DELETE", "/v1/gateways/{gateway}"):  # what is configured cannot be deleted, whoever asks
            gateway.call("POST", "/v1/gateways", OPERATOR, {"id": "doomed"})
            path = "/v1/gateways/doomed"
        if method == "POST" and path.endswith("/security_token"):  # whose token is known here stays
            path = path.replace("{gateway}", "other" if gateway is self.gateway else "default")
        body = next((body for call, body in BODIES.items() if method == call.split()[0] and path.endswith(call.split()[1])), {})
        path = path.replace("{gateway}", "default").replace("{id}", "x" * 32).replace("{file}", "main.js")
        query = "?tag=none" if method == "DELETE" and path.endswith("/sockets") else ""
        answer = gateway.call(method, path + query, self.other if token == OTHER else token, body if method in ("POST", "PUT", "PATCH") else None)
        self.assertNotIn(answer.status, (400, 405, 500, 503), answer)
        return answer

    def test_with_an_identity_provider(self):
        for (method, path), who in table().items():
            for token in (None, "wrong", SECURITY, OPERATOR, READER, WRITER, OTHER):
                with self.subTest(method=method, path=path, token=token):
                    answer = self.call(self.gateway, method, path, token)
                    known = token in (READER, WRITER) and who in ("read", "write")
                    if token in PASS[who]:
                        self.assertNotIn(answer.status, (401, 403), answer)
                    else:
                        self.assertEqual(answer.status, 403 if known else 401, answer)

    def test_where_nothing_is_configured(self):
        gateway = self.gateways["open"]
        for (method, path), who in table().items():
            for token in (None, "wrong", SECURITY):
                with self.subTest(method=method, path=path, token=token):
                    answer = self.call(gateway, method, path, token)
                    if who in ("security", "operator"):
                        self.assertEqual(answer.status, 401, answer)
                        self.assertIn("SECURITY_TOKEN" if who == "security" else "OPERATOR_TOKEN", answer.json()["error"]["message"])
                    else:
                        self.assertNotIn(answer.status, (401, 403), answer)

    def test_only_the_security_token_in_mode_custom(self):
        gateway = self.gateways["guarded"]
        for (method, path), who in table().items():
            if who in ("read", "write"):
                for token in (None, "wrong", READER, SECURITY, OPERATOR):
                    with self.subTest(method=method, path=path, token=token):
                        answer = self.call(gateway, method, path, token)
                        self.assertEqual(answer.status == 401, token not in (SECURITY, OPERATOR), answer)


if __name__ == "__main__":
    unittest.main()
