"""How each documented answer of docs/openapi.yaml is provoked: recipes by operation and status, or by status for all."""
import contextlib
import json
import threading
import time
import urllib.parse

from gateway import OPERATOR, PATIENCE, SECURITY, read_answer, request_bytes

CASES = {}  # (kind of operation, or None for all, status): recipes
UNKNOWN_ID = "x" * 32
UPGRADE = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="))


def case(status, *kinds):
    """The function provokes that status: of operations of these kinds, or where none is named of all that have no case of their own."""
    def add(function):
        for kind in kinds or (None,):
            CASES.setdefault((kind, status), []).append(function)
        return function
    return add


def recipes(operation, status):
    own = CASES.get((operation.kind, status), [])
    general = CASES.get((None, status), [])
    return own + [recipe for recipe in general if recipe.general_for(operation)]


def general(condition=lambda operation: True):
    def mark(function):
        function.general_for = condition
        return function
    return mark


def has(operation, scheme):
    return any(scheme in one for one in operation.security)


def is_socket(operation):
    return has(operation, "socketToken")


class Try:
    """One recipe at work on one operation. Recipes return answers, or yield them where something is to be done after one."""

    def __init__(self, operation, gateways, services, origin=None):
        self.operation = operation
        self.gateways = gateways
        self.identity = services["identity"]
        self.backend = services["backend"]
        self.redis = services["redis"]
        self.origin = origin
        self.method = operation.method
        self.used = set()  # names of the parameters that were sent
        self.sent = []  # bodies
        self.cleanup = contextlib.ExitStack()

    # What every call begins with

    def gateway(self, kind="guarded"):
        return self.gateways[kind]

    def target(self, gateway="default", id=UNKNOWN_ID, file="main.js", query=None):  # pylint: disable=redefined-builtin
        self.used |= {name for name in ("gateway", "id", "file") if "{" + name + "}" in self.operation.path} | set(query or {})
        path = self.operation.path.replace("{gateway}", gateway).replace("{id}", id).replace("{file}", file)
        return path + ("?" + urllib.parse.urlencode(query) if query else "")

    def fields(self, headers=()):
        self.used |= {name for name, _ in headers}
        cors = [("Origin", self.origin), ("Access-Control-Request-Headers", "x-one, x-two")]
        if not self.origin or "Origin" in dict(headers):
            return list(headers)
        return [*headers, *cors]

    def call(self, body=None, token=SECURITY, headers=(), on="guarded", **place):
        if self.operation.kind in OPERATOR_KINDS and token == SECURITY:
            token = OPERATOR
        self.sent.append(body)
        return self.gateway(on).call(self.method, self.target(**place), token, body, self.fields(headers))

    def raw(self, request, on="guarded"):
        return self.gateway(on).send(request, self.method)

    def head(self, *fields, on="guarded", version="1.1", method=None, query=None):
        """The bytes of a good request's head, with these fields more."""
        lines = [("Host", f"127.0.0.1:{self.gateway(on).port}"), *self.fields(), ("Authorization", "Bearer " + SECURITY), *fields]
        return request_bytes(method or self.method, self.target(query=query), lines).replace(b"HTTP/1.1", b"HTTP/" + version.encode(), 1)

    # What a recipe may need first, by calls of other operations

    def api(self, method, path, body=None, token=SECURITY, on="guarded", base="/v1"):
        return self.gateway(on).call(method, base + path, token, body)

    def made(self, answer):
        assert 200 <= answer.status < 300, answer
        return json.loads(answer.body)

    def reserve(self, on="guarded", base="/v1", **members):
        issued = self.made(until(201, lambda: self.api("POST", "/sockets", members, on=on, base=base)))  # a node needs a moment at first
        return issued["id"], issued["uri"].split("token=")[1]

    def handshake(self, token, path="/v1/socket", on="guarded", headers=()):
        """An open socket's connection, closed when the case ends, and its answer."""
        connection = self.cleanup.enter_context(self.gateway(on).connect())
        fields = [("Host", "gateway"), *UPGRADE, *headers]
        connection.sendall(request_bytes("GET", path + ("?token=" + token if token else ""), fields))
        return connection, read_answer(connection)

    def open_socket(self, on="guarded", **members):
        """The id of a socket that is open until the case ends."""
        socket_id, token = self.reserve(on, **members)
        answer = self.handshake(token, on=on)[1]
        assert answer.status == 101, answer
        return socket_id

    def upgrade(self, query=None, headers=(), on="guarded", gateway="default"):
        """The operation itself as a handshake."""
        return self.call(token=None, headers=(*UPGRADE, *headers), on=on, query=query, gateway=gateway)

    def configure(self, change, on="guarded"):
        """In force until the case ends."""
        self.made(self.api("PUT", "/configuration", change, on=on))
        self.cleanup.callback(lambda: self.made(self.api("PUT", "/configuration", {key: None for key in change}, on=on)))

    def ask_identity(self, **permissions):
        self.configure({"accessControl": "eds", "identityProvider": {"edsUri": self.identity.uri, "backendId": "b"}, "permissions": permissions})

    def new_gateway(self, on="guarded"):
        made = self.made(self.api("POST", "/gateways", {"accessControl": "custom"}, OPERATOR, on))
        self.cleanup.callback(lambda: self.api("DELETE", "/gateways/" + made["id"], token=OPERATOR, on=on))
        return made["id"]


OPERATOR_KINDS = {"listGateways", "createGateway", "showGateway", "removeGateway", "rotateSecurityToken", "showMetrics",
                  "showConsoleOverview", "issueConsoleSocket"}
MESSAGE = {"data": "hello", "receivers": {"tags": ["room:1"]}}
# A good request's body, by kind.
BODIES = {"sendMessage": MESSAGE, "sendBatch": {"messages": [MESSAGE]}, "receiveEnginioEvent": MESSAGE, "reserveSocket": {}, "changeTags": {},
          "changeConfiguration": {}, "createGateway": {}}


def good(attempt, **more):
    """A request that is well but for what `more` says."""
    return attempt.call(**{"body": BODIES.get(attempt.operation.kind), **more})


# Of all operations: what is refused before anybody looks at the path

@case(400)
@general()
def malformed(attempt):
    return attempt.raw(attempt.head(("Bad field", "x")))


@case(408)
@general()
def half_a_head(attempt):
    return attempt.raw(attempt.head(on="impatient")[:-2], on="impatient")


@case(408)
@general()
def half_a_body(attempt):
    return attempt.raw(attempt.head(("Content-Length", "2"), on="impatient") + b"{", on="impatient")


@case(413)
@general()
def large_body(attempt):
    return attempt.raw(attempt.head(("Content-Length", str(1024 * 1024 + 1))))


@case(413)
@general()
def large_chunks(attempt):
    return attempt.raw(attempt.head(("Transfer-Encoding", "chunked")) + b"100001\r\n")


@case(414)
@general()
def long_target(attempt):
    return attempt.raw(attempt.head(query={"token": "x" * 8192}))


@case(415)
@general()
def encoded_body(attempt):
    return attempt.raw(attempt.head(("Content-Encoding", "gzip"), ("Content-Length", "2")) + b"{}")


@case(417)
@general()
def expectation(attempt):
    return attempt.raw(attempt.head(("Expect", "wonders")))


@case(429)
@general()
def many_connections(attempt):
    with attempt.gateway("narrow").connect():
        for _ in range(1000):  # the one before may still be counted
            answer = attempt.raw(attempt.head(on="narrow"), on="narrow")
            if answer.status == 429:
                return answer
    return answer


@case(431)
@general()
def large_head(attempt):
    return attempt.raw(attempt.head(("X-Long", "x" * 16384)))


@case(431)
@general()
def many_fields(attempt):
    return attempt.raw(attempt.head(*[("X-Many", "x")] * 100))


@case(501)
@general()
def transfer_coding(attempt):
    return attempt.raw(attempt.head(("Transfer-Encoding", "gzip, chunked")))


@case(501)
@general()
def long_method(attempt):
    return attempt.raw(attempt.head(method="M" * 33))


@case(505)
@general()
def version(attempt):
    return attempt.raw(attempt.head(version="2.0"))


@case(503)
@general()
def many_bodies(attempt):
    """The worker holds all of a body that it may hold, for somebody else."""
    size = 1024 * 1024
    with attempt.gateway().connect() as holder, attempt.gateway().connect() as connection:
        fields = [("Host", "gateway"), ("Expect", "100-continue"), ("Content-Length", size)]
        holder.sendall(request_bytes("POST", "/v1/messages", fields))
        assert holder.recv(1024).startswith(b"HTTP/1.1 100 ")
        holder.sendall(b"x" * (size - 1))
        attempt.gateway().wait_until_read(holder)
        connection.sendall(attempt.head(("Content-Length", "100")) + b"{" * 50)
        return read_answer(connection, attempt.method)


@case(503)
@general(lambda operation: "gateways" in operation.path or has(operation, "securityToken") or operation.kind == "openSocket")
def redis_is_away(attempt):
    if is_socket(attempt.operation):
        return attempt.upgrade({"token": "x"}, on="without_redis")
    return good(attempt, on="without_redis")


# Of many

@case(401)
@general(lambda operation: not is_socket(operation))
def no_token(attempt):
    yield good(attempt, token=None)
    yield good(attempt, token="wrong")
    yield good(attempt, token=None, headers=[("Authorization", "Basic " + SECURITY)])


@case(401)
@general(lambda operation: not is_socket(operation) and not has(operation, "accessToken") and operation.kind != "showMetrics")
def no_token_configured(attempt):
    return good(attempt, on="open")


@case(401)
@general(lambda operation: has(operation, "accessToken"))
def unknown_user(attempt):
    attempt.ask_identity(read=["*"], write=["*"])
    return good(attempt, token="stranger")


@case(403)
@general(lambda operation: has(operation, "accessToken"))
def user_without_permission(attempt):
    attempt.ask_identity(read=["users.reader"], write=["users.writer"])
    reads = attempt.operation.method == "GET"
    return good(attempt, token="writer" if reads else "reader")


@case(503)
@general(lambda operation: has(operation, "accessToken"))
def identity_provider_fails(attempt):
    attempt.ask_identity(read=["*"], write=["*"])
    attempt.identity.well = False
    attempt.cleanup.callback(lambda: setattr(attempt.identity, "well", True))
    return good(attempt, token=f"nobody-{threading.get_ident()}")


@case(404)
@general(lambda operation: "{gateway}" in operation.path and not is_socket(operation))
def unknown_gateway(attempt):
    return good(attempt, gateway="nobody")


@case(404)
@general(lambda operation: "{id}" in operation.path)
def unknown_socket(attempt):
    yield good(attempt)
    yield good(attempt, id="short")


@case(404, "showSocket", "changeTags")
def only_reserved(attempt):
    return good(attempt, id=attempt.reserve()[0])


@case(422)
@general(lambda operation: operation.body is not None)
def not_json(attempt):
    yield attempt.call(body=b"{")
    yield attempt.call(body=b"[]")
    yield attempt.call(body=b"\xff")


# Service

@case(200, "showName", "showLive", "showReady")
def plain(attempt):
    return good(attempt, token=None, headers=[("X-Request-Id", "order-4711")])


@case(200, "showConsole", "showConsoleFile", "showConsoleOverview")
def console(attempt):
    token = OPERATOR if attempt.operation.kind == "showConsoleOverview" else None
    yield good(attempt, token=token, headers=[("X-Request-Id", "order-4711"), ("If-None-Match", '"other"')])
    if "{file}" in attempt.operation.path:
        for file in ("colours.css", "icon.svg", "status.json"):
            yield good(attempt, token=None, file=file)


@case(201, "issueConsoleSocket")
def console_socket(attempt):
    return good(attempt, headers=[("X-Request-Id", "order-4711")])


@case(304, "showConsole", "showConsoleFile")
def unchanged_page(attempt):
    tag = good(attempt, token=None).field("ETag")
    return good(attempt, token=None, headers=[("If-None-Match", tag)])


@case(308, "showConsoleFile")
def page_without_a_name(attempt):
    return good(attempt, token=None, file="")


@case(404, "showConsole", "showConsoleFile", "showConsoleOverview", "issueConsoleSocket")
def no_console(attempt):
    yield good(attempt, on="without_console")
    if "{file}" in attempt.operation.path:
        yield good(attempt, file="index.html")


@case(200, "showMetrics")
def metrics(attempt):
    yield good(attempt, headers=[("X-Request-Id", "order-4711")])
    yield good(attempt, token=None, on="open")


@case(200, "showMetrics", "showLive", "showReady")
def on_the_ops_port(attempt):
    gateway = attempt.gateway("watched")
    return gateway.call(attempt.method, attempt.target(), headers=attempt.fields(), port=gateway.ops_port)


@case(404, "showMetrics")
def metrics_are_elsewhere(attempt):
    return good(attempt, on="watched")


@case(503, "showReady")
def leaving(attempt):
    gateway = attempt.gateway("leaving")
    gateway.begin_drain()
    for _ in range(10000):
        answer = good(attempt, on="leaving")
        if answer.status == 503:
            break
    return answer


@case(503, "showReady")
def not_ready(attempt):
    return good(attempt, on="without_redis")


# Sockets

@case(200, "issueSocketUri")
def issue(attempt):
    yield good(attempt, headers=[("X-Request-Id", "order-4711")])
    yield good(attempt, token=None, on="open")
    attempt.ask_identity(read=["users.reader"])
    answer = good(attempt, token="reader")
    assert answer.json()["tags"] == ["users.reader"], answer
    yield answer


@case(422, "issueSocketUri")
def user_with_a_long_tag(attempt):
    attempt.ask_identity(read=["*"])
    attempt.configure({"limits": {"tagLength": 5}})
    return good(attempt, token="reader")


@case(400, "issueSocketUri", "reserveSocket")
def no_host_for_the_uri(attempt):
    fields = [("Host", "a!b"), *attempt.fields(), ("Authorization", "Bearer " + SECURITY), ("Content-Length", 0)]
    return attempt.raw(request_bytes(attempt.method, attempt.target(), fields))


@case(429, "issueSocketUri", "reserveSocket")
def many_uris(attempt):
    attempt.configure({"limits": {"reservationsPerSecond": 1, "burst": 1}})
    return until(429, lambda: good(attempt))


@case(503, "issueSocketUri", "reserveSocket")
def many_reservations(attempt):
    on = attempt.new_gateway()  # one without reservations of others
    if attempt.operation.is_short:
        attempt.configure({"limits": {"reservations": 1}})
        return until(503, lambda: good(attempt))
    attempt.made(attempt.api("PUT", "/configuration", {"limits": {"reservations": 1}}, OPERATOR, base="/v1/gateways/" + on))
    return until(503, lambda: good(attempt, token=OPERATOR, gateway=on))


@case(201, "reserveSocket")
def reserve(attempt):
    yield attempt.call(b"")
    yield attempt.call({"tags": ["room:1", "room:1"], "user": "eva", "clientMessages": "ignore", "expiresIn": 60, "reuse": True}, headers=[("X-Request-Id", "order-4711")])
    yield attempt.call({"tags": None, "user": None, "clientMessages": None, "expiresIn": None, "reuse": None})


@case(422, "reserveSocket")
def more_than_the_gateway(attempt):
    yield attempt.call({"clientMessages": "publish"})
    yield attempt.call({"tags": ["x" * 128] * 3 + ["y" * 128 + str(n) for n in range(3)]})
    yield attempt.call({"tags": [f"{n:0100}" for n in range(21)]})


@case(200, "listSockets")
def list_sockets(attempt):
    for _ in range(2):
        attempt.open_socket(tags=["listed"])
    first = attempt.call(query={"tag": "listed", "limit": 1}, headers=[("X-Request-Id", "order-4711")])
    assert len(first.json()["results"]) == 1, first
    second = attempt.call(query={"tag": "listed", "cursor": first.json()["cursor"]})
    assert len(second.json()["results"]) == 1 and "cursor" not in second.json(), second
    yield from (first, second, good(attempt), attempt.call(query={"tag": "listed", "details": "true"}))


@case(422, "listSockets")
def wrong_query(attempt):
    for query in ({"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"tag": ""}, {"cursor": "x"}, {"details": "perhaps"}):
        yield attempt.call(query=query)


@case(200, "closeSockets")
def close_many(attempt):
    attempt.open_socket(tags=["gone"], user="eva")
    attempt.reserve(tags=["gone"], user="eva")
    answer = attempt.call(query={"tag": "gone", "user": "eva", "issuedBefore": "2100-01-01T00:00:00Z", "code": 4000, "reason": "signed out"},
                          headers=[("X-Request-Id", "order-4711")])
    if attempt.method == "DELETE":
        assert answer.json() == {"closed": 1, "revoked": 1}, answer
    yield answer
    yield attempt.call(query={"issuedBefore": 1})


@case(422, "closeSockets")
def close_without_filter(attempt):
    yield attempt.call()
    for query in ({"tag": ""}, {"issuedBefore": "yesterday"}, {"user": "x", "code": 1009}, {"user": "x", "code": 5000}, {"user": "x", "reason": "x" * 124}):
        yield attempt.call(query=query)


@case(200, "showSocket")
def show_socket(attempt):
    yield attempt.call(id=attempt.open_socket(tags=["a"], user="eva"), headers=[("X-Request-Id", "order-4711")])
    yield attempt.call(id=attempt.open_socket())


@case(200, "closeSocket")
def close_socket(attempt):
    yield attempt.call(id=attempt.open_socket(), query={"code": 4000, "reason": "signed out"}, headers=[("X-Request-Id", "order-4711")])
    yield attempt.call(id=attempt.reserve()[0])


@case(422, "closeSocket")
def wrong_code(attempt):
    yield attempt.call(query={"code": 1002})
    yield attempt.call(query={"reason": "x" * 124})


@case(200, "changeTags")
def change_tags(attempt):
    socket_id = attempt.open_socket(tags=["a"])
    answer = attempt.call({"addTags": ["b", 7], "removeTags": ["a", 8]}, id=socket_id, headers=[("X-Request-Id", "order-4711")])
    assert answer.json()["tags"] == ["b", "7"], answer
    yield answer
    yield attempt.call({"addTags": None, "removeTags": None}, id=socket_id)


def until(status, call):
    """The first answer of that status among many."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answer = call()
        if answer.status == status:
            return answer
    return answer
