"""The pages that the site makes of OpenAPI and AsyncAPI (tools/documentation/api_page.py)."""
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools/documentation"))
import api_page  # noqa: E402

REST = """
openapi: 3.1.0
info: {title: Things, description: All of them.}
tags: [{name: Big}, {name: Small, description: The small ones.}]
components:
  securitySchemes: {token: {type: http, scheme: bearer, description: A secret.}}
  parameters: {id: {name: id, in: path, required: true, schema: {type: string, maxLength: 32}}}
  responses: {Gone: {description: It is not there., content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}}
  schemas:
    Error: {type: object, required: [reason], properties: {reason: {type: string, enum: [A, B], description: one | the other}}}
    Thing: {type: object, properties: {tags: {type: array, items: {type: string}}, error: {$ref: '#/components/schemas/Error'}}}
paths:
  /things/{id}:
    parameters: [{$ref: '#/components/parameters/id'}]
    put:
      tags: [Small]
      summary: Changes one
      security: [{token: []}, {}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}, example: {tags: [a]}}}}
      responses: {'200': {description: Done.}, '404': {$ref: '#/components/responses/Gone'}}
"""
SOCKET = """
asyncapi: 3.0.0
info: {title: Things}
channels:
  socket:
    address: /socket
    description: An open one.
    x-close-codes: {1000: closed by the backend}
    messages: {pushed: {$ref: '#/components/messages/pushed'}}
operations: {push: {action: send, summary: What is pushed}}
components: {messages: {pushed: {title: A message, contentType: text/plain, payload: {type: string}, examples: [{payload: Hello}]}}}
"""


class ApiPages(unittest.TestCase):
    def page(self, name, text):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "docs").mkdir()
            (pathlib.Path(folder) / "docs" / name).write_text(text, encoding="utf-8")
            return api_page.pages(pathlib.Path(folder))[f"docs/{name.removesuffix('.yaml')}.md"]

    def test_no_descriptions_no_pages(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(api_page.pages(pathlib.Path(folder)), {})

    def test_a_call_with_all_that_it_takes_and_answers(self):
        page = self.page("openapi.yaml", REST)
        for text in ("# Things: REST\n", "All of them.", "| `token` | A secret. |", "## Small\n\nThe small ones.",
                     "### PUT /things/{id}\n\nChanges one\n\nNeeds: `token` or nothing.",
                     "| `id` | path | string (at most 32) | yes |  |", "Body, `application/json`:\n\n[Thing](#schema-thing)",
                     "```yaml\ntags:\n- a\n```", "| 200 | Done. |  |", "| 404 | It is not there. | [Error](#schema-error) |",
                     "### Schema Thing", "| `tags` | array of string |  |  |", "| `reason` | `A`, `B` | yes | one \\| the other |"):
            self.assertIn(text, page)

    def test_messages_of_a_socket(self):
        page = self.page("asyncapi.yaml", SOCKET)
        for text in ("# Things: WebSocket\n", "## /socket\n\nAn open one.", "### A message\n\n`text/plain`\n\nstring",
                     "```yaml\nHello\n```", "### Close codes\n\n```yaml\n1000: closed by the backend\n```", "| `push` | send | What is pushed |"):
            self.assertIn(text, page)


if __name__ == "__main__":
    unittest.main()
