"""For tests that tell a program its port."""
import random
import socket

_given = set()


def free_port():
    """On 127.0.0.1, another one each time; below the range from which the system gives ports to whoever asks for any, so that
    no connection takes it before the program does."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port
