"""Opens a socket at the URI that the gateway on a port issues; prints `open`, each message, and at the end `closed CODE`."""
import asyncio
import json
import sys
import urllib.request

import websockets


async def main():
    with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/v1/websocket_uri", timeout=30) as answer:
        uri = json.load(answer)["uri"]
    async with websockets.connect(uri) as connection:
        print("open", flush=True)
        try:
            while True:
                print("message", await connection.recv(), flush=True)
        except websockets.ConnectionClosed:
            print("closed", connection.close_code, flush=True)


asyncio.run(main())
