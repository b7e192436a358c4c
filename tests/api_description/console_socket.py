"""The console's socket as docs/asyncapi.yaml has it: its messages, and who is refused."""
import asyncio
import json
import unittest

import websockets.exceptions

from description import OpenApi
from gateway import OPERATOR, PATIENCE, SECURITY, Gateways
from sockets import DOCUMENT, Running, done, opened, post, problems, received, reserve

CHANNEL = DOCUMENT.root["channels"]["console"]
OPEN_API = OpenApi()


def issued(kind="telling"):
    """The token of a URI of the console's socket, which has the path of the channel; as soon as there may be one."""
    while (answer := Running.gateways[kind].call("POST", "/v1/console/socket", OPERATOR)).status == 503:
        pass
    uri = done(answer)["uri"]
    path, token = uri.split("?token=")
    assert path.endswith(f":{Running.gateways[kind].port}{CHANNEL['address']}"), uri
    return token


def console(kind="telling", token=None, **more):
    return opened(issued(kind) if token is None else token, CHANNEL["address"], kind, **more)


def schema_parts(schema, path=()):
    """Each object that a schema describes, with the way to it in a message; `*` is any member."""
    if schema.get("type") == "object":
        yield path, schema
        for name, part in schema.get("properties", {}).items():
            yield from schema_parts(part, (*path, name))
        if isinstance(schema.get("additionalProperties"), dict):
            yield from schema_parts(schema["additionalProperties"], (*path, "*"))


class Cases(unittest.IsolatedAsyncioTestCase):
    async def next_of(self, connection):
        """The next message, which must be one of the channel's that the server sends."""
        sent = [one["$ref"].split("/")[-1] for one in DOCUMENT.root["operations"]["showStatistics"]["messages"]]
        payload = await received(connection)
        found = {name: problems(name, payload) for name in sent}
        self.assertIn([], found.values(), f"{payload} is none of {found}")
        return json.loads(payload)

    async def until(self, connection, condition):
        async def look():
            while True:
                message = await self.next_of(connection)
                if condition(message):
                    return message
        return await asyncio.wait_for(look(), PATIENCE)

    async def test_statistics_count_what_happens(self):
        _, token = reserve()
        async with opened(token), console() as connection:
            before = await self.until(connection, lambda message: message["gateways"]["default"]["sockets"] == 1)
            post("counted", {"sockets": ["*"]})
            after = await self.until(connection, lambda message: message["gateways"]["default"]["messages"] > before["gateways"]["default"]["messages"])
            self.assertEqual(after["gateways"]["default"]["deliveries"], before["gateways"]["default"]["deliveries"] + 1)
            self.assertEqual(after["node"], before["node"])
            self.assertGreater(after["at"], before["at"])
            self.assertGreaterEqual(after["connections"], 2)
            self.assertTrue(after["ready"])
            self.assertFalse([one for one in after["gateways"] if one.startswith("_")])

    async def test_every_node_of_a_cluster_reports(self):
        Gateways.KINDS["second_node"] = Gateways.KINDS["node"]
        self.assertNotEqual(Running.gateways["second_node"].port, Running.gateways["node"].port)
        nodes = set()
        async with console("node") as connection:
            await self.until(connection, lambda message: nodes.add(message["node"]) or len(nodes) == 2)

    async def test_what_is_not_described_would_be_found(self):
        async with console() as connection:
            good = await self.until(connection, lambda message: message["gateways"])
        schema = DOCUMENT.root["components"]["messages"]["statistics"]["payload"]
        parts = list(schema_parts(schema))
        self.assertEqual([path for path, _ in parts], [(), ("gateways",), ("gateways", "*")])
        for path, part in parts:
            wrong = json.loads(json.dumps(good))
            place = wrong
            for step in path:
                place = place[next(iter(place)) if step == "*" else step]
            place["_more"] = {}
            self.assertTrue(problems("statistics", json.dumps(wrong)), f"{path} may have members that are not described")
            del place["_more"]
            self.assertEqual(set(part.get("required", [])), set(part.get("properties", {})), path)
            for member in part.get("required", []):
                kept = place.pop(member)
                self.assertTrue(problems("statistics", json.dumps(wrong)), f"{path}: {member} may be missing")
                place[member] = kept
            self.assertEqual(problems("statistics", json.dumps(wrong)), [])

    async def test_what_a_console_says_is_ignored(self):
        said = {"text": "what a client says", "binary": b"\x00\xff"}
        described = [one["$ref"].split("/")[-1] for one in DOCUMENT.root["operations"]["ignoreConsole"]["messages"]]
        self.assertEqual(sorted(said), sorted(described))
        async with console() as connection:
            for name, payload in said.items():
                self.assertEqual(problems(name, payload), [])
                await connection.send(payload)
            await asyncio.wait_for(connection.ping(), PATIENCE)  # all before it was looked at
            for _ in range(2):
                await self.next_of(connection)

    async def test_every_message_of_the_channel_is_of_an_operation(self):
        used = {one["$ref"] for name in ("showStatistics", "ignoreConsole") for one in DOCUMENT.root["operations"][name]["messages"]}
        self.assertEqual(used, {"#/channels/console/messages/" + name for name in CHANNEL["messages"]})

    async def refused(self, token, kind="telling", path=CHANNEL["address"]):
        with self.assertRaises(websockets.exceptions.InvalidHandshake) as caught:
            async with opened(token, path, kind):
                pass
        status = getattr(caught.exception, "status_code", None) or caught.exception.response.status_code
        self.assertIn(str(status), DOCUMENT.root["x-handshake"]["answers"])
        return status

    async def test_a_uri_opens_once_and_nothing_else_does(self):
        token = issued()
        async with console(token=token, origin="https://anywhere.example.com") as connection:
            await self.next_of(connection)
            self.assertEqual(await self.refused(token), 401)
        self.assertEqual(await self.refused(""), 401)
        self.assertEqual(await self.refused("x"), 401)
        self.assertEqual(await self.refused(reserve()[1]), 401)  # of another gateway
        self.assertEqual(await self.refused("x", "without_console"), 404)

    async def test_a_console_token_opens_no_other_gateway(self):
        self.assertEqual(await self.refused(issued(), path="/v1/gateways/default/socket"), 401)

    async def test_only_the_operator_is_issued_one(self):
        operation, = [one for one in OPEN_API.operations if one.id == "issueConsoleSocket"]
        for kind, token, status in (("telling", None, 401), ("telling", "x" * 40, 401), ("telling", SECURITY, 401), ("telling", OPERATOR, 201),
                                    ("without_console", OPERATOR, 404), ("open", OPERATOR, 401)):
            with self.subTest(kind=kind, token=token):
                answer = Running.gateways[kind].call("POST", "/v1/console/socket", token)
                self.assertEqual(answer.status, status)
                OPEN_API.check(operation.responses[status], answer, ("POST", None))
