"""docs/openapi.yaml and docs/asyncapi.yaml as Markdown pages of the site, where the repository has them."""
import re

import yaml

METHODS = ("get", "put", "post", "delete", "patch", "options", "head")


def pages(root):
    """Path and text of each page."""
    made = {}
    for name, make in (("openapi", OpenApi), ("asyncapi", AsyncApi)):
        source = root / "docs" / f"{name}.yaml"
        if source.exists():
            made[f"docs/{name}.md"] = make(yaml.safe_load(source.read_text(encoding="utf-8"))).page()
    return made


def cell(text):
    """Text as it may stand in a table's cell."""
    return re.sub(r"\s*\n\s*", " ", str(text).strip()).replace("|", "\\|")


def table(titles, rows):
    rows = [[cell(value) for value in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in (titles, ["---"] * len(titles), *rows)]
    return "\n".join(lines) + "\n\n" if rows else ""


def paragraph(text):
    return str(text).strip() + "\n\n" if text else ""


class Description:
    """What both formats have: references, schemas, Markdown being put together."""

    def __init__(self, document):
        self.document = document
        self.text = ""

    def resolve(self, part):
        """What a reference points to; anything else as it is."""
        while isinstance(part, dict) and "$ref" in part:
            target = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            part = target
        return part

    def type_of(self, schema):
        """A schema in a few words; a named one as a link to its section."""
        if schema is True or not schema:
            return "anything"
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            return f"[{name}](#schema-{name.lower()})" if "/schemas/" in schema["$ref"] else self.type_of(self.resolve(schema))
        for key, word in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")):
            if key in schema:
                return word.join(self.type_of(one) for one in schema[key])
        if "const" in schema:
            return f"`{schema['const']}`"
        if "enum" in schema:
            return ", ".join("null" if value is None else f"`{value}`" for value in schema["enum"])
        kind = schema.get("type", "object" if "properties" in schema else "anything")
        kind = " or ".join(kind) if isinstance(kind, list) else kind
        if "items" in schema:
            kind += " of " + self.type_of(schema["items"])
        return kind + self.bounds(schema)

    @staticmethod
    def bounds(schema):
        words = [f"{words} {schema[key]}" for key, words in (
            ("format", "format"), ("pattern", "matches"), ("minimum", "from"), ("maximum", "to"), ("minLength", "at least"),
            ("maxLength", "at most"), ("minItems", "at least"), ("maxItems", "at most"), ("default", "default")) if key in schema]
        return f" ({', '.join(words)})" if words else ""

    def properties(self, schema):
        """A table of an object's properties."""
        schema = self.resolve(schema)
        needed = schema.get("required", [])
        return table(["property", "type", "needed", ""],
                     [[f"`{name}`", self.type_of(one), "yes" if name in needed else "",
                       self.resolve(one).get("description", "") if isinstance(one, dict) else ""]
                      for name, one in schema.get("properties", {}).items()])

    def schema(self, schema):
        text = paragraph(self.type_of(schema))
        if isinstance(schema, dict) and "$ref" not in schema:
            text += self.properties(schema)
        return text

    def examples(self, holder):
        values = [holder["example"]] if "example" in holder else [
            self.resolve(one).get("value", one) if isinstance(one, dict) else one
            for one in (holder.get("examples", {}).values() if isinstance(holder.get("examples"), dict) else holder.get("examples", []))]
        text = ""
        for value in values:
            written = value if isinstance(value, str) else yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=False)
            text += f"```yaml\n{written.rstrip()}\n```\n\n"
        return text

    @staticmethod
    def extensions(holder):
        """What the format has no words for (`x-…`), as it is written."""
        text = ""
        for name, value in holder.items():
            if name.startswith("x-"):
                written = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120)
                text += f"### {name.removeprefix('x-').replace('-', ' ').capitalize()}\n\n```yaml\n{written}```\n\n"
        return text

    def more(self):
        text = self.extensions(self.document)
        return "## More\n\n" + text if text else ""

    def schemas(self):
        found = self.document.get("components", {}).get("schemas", {})
        text = "## Schemas\n\n" if found else ""
        for name, schema in found.items():
            text += f"### Schema {name}\n\n"
            text += paragraph(schema.get("description") if isinstance(schema, dict) else None) + self.schema(schema)
        return text

    def head(self, source):
        info = self.document["info"]
        return (f"# {info['title']}: {self.what}\n\n" + paragraph(info.get("summary")) + paragraph(info.get("description")) +
                f"Made from [{source}]({source}), which programs can read.\n\n")


class OpenApi(Description):
    what = "REST"

    def page(self):
        text = self.head("openapi.yaml") + self.security_schemes()
        operations = list(self.operations())
        tags = [(tag["name"], tag.get("description")) for tag in self.document.get("tags", [])]
        others = [name for _, _, operation, _ in operations for name in operation.get("tags", ["Other"])]
        tags += [(name, None) for name in dict.fromkeys(others) if name not in dict(tags)]
        for name, description in tags:
            text += f"## {name}\n\n" + paragraph(description)
            for path, method, operation, shared in operations:
                if name in operation.get("tags", ["Other"]):
                    text += self.operation(path, method, operation, shared)
        return text + self.more() + self.schemas()

    def operations(self):
        for group in ("paths", "webhooks"):
            for path, item in self.document.get(group, {}).items():
                item = self.resolve(item)
                for method in METHODS:
                    if method in item:
                        yield path, method, item[method], item.get("parameters", [])

    def security_schemes(self):
        rows = [[f"`{name}`", self.resolve(one).get("description", one.get("type", ""))]
                for name, one in self.document.get("components", {}).get("securitySchemes", {}).items()]
        return ("## Tokens\n\n" + table(["name", ""], rows)) if rows else ""

    def operation(self, path, method, operation, shared):
        text = f"### {method.upper()} {path}\n\n" + paragraph(operation.get("summary")) + paragraph(operation.get("description"))
        security = operation.get("security", self.document.get("security"))
        if security is not None:
            ways = [" and ".join(f"`{name}`" for name in way) or "nothing" for way in security] or ["nothing"]
            text += f"Needs: {' or '.join(ways)}.\n\n"
        parameters = [self.resolve(one) for one in [*shared, *operation.get("parameters", [])]]
        text += table(["parameter", "in", "type", "needed", ""],
                      [[f"`{one['name']}`", one["in"], self.type_of(one.get("schema", {})), "yes" if one.get("required") else "",
                        one.get("description", "")] for one in parameters])
        body = self.resolve(operation.get("requestBody", {}))
        for kind, content in body.get("content", {}).items():
            text += f"Body, `{kind}`" + ("" if body.get("required") else ", optional") + ":\n\n" + paragraph(body.get("description"))
            text += self.schema(content.get("schema", {})) + self.examples(content)
        return text + table(["status", "", "body"], [self.response(status, one) for status, one in operation.get("responses", {}).items()])

    def response(self, status, response):
        response = self.resolve(response)
        bodies = [self.type_of(content.get("schema", {})) for content in response.get("content", {}).values()]
        return [status, response.get("description", ""), " or ".join(bodies)]


class AsyncApi(Description):
    what = "WebSocket"

    def page(self):
        text = self.head("asyncapi.yaml")
        for name, channel in self.document.get("channels", {}).items():
            channel = self.resolve(channel)
            text += f"## {channel.get('address', name)}\n\n" + paragraph(channel.get("title")) + paragraph(channel.get("summary"))
            text += paragraph(channel.get("description"))
            for which, message in self.messages(channel):
                text += self.message(which, message)
            text += self.extensions(channel)
        text += self.operations()
        return text + self.more() + self.schemas()

    def messages(self, channel):
        """AsyncAPI 3 has them in the channel, 2 in what is published and subscribed there."""
        yield from channel.get("messages", {}).items()
        for way in ("subscribe", "publish"):
            if way in channel:
                message = self.resolve(channel[way].get("message", {}))
                for one in message.get("oneOf", [message]):
                    yield way, one

    def message(self, which, message):
        message = self.resolve(message)
        text = f"### {message.get('title', message.get('name', which))}\n\n" + paragraph(message.get("summary"))
        text += paragraph(message.get("description"))
        if "contentType" in message:
            text += f"`{message['contentType']}`\n\n"
        text += self.schema(message["payload"]) if "payload" in message else ""
        return text + "".join(self.examples({"example": self.resolve(one).get("payload")}) for one in message.get("examples", [])
                              if "payload" in one)

    def operations(self):
        rows = [[f"`{name}`", one.get("action", ""), one.get("summary", one.get("description", ""))]
                for name, one in self.document.get("operations", {}).items()]
        return ("## Operations\n\n" + table(["operation", "who", ""], rows)) if rows else ""
