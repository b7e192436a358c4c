"""Reserves sockets on a gateway and prints their URIs, one per line; socket i has the tag `t<i>`.

usage: reserve_sockets.py PORT SECURITY_TOKEN COUNT
"""
import http.client
import json
import sys


def reserve(connection, token, index):
    body = json.dumps({"tags": [f"t{index}"], "reuse": True, "expiresIn": 86400})
    connection.request("POST", "/v1/sockets", body, {"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 201:
        sys.exit(f"reserve_sockets.py: POST /v1/sockets answered {answer.status}: {text.decode(errors='replace')}")
    return json.loads(text)["uri"]


def main(port, token, count):
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
    for index in range(int(count)):
        print(reserve(connection, token, index))


main(*sys.argv[1:])
