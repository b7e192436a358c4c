"""docs/openapi.yaml as the tests need it: its operations, and whether an answer is what it says."""
import json
import pathlib
import re

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
METHODS = ("get", "put", "post", "delete", "patch")
# What every HTTP server says; all else is in the description.
COMMON_FIELDS = {"content-type", "content-length", "connection", "date"}
CORS_FIELDS = {"access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers"}


class Mismatch(AssertionError):
    pass


class Document:
    def __init__(self, name):
        self.root = yaml.safe_load((ROOT / "docs" / name).read_text())

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.root
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def problems(self, schema, value):
        """What of `value` is not as the schema says; empty: nothing."""
        whole = {"components": self.root["components"], "allOf": [schema]}
        errors = jsonschema.Draft202012Validator(whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER).iter_errors(value)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


class Operation:
    def __init__(self, document, path, method, item):
        described = item[method]
        self.path = path
        self.method = method.upper()
        self.id = described["operationId"]
        self.is_short = self.id.endswith("OfDefault")
        self.kind = self.id.removesuffix("OfDefault")  # what its cases are found by
        self.security = described["security"]
        self.parameters = [document.resolve(one) for one in item.get("parameters", []) + described.get("parameters", [])]
        body = described.get("requestBody")
        self.body = body["content"]["application/json"]["schema"] if body else None
        self.examples = []
        if body:
            content = body["content"]["application/json"]
            self.examples = [content["example"]] if "example" in content else [one["value"] for one in content["examples"].values()]
        self.responses = {int(status): document.resolve(response) for status, response in described["responses"].items()}

    def __repr__(self):
        return f"{self.id} ({self.method} {self.path})"


class OpenApi(Document):
    def __init__(self):
        super().__init__("openapi.yaml")
        self.operations = [Operation(self, path, method, item)
                           for path, item in self.root["paths"].items() for method in METHODS if method in item]

    def check(self, response, answer, asked):
        """Raises Mismatch unless the answer is what `response` describes. `asked`: method and Origin of the request."""
        method, origin = asked
        self._check_fields(response, answer)
        self._check_cors(answer, origin)
        content = response.get("content")
        if method == "HEAD" or not content:
            if answer.body:
                raise Mismatch(f"a body that is not described: {answer}")
            return
        self._check_body(response, content, answer)

    def _check_fields(self, response, answer):
        described = {name.lower(): self.resolve(header) for name, header in response.get("headers", {}).items()}
        present = [name.lower() for name, _ in answer.headers]
        if len(set(present)) != len(present):
            raise Mismatch(f"a field twice: {answer.headers}")
        for name, header in described.items():
            if header.get("required") and name not in present:
                raise Mismatch(f"{name} is missing: {answer.headers}")
        for name, value in answer.headers:
            if name.lower() in COMMON_FIELDS - set(described):
                continue
            if name.lower() not in described:
                raise Mismatch(f"the field {name} is not described")
            schema = self.resolve(described[name.lower()]["schema"])
            problems = self.problems(schema, int(value) if schema.get("type") == "integer" else value)
            if problems:
                raise Mismatch(f"{name}: {value}: {problems}")

    @staticmethod
    def _check_cors(answer, origin):
        present = {name.lower() for name, _ in answer.headers}
        looked_at = "vary" in present
        if origin and looked_at:
            if answer.field("Access-Control-Allow-Origin") != origin or not answer.field("Access-Control-Allow-Methods"):
                raise Mismatch(f"no CORS fields for {origin}: {answer.headers}")
        elif present & CORS_FIELDS:
            raise Mismatch(f"CORS fields: {answer.headers}")

    def _check_body(self, response, content, answer):
        actual = (answer.field("Content-Type") or "").split(";")[0]
        if actual not in content:
            raise Mismatch(f"Content-Type {actual} instead of {' or '.join(content)}")
        if actual != "application/json":
            return
        schema = content[actual]["schema"]
        if answer.field("Content-Type") != "application/json; charset=utf-8":
            raise Mismatch(f"Content-Type {answer.field('Content-Type')}")
        body = json.loads(answer.body)
        problems = self.problems(schema, body)
        if problems:
            raise Mismatch(f"{answer}: {problems}")
        reasons = response.get("x-reasons")
        if reasons:
            found = [body["error"]["reason"]] if "error" in body else [one["reason"] for one in body["errors"]]
            if not set(found) <= set(reasons):
                raise Mismatch(f"reason {found}, described are {reasons}")

    def template_of(self, path):
        """The path of the description that `path` is one of; a literal one first."""
        literal = [one for one in self.root["paths"] if one == path]
        return next(iter(literal + [one for one in self.root["paths"]
                                    if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(one)), path)]), None)
