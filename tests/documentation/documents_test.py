"""That the checks which ./dev lint makes of all documents (links.py and names.py of tools/documentation) find what is broken."""
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools/documentation"))
import links  # noqa: E402
import markdown_text  # noqa: E402
import names  # noqa: E402


def problems_of(files, check):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return check(root, list(files))[0]


class Links(unittest.TestCase):
    def problems(self, files):
        return problems_of(files, links.check)

    def test_good_ones(self):
        self.assertEqual(self.problems({
            "README.md": "[a](docs/a.md#two-words) [folder](docs) [picture](docs/a.svg) [site](https://x.example/no) <a href=\"docs/a.md\">x</a>",
            "docs/a.md": "# A\n## Two words\n[up](../README.md) [here](#a) [twice](#two-words-1)\n## Two words\n",
            "docs/a.svg": "<svg/>",
            "src/a.cpp": 'log("see docs/a.md \\"Two words\\""); // docs/a.md#a\n',
        }), [])

    def test_a_file_that_is_not_there(self):
        self.assertEqual(self.problems({"docs/a.md": "\n[x](b.md)"}), ["docs/a.md:2: b.md: there is no docs/b.md"])

    def test_a_section_that_is_not_there(self):
        self.assertEqual(self.problems({"a.md": "# One\n[x](#two)"}), ["a.md:2: #two: a.md has no section #two"])
        self.assertEqual(self.problems({"a.md": "[x](b.md#two)", "b.md": "```\n# two\n```\n"}),
                         ["a.md:1: b.md#two: b.md has no section #two"])

    def test_out_of_the_repository(self):
        self.assertEqual(self.problems({"a.md": "[x](../b.md)\n[y](/etc)"}),
                         ["a.md:1: ../b.md: leads out of the repository", "a.md:2: /etc: is absolute"])

    def test_a_page_that_the_index_forgot(self):
        self.assertEqual(self.problems({"docs/README.md": "[a](a.md#one) [r](../README.md)", "README.md": "", "docs/a.md": "# One", "docs/proof/p.md": "",
                                        "docs/b.md": ""}), ["docs/README.md: does not lead to docs/b.md"])

    def test_code_is_no_link(self):
        self.assertEqual(self.problems({"a.md": "`[x](b.md)`\n```\n[x](b.md)\n```\n"}), [])

    def test_a_section_that_a_source_names(self):
        self.assertEqual(self.problems({"docs/a.md": "# One", "src/a.cpp": 'see docs/a.md "Two"\ndocs/b.md\n'}),
                         ['src/a.cpp:1: docs/a.md "Two": there is no such section',
                          "src/a.cpp:2: docs/b.md: there is no docs/b.md"])

    def test_names_sections_as_github_does(self):
        for heading, anchor in (("A Qt client in C++", "a-qt-client-in-c"), ("`GET` and *PUT*", "get-and-put"),
                                ("URIs: `reuse`", "uris-reuse"), ("mws_sockets_open", "mws_sockets_open"),
                                ("[Link](x.md) – dash", "link--dash"), ("503, or 1013?", "503-or-1013")):
            self.assertEqual(markdown_text.slug(heading), anchor)

    def test_a_fence_that_does_not_end(self):
        with self.assertRaisesRegex(ValueError, "line 2"):
            markdown_text.blocks_and_prose("a\n```sh\nb\n")


class Names(unittest.TestCase):
    def problems(self, page):
        source = 'add("mws_sockets_open"); add("mws_append_seconds"); getenv("MWS_CONFIG");'
        return problems_of({"a.md": page, "src/a.cpp": source, "docs/configuration.md": "`MWS_SERVER_PORT`"},
                           lambda root, files: names.check(root, files, {"run", "test"}))

    def test_good_ones(self):
        self.assertEqual(self.problems("`mws_sockets_open`, mws_append_seconds_bucket, MWS_CONFIG=x, MWS_SERVER_PORT, MWS_GATEWAY_…, "
                                       "`MWS_<SECTION>_<KEY>`, mws_events_*; ./dev run, /usr/dev walk"), [])

    def test_names_that_no_source_has(self):
        self.assertEqual(self.problems("mws_sockets_opn\nMWS_SERVER_PROT=1\n./dev walk"),
                         ["a.md:1: mws_sockets_opn: no source has this name", "a.md:2: MWS_SERVER_PROT: no source has this name",
                          "a.md:3: ./dev walk: there is no such command"])

    def test_commands_are_those_of_help(self):
        commands = names.dev_commands(ROOT)
        self.assertLessEqual({"run", "test", "asan", "tsan", "docs", "help"}, commands)
        self.assertNotIn("command", commands)


if __name__ == "__main__":
    unittest.main()
