"""Makes a socket URI without asking the gateway: python3 mint.py WS_BASE TAG...

MWS_GATEWAY_SIGNING_KEY is the key that the gateway was given; GATEWAY_ID its id.
"""
import base64, hashlib, hmac, json, os, secrets, string, sys, time

KEY = base64.b64decode(os.environ["MWS_GATEWAY_SIGNING_KEY"])


def random_id(length):
    """`length` characters of A-Za-z0-9."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def mint(gateway, tags, seconds=300):
    now = int(time.time())
    claims = {
        "iss": "mws",
        "gw": gateway,
        "sid": random_id(32),
        "tags": tags,
        "iat": now,
        "exp": now + seconds,
        "jti": random_id(22),
    }
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signed = b".".join(encode(part) for part in parts)
    return (signed + b"." + encode(hmac.new(KEY, signed, hashlib.sha256).digest())).decode()


base = sys.argv[1] if len(sys.argv) > 1 else "ws://127.0.0.1:8080"
gateway = os.environ.get("GATEWAY_ID", "default")
print(f"{base}/v1/gateways/{gateway}/socket?token={mint(gateway, sys.argv[2:])}")
