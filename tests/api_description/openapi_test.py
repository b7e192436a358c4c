"""docs/openapi.yaml and the running server: every documented answer is provoked, and none comes that is not documented."""
import concurrent.futures
import functools
import unittest

import cases_more  # pylint: disable=unused-import
from cases import BODIES, CASES, Try, recipes
from description import Mismatch, OpenApi
from gateway import GUARDED, Backend, Gateways, IdentityProvider, Redis

API = OpenApi()
ORIGIN = "https://app.example.com"


class Running:
    """What the tests of this module share."""
    gateways = None
    services = {}


def setUpModule():  # pylint: disable=invalid-name
    Running.services = {"identity": IdentityProvider(), "backend": Backend(), "redis": Redis()}
    redis = Running.services["redis"]
    Gateways.KINDS["node"] = GUARDED | {"REDIS_URL": f"redis://127.0.0.1:{redis.port}", "MWS_WEBSOCKET_HANDSHAKE_TIMEOUT": "100ms", "MWS_REDIS_REPLY_TIMEOUT": "30s"}
    Running.gateways = Gateways()


def tearDownModule():  # pylint: disable=invalid-name
    wrong = Running.gateways.stop()
    for service in Running.services.values():
        service.stop()
    if wrong or Running.gateways.leaked():
        raise AssertionError(f"exit codes {wrong}, secrets in the logs of {Running.gateways.leaked()}")


def attempt(operation, origin=None):
    return Try(operation, Running.gateways, Running.services, origin)


@functools.cache  # several tests ask for the same
def run(operation, status, recipe, origin=None, method=None):
    """What is wrong, as a list, and the Try."""
    one = attempt(operation, origin)
    if method:
        one.method = method
    wrong = []
    where = f"{operation} {status}, {recipe.__name__}, Origin {origin}"
    with one.cleanup:
        try:
            answers = recipe(one)
            answers = list(answers) if hasattr(answers, "__next__") else [answers]
        except Exception as error:  # pylint: disable=broad-except
            return [f"{where}: {error!r}"], one
    for answer in answers:
        if answer.status != status:
            wrong.append(f"{where}: {answer}")
            continue
        try:
            API.check(operation.responses[status], answer, (one.method, origin))
        except Mismatch as mismatch:
            wrong.append(f"{where}: {mismatch}")
    if not answers:
        wrong.append(f"{where}: no answer")
    return wrong, one


class Answers(unittest.TestCase):
    maxDiff = None

    def test_every_documented_answer_has_a_case(self):
        self.assertEqual([], [f"{operation} {status}" for operation in API.operations for status in operation.responses if not recipes(operation, status)])

    def test_every_case_is_of_a_documented_answer(self):
        documented = {(operation.kind, status) for operation in API.operations for status in operation.responses}
        self.assertEqual([], [key for key in CASES if key[0] is not None and key not in documented])

    def test_every_documented_answer_comes_and_is_as_documented(self):
        wrong, slow = [], []
        for operation in API.operations:
            for status in sorted(operation.responses):
                for recipe in recipes(operation, status):
                    if status == 408:  # only waits: all at once, below
                        slow.append((operation, status, recipe))
                        continue
                    for origin in (None, ORIGIN) if status != 101 else (None,):
                        wrong += run(operation, status, recipe, origin)[0]
        assert Running.gateways["impatient"]  # started by this thread, with which it would end
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for problems, _ in pool.map(lambda one: run(*one), slow):
                wrong += problems
        self.assertEqual("", "\n".join(wrong))

    def test_head_is_answered_as_get_without_a_body(self):
        wrong = []
        for operation in API.operations:
            if operation.method == "GET" and operation.kind not in ("openSocket", "listSockets", "issueSocketUri", "showConfiguration"):
                for recipe in recipes(operation, 200):
                    wrong += run(operation, 200, recipe, method="HEAD")[0]
        self.assertEqual("", "\n".join(wrong))

    def test_every_parameter_is_used_where_all_is_well(self):
        wrong = []
        for operation in API.operations:
            used = set()
            for status in operation.responses:
                if status < 300:
                    for recipe in recipes(operation, status):
                        problems, one = run(operation, status, recipe)
                        wrong += problems
                        used |= one.used
            wrong += [f"{operation}: {one['name']}" for one in operation.parameters if one["name"] not in used]
        self.assertEqual("", "\n".join(wrong))

    def test_bodies_that_are_taken_are_as_documented(self):
        wrong = []
        for operation in API.operations:
            for status in [status for status in operation.responses if status < 300 and operation.body]:
                for recipe in recipes(operation, status):
                    bodies = [body for body in run(operation, status, recipe)[1].sent if isinstance(body, dict)]
                    if operation.kind == "sendBatch":  # a bad message among them is refused by itself
                        bodies = bodies[1:]
                    wrong += [f"{operation}: {body}: {problems}" for body in bodies if (problems := API.problems(operation.body, body))]
        self.assertEqual("", "\n".join(wrong))


class Paths(unittest.TestCase):
    maxDiff = None

    def every_path(self):
        return API.root["x-every-path"]["responses"]

    def check(self, answer, name, asked):
        (status, response), = self.every_path()[name].items()
        self.assertEqual(answer.status, int(status), answer)
        API.check(API.resolve(response), answer, asked)

    def test_both_forms_of_a_gateways_paths_are_alike(self):
        long = {operation.kind: operation for operation in API.operations if operation.path.startswith("/v1/gateways/{gateway}/")}
        short = [operation for operation in API.operations if operation.is_short]
        self.assertEqual({operation.kind for operation in short}, set(long) - {"rotateSecurityToken"})
        for operation in short:
            other = long[operation.kind]
            self.assertEqual(other.path, operation.path.replace("/v1/", "/v1/gateways/{gateway}/", 1))
            self.assertEqual([one for one in other.parameters if one["name"] != "gateway"], operation.parameters)
            self.assertEqual((other.body, other.security), (operation.body, operation.security))
            missing = {404} if "{id}" not in operation.path else set()  # there always is a default gateway
            self.assertEqual({status: response for status, response in other.responses.items() if status not in missing}, operation.responses, operation)

    def test_methods_that_are_not_documented_are_405_and_name_those_that_are(self):
        gateway = Running.gateways["guarded"]
        for path in API.root["paths"]:
            methods = {operation.method for operation in API.operations if operation.path == path}
            target = path.replace("{gateway}", "default").replace("{id}", "x" * 32).replace("{file}", "main.js")
            for method in ("GET", "PUT", "POST", "DELETE", "PATCH", "TRACE", "BREW"):
                if method in methods:
                    continue
                with self.subTest(path=path, method=method):
                    answer = gateway.call(method, target, headers=[("Origin", ORIGIN)])
                    self.check(answer, "anotherMethod", (method, ORIGIN))
                    allowed = set(answer.field("Allow").split(", "))
                    self.assertEqual(allowed - {"HEAD", "OPTIONS"}, methods)
                    self.assertEqual("HEAD" in allowed, "GET" in methods)

    def test_options_of_any_path_is_a_preflight(self):
        gateway = Running.gateways["guarded"]
        for path in (*API.root["paths"], "/nothing/here"):
            for origin in (None, ORIGIN):
                headers = [("Origin", origin), ("Access-Control-Request-Headers", "x-one")] if origin else []
                with self.subTest(path=path, origin=origin):
                    answer = gateway.call("OPTIONS", path.replace("{gateway}", "default").replace("{id}", "x" * 32).replace("{file}", "main.js"), headers=headers)
                    self.check(answer, "OPTIONS", ("OPTIONS", origin))
                    self.assertEqual(answer.field("Access-Control-Allow-Headers"), "x-one" if origin else None)

    def test_other_paths_are_404(self):
        for path in ("/nothing", "/v1", "/v1/", "/v2/messages", "/v1/gateways/default/nothing", "/v1/sockets/a/b", "/messages"):
            for method in ("GET", "POST", "DELETE"):
                with self.subTest(path=path, method=method):
                    self.assertIsNone(API.template_of(path))
                    self.check(Running.gateways["guarded"].call(method, path), "anotherPath", (method, None))


class Limits(unittest.TestCase):
    """What schemas of requests say of numbers and sizes is what the server does: at the limit it is taken, beyond it 422."""

    def variants(self, schema, path=()):
        """(path, value at a limit, whether it is taken) for each limit of the schema."""
        schema = API.resolve(schema)
        for part in schema.get("anyOf", []) + schema.get("allOf", []):
            yield from self.variants(part, path)
        for name, member in schema.get("properties", {}).items():
            yield from self.variants(member, path + (name,))
        for key, step in (("minimum", -1), ("maximum", 1)):
            if key in schema:
                yield path, schema[key], True
                yield path, schema[key] + step, False
        if "maxLength" in schema and path:
            yield path, "x" * schema["maxLength"], True
            yield path, "x" * (schema["maxLength"] + 1), False
        if schema.get("minLength", 0) > 0:
            yield path, "", False
        if "exclusiveMinimum" in schema:
            yield path, schema["exclusiveMinimum"], False
        if "maxItems" in schema:
            item = BODIES["sendMessage"] if path[-1] == "messages" else None
            yield path, [item or f"t{n}" for n in range(schema["maxItems"])], True
            yield path, [item or f"t{n}" for n in range(schema["maxItems"] + 1)], False
        if schema.get("minItems", 0) > 0:
            yield path, [], False
        if "enum" in schema and path:
            yield path, "nothing-of-the-kind", False
        if "items" in schema:
            for inner, value, taken in self.variants(schema["items"]):
                if not inner and isinstance(value, str):
                    yield path, [value], taken

    # A value that is right by its size and yet wrong by itself, or that another one forbids.
    ELSEWHERE = {("clientMessages",), ("limits", "tagLength"), ("receivers", "tags")}

    def body_of(self, operation, path, value):
        body = dict(BODIES[operation.kind])
        if operation.kind == "sendMessage":
            body["id"] = None
        inner = body
        for name in path[:-1]:
            inner[name] = dict(inner.get(name) or {})
            inner = inner[name]
        inner[path[-1]] = value
        return body

    def test_limits_of_bodies(self):
        seen = set()
        for operation in API.operations:
            if not operation.body or operation.is_short or operation.kind == "receiveEnginioEvent":
                continue
            for path, value, taken in self.variants(operation.body):
                if operation.kind == "sendBatch" and path != ("messages",):
                    continue
                if path == ("encoding",) and taken:
                    continue
                with self.subTest(operation=operation.id, path=path, value=str(value)[:40], taken=taken):
                    seen.add((operation.kind, path))
                    one = attempt(operation)
                    place = {"id": one.open_socket()} if operation.kind == "changeTags" else {}
                    with one.cleanup:
                        if operation.kind == "changeConfiguration":
                            place["gateway"] = one.new_gateway()
                            one.operation.kind = "changeConfiguration"
                            answer = one.call(self.body_of(operation, path, value), token=cases_more.OPERATOR, **place)
                        else:
                            answer = one.call(self.body_of(operation, path, value), **place)
                        if answer.status == 201 and operation.kind == "createGateway":
                            one.api("DELETE", "/gateways/" + answer.json()["id"], token=cases_more.OPERATOR)
                    if taken:
                        self.assertIn(answer.status, (200, 201), answer)
                    else:
                        self.assertEqual(answer.status, 422, answer)
                        self.assertTrue(API.problems(operation.body, self.body_of(operation, path, value)), "the schema takes what the server does not")
        self.assertGreater(len(seen), 60)


if __name__ == "__main__":
    unittest.main()
