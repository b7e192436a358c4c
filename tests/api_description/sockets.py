"""The gateways that the tests of docs/asyncapi.yaml share, and a real WebSocket client for them."""
import asyncio
import contextlib
import json

import jsonschema
import websockets
import websockets.exceptions

from description import Document
from gateway import PATIENCE, SECURITY

DOCUMENT = Document("asyncapi.yaml")


class Running:
    """What the tests of this module share."""
    gateways = None
    backend = None
    redis = None


def api(method, path, body=None, kind="telling"):
    return Running.gateways[kind].call(method, "/v1" + path, SECURITY, body)


def done(answer):
    assert 200 <= answer.status < 300, answer
    return json.loads(answer.body) if answer.body else None


@contextlib.contextmanager
def configured(change, kind="telling"):
    done(api("PUT", "/configuration", change, kind))
    try:
        yield
    finally:
        done(api("PUT", "/configuration", {key: None for key in change}, kind))


def reserve(kind="telling", **members):
    """The id and the token of a new reservation, as soon as there may be one."""
    while True:
        answer = api("POST", "/sockets", members, kind)
        if answer.status != 503:
            issued = done(answer)
            return issued["id"], issued["uri"].split("token=")[1]


def opened(token, path="/v1/gateways/default/socket", kind="telling", **more):
    uri = f"ws://127.0.0.1:{Running.gateways[kind].port}{path}"
    return websockets.connect(uri + ("?token=" + token if token else ""), open_timeout=PATIENCE, close_timeout=PATIENCE, **more)


def post(data, receivers, kind="telling", **more):
    return done(api("POST", "/messages", {"data": data, "receivers": receivers, **more}, kind))


async def received(connection):
    return await asyncio.wait_for(connection.recv(), PATIENCE)


async def close_code(connection):
    """With which code the gateway closes it."""
    try:
        while True:
            await received(connection)
    except websockets.exceptions.ConnectionClosed:
        await connection.wait_closed()
        return connection.close_code


def frame(first, payload=b"", mask=True):
    """The bytes of a frame that no decent client would send."""
    key = b"\0\0\0\0" if mask else b""
    length = bytes([len(payload) | (128 if mask else 0)]) if len(payload) < 126 else bytes([126 | 128]) + len(payload).to_bytes(2, "big")
    return bytes([first]) + length + key + payload


def problems(name, payload):
    """What of a payload is not as the description of that message says; empty: nothing."""
    described = DOCUMENT.root["components"]["messages"][name]
    if "contentEncoding" in described["payload"]:
        return [] if isinstance(payload, bytes) else ["it is text"]
    if not isinstance(payload, str):
        return ["it is binary"]
    value = json.loads(payload) if described["contentType"] == "application/json" else payload
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in jsonschema.Draft202012Validator(described["payload"]).iter_errors(value)]
