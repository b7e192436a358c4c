"""Reserves sockets on a gateway, as a backend does: one POST /v1/sockets for each."""
import json
import socket

WINDOW = 100  # requests that are sent before their answers are read


def reserve(port, token, bodies):
    """(URIs, ids) of one socket for each body, in their order."""
    uris, ids = [], []
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection, connection.makefile("rb") as answers:
        for begin in range(0, len(bodies), WINDOW):
            window = bodies[begin:begin + WINDOW]
            connection.sendall(b"".join(_request(port, token, body) for body in window))
            for _ in window:
                answer = _read_answer(answers)
                uris.append(answer["uri"])
                ids.append(answer["id"])
    return uris, ids


def _request(port, token, body):
    text = json.dumps(body).encode()
    head = (f"POST /v1/sockets HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n")
    return head.encode() + text


def _read_answer(answers):
    status = answers.readline().split()
    length = 0
    while (line := answers.readline().strip()):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    text = answers.read(length).decode(errors="replace")
    if len(status) < 2 or status[1] != b"201":
        raise OSError(f"POST /v1/sockets was answered {status}: {text}")
    return json.loads(text)
