"""The recipes of messages, configurations, gateways and handshakes; see cases.py."""
import base64
import json
import time

from cases import BODIES, MESSAGE, UPGRADE, case, good, until
from gateway import OPERATOR, SECURITY


# Messages

@case(201, "sendMessage")
def send(attempt):
    attempt.open_socket(tags=["room:1"])
    for body in (*attempt.operation.examples, MESSAGE, {"data": 1.50, "receivers": {"sockets": None, "tags": None, "exclude": None}, "ttl": None, "id": None, "encoding": None}):
        yield attempt.call(body, headers=[("X-Request-Id", "order-4711")])
    yield attempt.call(MESSAGE, token=None, on="open")
    attempt.ask_identity(write=["users.writer"])
    yield attempt.call(MESSAGE, token="writer")


@case(204, "sendMessage")
def send_minimal(attempt):
    return attempt.call(MESSAGE, headers=[("Prefer", "return=minimal")])


@case(422, "sendMessage")
def wrong_message(attempt):
    name = f"key-{attempt.operation.id}-{attempt.origin}"
    assert attempt.call({**MESSAGE, "id": name}).status == 201
    for body in ({"data": None, "receivers": {}}, {"receivers": {}}, {"data": "x"}, {"data": "x", "receivers": None}, {"data": "x", "receivers": {"tags": "a"}},
                 {"data": "x", "receivers": {"tags": [""]}}, {"data": "x", "receivers": {"sockets": [1]}}, {"data": "?", "receivers": {}, "encoding": "base64"},
                 {"data": "x", "receivers": {}, "encoding": "hex"}, {"data": "x", "receivers": {}, "ttl": 0}, {"data": "another", "receivers": {}, "id": name},
                 {"data": "x", "receivers": {"sockets": [str(n) for n in range(10001)]}}):
        yield attempt.call(body)


@case(429, "sendMessage", "sendBatch", "receiveEnginioEvent")
def many_messages(attempt):
    attempt.configure({"limits": {"messagesPerSecond": 1, "burst": 1}})
    return until(429, lambda: good(attempt))


@case(200, "sendBatch")
def send_batch(attempt):
    answer = attempt.call({"messages": [MESSAGE, {"data": None}, 1]}, headers=[("X-Request-Id", "order-4711")])
    assert [one["status"] for one in answer.json()["results"]] == [201, 422, 422], answer
    yield answer
    yield attempt.call({"messages": []})
    yield attempt.call(attempt.operation.examples[0])


@case(422, "sendBatch")
def wrong_batch(attempt):
    for body in ({}, {"messages": {}}, {"messages": [MESSAGE] * 1001}):
        yield attempt.call(body)


@case(201, "receiveEnginioEvent")
def receive(attempt):
    for body in attempt.operation.examples:
        yield attempt.call(body, headers=[("X-Request-Id", "order-4711")])
    yield attempt.call({"payload": {}, "receivers": []})


@case(422, "receiveEnginioEvent")
def wrong_event(attempt):
    for body in ({}, {"object": {}}, {"object": {}, "meta": 1}, {"payload": {}}, {"payload": "x", "receivers": []}, {"payload": 1, "receivers": []},
                 {"payload": {}, "receivers": [{"id": "*"}]}, {"data": "x"}):
        yield attempt.call(body)


# Configurations

@case(200, "showConfiguration")
def show_configuration(attempt):
    yield good(attempt, headers=[("X-Request-Id", "order-4711")])
    attempt.configure({"events": {"url": "https://backend.example.com/mws", "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}, "publicUrl": "https://push.example.com",
                       "subprotocols": ["chat"], "identityProvider": {"edsUri": "https://api.example.com"}})
    answer = good(attempt)
    assert b"whsec_" not in answer.body, "a secret is shown"
    yield answer
    attempt.configure({"accessControl": "jwt", "identityProvider": {"type": "jwt", "jwksUri": attempt.identity.uri + "/jwks"}})
    yield good(attempt)


@case(200, "changeConfiguration")
def change_configuration(attempt):
    keys = ("name", "identityProvider", "permissions", "accessControl", "clientMessages", "allowedOrigins", "subprotocols", "anonymousSockets", "limits", "events", "reuse", "publicUrl")
    attempt.cleanup.callback(lambda: attempt.made(attempt.api("PUT", "/configuration", {key: None for key in keys})))
    yield attempt.call({key: None for key in keys}, headers=[("X-Request-Id", "order-4711")])
    yield attempt.call(attempt.operation.examples[0])
    yield attempt.call({"name": "Players", "identityProvider": {"type": "eds", "edsUri": "https://api.example.com", "edsBackendId": "4f2a"},
                        "permissions": {"read": ["*"], "write": ["users.5419"]}, "clientMessages": "publish", "allowedOrigins": ["*"],
                        "subprotocols": ["chat"], "anonymousSockets": {"enabled": False, "tags": ["a"]}, "limits": {"slowReaders": "dropOldest", "reservation": "5m"},
                        "events": {"url": "https://backend.example.com/mws", "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "types": ["connected"], "fold": "1s"},
                        "reuse": True, "publicUrl": "https://push.example.com"})


WRONG = ({"colour": "red"}, {"limits": {"sokets": 1}}, {"limits": 1}, {"accessControl": "maybe"}, {"allowedOrigins": []}, {"allowedOrigins": ["x"]},
         {"publicUrl": "x"}, {"permissions": {"read": ["x"]}}, {"identityProvider": {"type": "x"}},
         {"events": {"types": ["x"]}}, {"events": {"secrets": ["x"]}}, {"limits": {"reservation": "1 week"}})


@case(422, "changeConfiguration")
def wrong_configuration(attempt):
    for body in (*WRONG, {"id": "x"}, {"anonymousSockets": {"enabled": True}}):
        yield attempt.call(body)


@case(503, "changeConfiguration", "createGateway", "rotateSecurityToken")
def no_state_folder(attempt):
    body = {"name": "x"} if attempt.operation.kind == "changeConfiguration" else BODIES.get(attempt.operation.kind)
    return attempt.call(body, on="stateless")


# Gateways

@case(200, "listGateways", "showGateway")
def show_gateways(attempt):
    attempt.new_gateway()
    return good(attempt, headers=[("X-Request-Id", "order-4711")])


@case(201, "createGateway")
def create(attempt):
    for body in (b"", {}, attempt.operation.examples[0], {"id": None, "name": None}):
        answer = attempt.call(body, headers=[("X-Request-Id", "order-4711")])
        assert attempt.api("DELETE", "/gateways/" + answer.json()["id"], token=OPERATOR).status == 200
        yield answer


@case(409, "createGateway")
def create_again(attempt):
    return attempt.call({"id": "default"})


@case(422, "createGateway")
def create_wrong(attempt):
    for body in (*WRONG, {"id": "a b"}, {"id": ""}, {"id": "x" * 65}):
        yield attempt.call(body)


@case(200, "removeGateway")
def remove(attempt):
    return attempt.call(gateway=attempt.new_gateway(), headers=[("X-Request-Id", "order-4711")])


@case(403, "removeGateway")
def remove_configured(attempt):
    return attempt.call()


@case(201, "rotateSecurityToken")
def rotate(attempt):
    return attempt.call(gateway=attempt.new_gateway(), headers=[("X-Request-Id", "order-4711")])


# Handshakes

@case(101, "openSocket", "showName")
def open_socket(attempt):
    token = attempt.reserve()[1]
    headers = [("Sec-WebSocket-Protocol", "chat, more"), ("Origin", "https://app.example.com"), ("X-Request-Id", "order-4711")]
    answer = attempt.upgrade({"token": token}, headers)
    assert answer.field("Sec-WebSocket-Protocol") == "chat", answer.headers
    yield answer


@case(101, "openSocket", "showName")
def open_anonymously(attempt):
    change = {"anonymousSockets": {"enabled": True, "tags": ["a"]}}
    attempt.made(attempt.gateway("guarded").call("PUT", "/v1/configuration", SECURITY, {**change, "accessControl": "none"}))
    attempt.cleanup.callback(lambda: attempt.made(attempt.api("PUT", "/configuration", {"anonymousSockets": None, "accessControl": None})))
    return attempt.upgrade()


@case(400, "openSocket", "showName")
def wrong_handshake(attempt):
    token = attempt.reserve()[1]
    without_key = [field for field in UPGRADE if field[0] != "Sec-WebSocket-Key"]
    yield attempt.call(token=None, headers=without_key, query={"token": token})
    yield attempt.upgrade({"token": token}, [("Sec-WebSocket-Protocol", "two words")])


@case(401, "openSocket", "showName")
def wrong_token(attempt):
    token = attempt.reserve()[1]
    assert attempt.upgrade({"token": token}).status == 101
    socket_id, revoked = attempt.reserve()
    assert attempt.api("DELETE", "/sockets/" + socket_id).status == 200
    yield attempt.upgrade()
    for one in ("x", token, revoked, "x" * 4097):
        yield attempt.upgrade({"token": one})
    expired = attempt.reserve(expiresIn=1)[1]
    yield until(401, lambda: attempt.upgrade({"token": expired}) if has_expired(expired) else attempt.upgrade({"token": token}))


def has_expired(token):
    """Waits until it has."""
    payload = token.split(".")[1]
    expires = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"]
    while time.time() < expires + 0.1:
        time.sleep(0.05)
    return True


@case(403, "openSocket", "showName")
def wrong_origin(attempt):
    attempt.configure({"allowedOrigins": ["https://app.example.com"]})
    return attempt.upgrade({"token": attempt.reserve()[1]}, [("Origin", "https://evil.example.com")])


def ask_backend(attempt, verdict, **events):
    attempt.backend.verdict = verdict
    attempt.cleanup.callback(lambda: setattr(attempt.backend, "verdict", (204, b"")))
    attempt.configure({"events": {"url": attempt.backend.uri, "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "connect": True, **events}}, on="telling")
    return attempt.reserve(on="telling")[1]


@case(403, "openSocket", "showName")
def backend_says_no(attempt):
    return attempt.upgrade({"token": ask_backend(attempt, (403, b""))}, on="telling")


@case(503, "openSocket", "showName")
def backend_fails(attempt):
    return attempt.upgrade({"token": ask_backend(attempt, (500, b""))}, on="telling")


@case(503, "openSocket", "showName")
def many_sockets(attempt):
    attempt.configure({"limits": {"sockets": 1}}, on="telling")
    token = attempt.reserve(on="telling")[1]
    _, first = attempt.handshake(token, on="telling")
    assert first.status in (101, 503), first  # one of another case may still be open
    return attempt.upgrade({"token": attempt.reserve(on="telling")[1]}, on="telling")


@case(404, "openSocket", "showName")
def no_such_gateway(attempt):
    if "{gateway}" in attempt.operation.path:
        return attempt.upgrade({"token": "x"}, gateway="nobody")
    claims = base64.urlsafe_b64encode(b'{"gw":"nobody"}').decode().rstrip("=")
    return attempt.upgrade({"token": f"e30.{claims}.x"})


@case(426, "openSocket", "showName")
def another_version(attempt):
    token = attempt.reserve()[1]
    fields = [("Sec-WebSocket-Version", "8") if name == "Sec-WebSocket-Version" else (name, value) for name, value in UPGRADE]
    return attempt.call(token=None, headers=fields, query={"token": token})


@case(426, "openSocket")
def plain_get(attempt):
    return good(attempt)


@case(429, "openSocket", "showName")
def many_handshakes(attempt):
    attempt.configure({"limits": {"socketsPerSecond": 1, "burst": 1}})
    yield until(429, lambda: attempt.upgrade({"token": attempt.reserve()[1]}))
    attempt.configure({"limits": {"socketsPerAddress": 1}})
    _, first = attempt.handshake(attempt.reserve()[1])
    assert first.status in (101, 429), first
    yield attempt.upgrade({"token": attempt.reserve()[1]})


@case(500, "openSocket", "showName")
def handshake_takes_too_long(attempt):
    token = attempt.reserve(on="node")[1]
    attempt.redis.pause()
    attempt.cleanup.callback(attempt.redis.resume)
    return attempt.upgrade({"token": token}, on="node")
