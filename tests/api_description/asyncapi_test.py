"""docs/asyncapi.yaml and the running server: every channel, message, answer and close code, with a real WebSocket client."""
import asyncio
import base64
import json
import re
import socket
import subprocess
import unittest

import websockets

import console_socket
from description import OpenApi
from gateway import GUARDED, KEPT, PATIENCE, PROGRAM, Backend, Gateways, Redis
from sockets import DOCUMENT, Running, api, close_code, configured, done, frame, opened, post, problems, received, reserve

SECRETS = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]


def setUpModule():  # pylint: disable=invalid-name
    Running.backend, Running.redis = Backend(), Redis()
    Gateways.KINDS["node"] = GUARDED | {"REDIS_URL": f"redis://127.0.0.1:{Running.redis.port}"}
    Running.gateways = Gateways()


def tearDownModule():  # pylint: disable=invalid-name
    wrong = Running.gateways.stop()
    Running.backend.stop()
    Running.redis.stop()
    if wrong or Running.gateways.leaked():
        raise AssertionError(f"exit codes {wrong}, secrets in the logs of {Running.gateways.leaked()}")


class Messages(unittest.IsolatedAsyncioTestCase):
    """A case for each operation and each of its messages, on each channel."""

    def fits(self, name, payload):
        self.assertEqual(problems(name, payload), [], payload)

    async def deliver(self, connection, socket_id, message):
        if message == "textDelivery":
            post("hello", {"sockets": [socket_id]})
            post({"a": 1.50}, {"sockets": [socket_id]})
            answers = [await received(connection), await received(connection)]
            self.assertEqual(answers, ["hello", '{"a":1.5}'])
        else:
            post("AP/+", {"sockets": [socket_id]}, encoding="base64")
            answers = [await received(connection)]
            self.assertEqual(answers, [b"\x00\xff\xfe"])
        for answer in answers:
            self.fits(message, answer)

    PAYLOADS = {"text": "what a client says", "binary": b"\x00\xff", "message": json.dumps({"data": "published", "receivers": {"tags": ["hall"]}})}

    async def ignore(self, connection, socket_id, message):
        await connection.send(self.PAYLOADS[message])
        await self.nothing_came(connection, socket_id)

    async def nothing_came(self, connection, socket_id):
        await asyncio.wait_for(await connection.ping(), PATIENCE)  # all before it was looked at
        post("the end", {"sockets": [socket_id]})
        self.assertEqual(await received(connection), "the end")

    async def echo(self, connection, _, message):
        await connection.send(self.PAYLOADS[message])
        answer = await received(connection)
        self.assertEqual(answer, self.PAYLOADS[message])
        self.fits(message + "Delivery", answer)

    async def relay(self, connection, socket_id, message):
        _, token = reserve(tags=["hall"])
        async with opened(token) as other:
            await connection.send(self.PAYLOADS[message])
            self.assertEqual(await received(other), self.PAYLOADS[message])
            await self.nothing_came(connection, socket_id)

    async def publish(self, connection, socket_id, message):
        self.fits(message, self.PAYLOADS[message])
        _, token = reserve(tags=["hall"])
        async with opened(token) as other:
            await connection.send(self.PAYLOADS[message])
            self.assertEqual(await received(other), "published")
            if connection.granted:
                self.assertEqual(await received(connection), "published")  # it has the tag, too
        for wrong, reason in (('{"receivers":{}}', "InvalidData"), (b"bytes", "InvalidData")):
            await connection.send(wrong)
            answer = await received(connection)
            self.fits("publishRefusal", answer)
            self.assertEqual(json.loads(answer)["errors"][0]["reason"], reason)
        await self.nothing_came(connection, socket_id)

    async def webhook(self, connection, socket_id, message):
        await connection.send(self.PAYLOADS[message])
        _, event = Running.backend.wait_for("socket.message", lambda one: one["data"]["id"] == socket_id and ("encoding" in one["data"]) == (message == "binary"))[-1]
        data = event["data"]["data"]
        self.assertEqual(base64.b64decode(data) if message == "binary" else data, self.PAYLOADS[message])

    async def test_every_message_of_every_operation_on_every_channel(self):
        operations = {name: operation for name, operation in DOCUMENT.root["operations"].items()
                      if operation["channel"]["$ref"] == "#/channels/socket"}
        self.assertEqual({operation.get("x-client-messages") for operation in operations.values()} - {None},
                         set(OpenApi().root["components"]["schemas"]["ClientMessages"]["enum"]))
        cases = 0
        for channel in [one for key, one in DOCUMENT.root["channels"].items() if key != "console"]:
            for name, operation in operations.items():
                for message in [one["$ref"].split("/")[-1] for one in operation["messages"]]:
                    with self.subTest(channel=channel["address"], operation=name, message=message):
                        await self.one_case(channel["address"], name, operation, message)
                        cases += 1
        self.assertEqual(cases, 3 * 11)

    async def one_case(self, address, name, operation, message):
        policy = operation.get("x-client-messages", "ignore")
        change = {"clientMessages": policy}
        if policy == "webhook":
            change["events"] = {"url": Running.backend.uri, "secrets": SECRETS, "types": ["message"]}
        with configured(change):
            grant = {"clientMessages": "publish"} if policy == "publish" else {}
            socket_id, token = reserve(tags=["hall"], **grant)
            async with opened(token, address.replace("{gateway}", "default")) as connection:
                connection.granted = bool(grant)
                await getattr(self, name)(connection, socket_id, message)

    async def test_every_message_is_of_an_operation(self):
        used = {one["$ref"].split("/")[-1] for operation in DOCUMENT.root["operations"].values()
                for one in operation["messages"] + operation.get("reply", {}).get("messages", [])}
        self.assertEqual(used, set(DOCUMENT.root["components"]["messages"]))

    async def test_who_may_not_publish_is_told(self):
        with configured({"clientMessages": "publish"}):
            socket_id, token = reserve()
            async with opened(token) as connection:
                await connection.send(self.PAYLOADS["message"])
                answer = await received(connection)
                self.fits("publishRefusal", answer)
                self.assertEqual(json.loads(answer)["error"]["reason"], "AccessDenied")
                await self.nothing_came(connection, socket_id)

    async def test_too_many_published_messages_are_told(self):
        with configured({"clientMessages": "publish", "limits": {"messagesPerSecond": 1, "burst": 1}}):
            _, token = reserve(clientMessages="publish")
            async with opened(token) as connection:
                for _ in range(50):
                    await connection.send(json.dumps({"data": "x", "receivers": {}}))
                answer = await received(connection)
                self.fits("publishRefusal", answer)
                self.assertEqual(json.loads(answer)["error"]["reason"], "TooManyRequests")

    async def test_subprotocol_and_extensions(self):
        _, token = reserve()
        async with opened(token, subprotocols=["chat", "more"]) as connection:
            self.assertEqual(connection.subprotocol, "chat")
            self.assertEqual(list(getattr(connection, "extensions", None) or getattr(getattr(connection, "protocol", None), "extensions", [])), [])


class ConsoleSocket(console_socket.Cases):
    """The tests of the console's socket, with the gateways of these."""


class Handshakes(unittest.IsolatedAsyncioTestCase):
    async def test_answers_are_those_of_openapi(self):
        operation, = [one for one in OpenApi().operations if one.id == "openSocket"]
        self.assertEqual({int(status) for status in DOCUMENT.root["x-handshake"]["answers"]}, set(operation.responses))  # which openapi_test provokes

    async def refused(self, *arguments, **more):
        with self.assertRaises(websockets.exceptions.InvalidHandshake) as caught:
            async with opened(*arguments, **more):
                pass
        error = caught.exception
        return getattr(error, "status_code", None) or error.response.status_code

    async def test_a_client_is_told_why(self):
        _, token = reserve()
        async with opened(token):
            self.assertEqual(await self.refused(token), 401)
        self.assertEqual(await self.refused("", "/"), 401)
        self.assertEqual(await self.refused("x", "/v1/gateways/nobody/socket"), 404)
        with configured({"allowedOrigins": ["https://app.example.com"]}):
            self.assertEqual(await self.refused(reserve()[1], origin="https://evil.example.com"), 403)
        with configured({"limits": {"sockets": 1}}):
            async with opened(reserve()[1]):
                self.assertEqual(await self.refused(reserve()[1]), 503)
        with configured({"limits": {"socketsPerAddress": 1}}):
            async with opened(reserve()[1]):
                self.assertEqual(await self.refused(reserve()[1]), 429)


class Pings(unittest.IsolatedAsyncioTestCase):
    async def test_times_are_the_defaults(self):
        shown = subprocess.run([PROGRAM, "--print-config"], env=KEPT, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
        for key, name in (("interval", "ping_interval"), ("timeout", "pong_timeout")):
            self.assertRegex(shown, rf'websocket\.{name} *= *"?{DOCUMENT.root["x-pings"][key]}s?"?')

    async def test_both_sides_ping(self):
        Gateways.KINDS["pinging"] = GUARDED | {"MWS_WEBSOCKET_PING_INTERVAL": "1s", "MWS_WEBSOCKET_PONG_TIMEOUT": "10s"}
        with socket.create_connection(("127.0.0.1", Running.gateways["pinging"].port), PATIENCE) as connection:
            token = reserve("pinging")[1]
            connection.sendall(f"GET /v1/socket?token={token} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
            came = b""
            while not came.endswith(b"\r\n\r\n"):
                came += connection.recv(1)
            self.assertEqual(connection.recv(2)[0], 0x89)  # a Ping, within its interval
        async with opened(reserve("pinging")[1], kind="pinging") as connection:
            await asyncio.wait_for(await connection.ping(b"are you there"), PATIENCE)


class CloseCodes(unittest.IsolatedAsyncioTestCase):
    """A case for each close code and each side that sends it."""

    @staticmethod
    def rows():
        return [(row["codes"], by) for row in DOCUMENT.root["x-close-codes"] for by in row["by"]]

    async def by_backend(self, code):
        socket_id, token = reserve()
        async with opened(token) as connection:
            done(api("DELETE", f"/sockets/{socket_id}?code={code}&reason=bye"))
            self.assertEqual(await close_code(connection), code)

    async def by_client(self, code):
        _, token = reserve()
        async with opened(token) as connection:
            connection.transport.write(frame(0x88, code.to_bytes(2, "big") + b"bye"))
            self.assertEqual(await close_code(connection), code)

    async def wrong_bytes(self, data, code, **limits):
        with configured({"limits": limits} if limits else {}):
            _, token = reserve()
            async with opened(token) as connection:
                connection.transport.write(data)
                self.assertEqual(await close_code(connection), code)

    async def gateway_1000(self):
        _, token = reserve()
        async with opened(token) as connection:
            await connection.close()
            self.assertEqual(connection.close_code, 1000)

    async def gateway_1001(self):
        done(Running.gateways["telling"].call("POST", "/v1/gateways", GUARDED["OPERATOR_TOKEN"], {"id": "short-lived"}))
        issued = done(Running.gateways["telling"].call("GET", "/v1/gateways/short-lived/websocket_uri"))
        async with opened(issued["uri"].split("token=")[1], "/v1/gateways/short-lived/socket") as connection:
            done(Running.gateways["telling"].call("DELETE", "/v1/gateways/short-lived", GUARDED["OPERATOR_TOKEN"]))
            self.assertEqual(await close_code(connection), 1001)
        _, token = reserve("stopping")
        async with opened(token, kind="stopping") as connection:
            Running.gateways["stopping"].begin_drain()
            self.assertEqual(await close_code(connection), 1001)

    async def gateway_1002(self):
        await self.wrong_bytes(frame(0x81, b"not masked", mask=False), 1002)
        await self.wrong_bytes(frame(0x83, b"an opcode that is reserved"), 1002)

    async def gateway_1007(self):
        await self.wrong_bytes(frame(0x81, b"\xff"), 1007)

    async def gateway_1008(self):
        socket_id, token = reserve(user="eva")
        async with opened(token) as connection:
            self.assertEqual(done(api("DELETE", "/sockets?user=eva"))["closed"], 1, socket_id)
            self.assertEqual(await close_code(connection), 1008)
        await self.wrong_bytes(frame(0x81, b"x") * 50, 1008, clientMessagesPerSecond=1, burst=1)
        await self.wrong_bytes(frame(0x01, b"x") + frame(0x00, b"x") * 3, 1008, clientMessageFragments=2)
        await self.wrong_bytes(frame(0x89, b"x") * 50, 1008, controlFramesPerSecond=10)

    async def gateway_1009(self):
        await self.wrong_bytes(frame(0x81, b"x" * 1001), 1009, clientMessageBytes=1000)

    async def gateway_1012(self):
        _, token = reserve("node")
        async with opened(token, kind="node") as connection:
            for text in ("one", "two", "three"):
                post(text, {"sockets": ["*"]}, "node")
                self.assertEqual(await received(connection), text)
            Running.redis.forget_everything()
            api("POST", "/messages", {"data": "behind what is lost", "receivers": {"sockets": ["*"]}}, "node")  # 201 or 503
            self.assertEqual(await close_code(connection), 1012)

    async def gateway_1013(self):
        with configured({"limits": {"queueBytes": 1024}}):
            socket_id, token = reserve()
            async with opened(token) as connection:
                connection.transport.pause_reading()
                for _ in range(1000):
                    if api("GET", "/sockets/" + socket_id).status == 404:
                        break
                    post("x" * 500000, {"sockets": [socket_id]})
                connection.transport.resume_reading()
                self.assertEqual(await close_code(connection), 1013)

    async def test_every_close_code_comes(self):
        for codes, by in self.rows():
            for code in codes:
                with self.subTest(code=code, by=by):
                    if by == "gateway":
                        await getattr(self, f"gateway_{code}")()
                    else:
                        await getattr(self, "by_" + by)(code)

    async def test_no_case_is_of_an_undocumented_code(self):
        cases = {int(found.group(1)) for name in dir(self) if (found := re.fullmatch(r"gateway_(\d+)", name))}
        self.assertEqual(cases, {codes[0] for codes, by in self.rows() if by == "gateway"})

    async def test_the_codes_are_those_of_the_gateways_table(self):
        table = subprocess.run([PROGRAM, "--print-table", "close-codes"], env=KEPT, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
        rows = re.findall(r"^\| (\d+)(?:–(\d+))? \|.*?\| (gateway|gateway, for the backend|client) \| (✓?) *\|", table, re.MULTILINE)
        of_table = {tuple(int(code) for code in (first, last) if code): bool(tick) for first, last, _, tick in rows}
        documented = {tuple(row["codes"]): "backend" in row["by"] for row in DOCUMENT.root["x-close-codes"]}
        self.assertEqual(documented, of_table)

    async def test_a_backend_can_ask_for_no_other_code(self):
        ranges = [(codes[0], codes[-1]) for codes, by in self.rows() if by == "backend"]
        for code in (999, 1002, 1003, 1004, 1005, 1006, 1007, 1009, 1010, 1015, 1016, 2999, 5000):
            self.assertFalse(any(first <= code <= last for first, last in ranges), code)
            self.assertEqual(api("DELETE", f"/sockets/{'x' * 32}?code={code}").status, 422, code)


class Events(unittest.TestCase):
    """The webhooks of docs/openapi.yaml: what a backend is sent, and what its answers do."""
    maxDiff = None

    def check(self, type_, found):
        webhook = API.root["webhooks"][type_]["post"]
        schema = webhook["requestBody"]["content"]["application/json"]["schema"]
        for headers, event in found:
            self.assertEqual(API.problems(schema, event), [], event)
            fields = {name.lower(): value for name, value in headers.items()}
            for parameter in map(API.resolve, webhook["parameters"]):
                self.assertEqual(API.problems(parameter["schema"], fields[parameter["name"]]), [])

    def test_every_event_is_as_documented(self):
        asyncio.run(self.events())
        self.assertEqual(set(API.root["webhooks"]), {"socket.connect", "socket.connected", "socket.message", "socket.disconnected"})

    async def events(self):
        change = {"clientMessages": "webhook", "events": {"url": Running.backend.uri, "secrets": SECRETS, "connect": True}}
        with configured(change):
            for user in ({"user": "eva"}, {}):
                socket_id, token = reserve(tags=["room:1"], **user)
                async with opened(token) as connection:
                    await connection.send("text")
                    await connection.send(b"bytes")
                for type_ in API.root["webhooks"]:
                    found = Running.backend.wait_for(type_, lambda event, mine=socket_id: event["data"]["id"] == mine)
                    self.check(type_, found)

    def test_answers_to_the_question_before_a_socket_opens(self):
        answers = API.root["webhooks"]["socket.connect"]["post"]["responses"]
        self.assertEqual(set(answers), {"2XX", "4XX", "default"})
        example = answers["2XX"]["content"]["application/json"]["example"]
        self.addCleanup(setattr, Running.backend, "verdict", (204, b""))
        with configured({"events": {"url": Running.backend.uri, "secrets": SECRETS, "connect": True}}):
            for verdict, status in (((204, b""), 101), ((200, json.dumps(example).encode()), 101), ((403, b""), 403), ((408, b""), 503), ((500, b""), 503), ((200, b"[]"), 503)):
                Running.backend.verdict = verdict
                socket_id, token = reserve()
                with self.subTest(verdict=verdict), Running.gateways["telling"].connect() as connection:
                    answer = asyncio.run(self.try_to_open(token, socket_id, example if verdict[1] and status == 101 else None))
                    self.assertEqual(answer, status)
                    connection.close()

    async def try_to_open(self, token, socket_id, expected):
        try:
            async with opened(token):
                if expected:
                    shown = done(api("GET", "/sockets/" + socket_id))
                    self.assertEqual({key: shown[key] for key in expected}, expected)
                return 101
        except websockets.exceptions.InvalidHandshake as error:
            return getattr(error, "status_code", None) or error.response.status_code

    def test_answers_to_an_event(self):
        self.assertEqual(set(API.root["webhooks"]["socket.connected"]["post"]["responses"]), {"2XX", "410", "default"})
        with configured({"events": {"url": Running.backend.uri, "secrets": SECRETS, "types": ["connected"]}}):
            self.addCleanup(setattr, Running.backend, "status", 204)
            Running.backend.status = 500
            socket_id, token = reserve()
            asyncio.run(self.try_to_open(token, socket_id, None))
            with Running.backend.came:  # tried again
                self.assertTrue(Running.backend.came.wait_for(lambda: len(self.of(socket_id)) > 1, PATIENCE))
            Running.backend.status = 204
            ids = {headers["webhook-id"] for headers, _ in self.of(socket_id)}
            self.assertEqual(len(ids), 1)

    @staticmethod
    def of(socket_id):
        return [one for one in Running.backend.events if one[1]["data"]["id"] == socket_id and one[1]["type"] == "socket.connected"]


API = OpenApi()

if __name__ == "__main__":
    unittest.main()
