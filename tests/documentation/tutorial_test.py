"""That a tutorial which tells an untruth fails: planted faults, without the gateway."""
import pathlib
import tempfile
import unittest

import tutorial


class Runner(unittest.TestCase):
    def do(self, text):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "page.md"
            page.write_text(text, encoding="utf-8")
            run = tutorial.Tutorial(page, pathlib.Path("/bin/false"))
            try:
                run.run()
                return run.main.output
            finally:
                run.close()

    def assert_fails(self, text, why):
        with self.assertRaisesRegex(tutorial.Failure, why):
            self.do(text)

    def test_keeps_what_a_terminal_knows(self):
        self.assertIn("one", self.do("```sh test\nA=one\n```\n\n```sh test\necho $A\n```\n\n```text output\none\n```\n"))

    def test_another_output(self):
        self.assert_fails("```sh test\necho one\n```\n\n```text output\ntwo\n```\n", "page.md:5: the page says\ntwo")

    def test_more_output_than_is_stated(self):
        self.assert_fails("```sh test\necho one; echo two\n```\n\n```text output\none\n```\n", "it printed\none\ntwo")

    def test_left_out_words_and_lines(self):
        self.do("```sh test\necho 'a 17 b'; echo c; echo d; echo e\n```\n\n```text output\na … b\n…\ne\n```\n")

    def test_a_command_that_fails(self):
        self.assert_fails("```sh test\nfalse\necho good\n```\n", "page.md:1: failed")

    def test_a_block_without_a_mark(self):
        self.assert_fails("```sh\necho\n```\n", "page.md:1: a block without a mark")

    def test_what_a_terminal_left_running_does_not_print(self):
        self.assert_fails("```sh background=one\necho two\n```\n\n```text output of=one\none\n```\n", "one did not print")

    def test_interrupts_what_was_left_running(self):
        self.do("```sh background=one\nsleep 1000\n```\n\n<!-- test: interrupt one -->\n")

    def test_a_package_that_is_not_there(self):
        self.assert_fails("```sh packages\napt-get install no-such-package\n```\n", "no-such-package is not installed")

    def test_gives_the_ports_of_the_page_to_nobody_else(self):
        output = self.do("```sh test\necho 8080 5000 3000 18080\n```\n")
        ports = output.split()
        self.assertEqual(ports[0], ports[1])
        self.assertNotIn("8080", ports[:3])
        self.assertEqual(ports[3], "18080")


if __name__ == "__main__":
    unittest.main()
