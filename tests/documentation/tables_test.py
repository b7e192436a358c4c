"""That the pages made from the code's own tables are those that the repository has."""
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GATEWAY = os.environ["MWS_GATEWAY_EXECUTABLE"]


def run(*arguments):
    return subprocess.run([GATEWAY, *arguments], capture_output=True, text=True)


class Tables(unittest.TestCase):
    maxDiff = None

    def test_committed_pages_are_the_made_ones(self):
        listed = run("--print-table", "list")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        tables = [line.split() for line in listed.stdout.splitlines()]
        self.assertLessEqual({"errors", "close-codes"}, {name for name, _ in tables})
        for name, file in tables:
            with self.subTest(name):
                made = run("--print-table", name)
                self.assertEqual(made.returncode, 0, made.stderr)
                committed = ROOT / file
                self.assertTrue(committed.exists(), f"no {file}; ./dev docs --write-tables")
                self.assertEqual(committed.read_text(encoding="utf-8"), made.stdout, "./dev docs --write-tables")

    def test_every_row_has_all_its_cells(self):
        for line in run("--print-table", "list").stdout.splitlines():
            name = line.split()[0]
            page = run("--print-table", name).stdout
            self.assertGreater(page.count("\n|"), 10, name)
            for table in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
                cells = {row.count("|") for row in table.splitlines()}
                self.assertEqual(len(cells), 1, table)

    def test_no_page_of_reference_is_written_by_hand(self):
        made = {line.split()[1] for line in run("--print-table", "list").stdout.splitlines()}
        for page in (ROOT / "docs/reference").glob("*.md"):
            self.assertIn(str(page.relative_to(ROOT)), made)

    def test_unknown_name_ends_with_2_and_the_names(self):
        for arguments in (["error"], [], ["errors", "x"]):
            answer = run("--print-table", *arguments)
            self.assertEqual((answer.returncode, answer.stdout), (2, ""))
            self.assertIn("errors, close-codes", answer.stderr)
        self.assertIn('no table "error"', run("--print-table", "error").stderr)

    def test_help_does_not_show_it(self):
        self.assertNotIn("--print-table", run("--help").stdout)


if __name__ == "__main__":
    unittest.main()
