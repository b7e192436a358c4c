"""Keeps a socket open: python3 client.py http://127.0.0.1:8080 [BEARER_TOKEN]

Needs the package websockets, 10.4 or later (Debian: python3-websockets).
"""
import asyncio, json, random, sys, time, urllib.request
import websockets

gateway = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
token = sys.argv[2] if len(sys.argv) > 2 else None


def websocket_uri():
    headers = {"Authorization": "Bearer " + token} if token else {}
    request = urllib.request.Request(gateway + "/v1/websocket_uri", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["uri"]


async def main():
    attempt = 0
    while True:
        opened = None
        try:
            uri = await asyncio.to_thread(websocket_uri)
            async with websockets.connect(uri) as socket:
                opened = time.monotonic()
                print("open", flush=True)
                async for message in socket:
                    print("received:", message, flush=True)
        except websockets.ConnectionClosedError:
            pass
        except (OSError, websockets.WebSocketException) as error:
            print("failed:", error, flush=True)
        if opened:
            print("closed:", socket.close_code, socket.close_reason, flush=True)
            if socket.close_code == 1000 or socket.close_code >= 4000:  # the backend ended it
                return
        if opened and time.monotonic() - opened > 10:
            attempt = 0
        limit = min(60, 2**attempt)
        attempt += 1
        await asyncio.sleep(limit / 2 + random.random() * limit / 2)


asyncio.run(main())
