"""Runs the examples of docs/cli.md in their order; `docs_test.py --write` writes down what they print."""
import re
import sys

from commands import CommandTest, GATEWAY, pathlib, subprocess, unittest

PAGE = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/cli.md"
BLOCK = re.compile(r"^```console\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def normal(text):
    """What differs from run to run has one form."""
    for pattern, form in [(r"eyJ[\w-]+(…|\.[\w-]+\.[\w-]+)", "TOKEN"), (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
                          (r"\b[A-Za-z0-9]{40}\b", "SECRET"), (r"\b[A-Za-z0-9]{32}\b", "ID"),
                          (r"127\.0\.0\.1(:|, port )\d+", "PLACE"), (r"\d+ (MiB|descriptors|open|connections|s)\b", r"N \1"),
                          (r"so about \d+ open", "so about N open"), (r"/\S+/state", "./state"), (r"\bprocess \d+", "process N"), (r" +", " ")]:
        text = re.sub(pattern, form, text)
    return text


class Examples(CommandTest):
    def run_block(self, block):
        """The block with what its commands print behind each."""
        commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
        script = "exec 2>&1\n" + "".join(f"cat <<'END'\n$ {command}\nEND\n{command}\n" for command in commands)
        path = f"{pathlib.Path(GATEWAY).parent}:/usr/sbin:/usr/bin:/bin"
        done = subprocess.run(["bash", "-c", script], env={**self.environment, "PATH": path}, cwd=self.folder,
                              capture_output=True, text=True, timeout=60, check=False)
        return done.stdout

    def printed(self):
        self.start(MWS_SERVER_STATE_DIR="./state")
        return BLOCK.sub(lambda found: f"```console\n{self.run_block(found.group(1))}```\n", PAGE.read_text(encoding="utf-8"))

    def test_they_print_what_the_page_says(self):
        page = PAGE.read_text(encoding="utf-8")
        self.assertGreater(len(BLOCK.findall(page)), 4)
        found = self.printed()
        self.assertIn("TIME", normal(found))
        # Room, descriptors and somaxconn are this machine's.
        own = re.compile(r"^(ok|warning) +(free space|descriptors|somaxconn).*\n( +.*\n)*", re.MULTILINE)
        count = re.compile(r"\d+ failed, \d+ warnings?")
        self.assertEqual(count.sub("", own.sub("", normal(found))), count.sub("", own.sub("", normal(page))))


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        case = Examples("test_they_print_what_the_page_says")
        case.setUp()
        page = re.sub(r"(eyJ[\w-]{10})[\w-]*\.[\w-]+\.[\w-]+", r"\1…", case.printed()) # enough to know one by
        PAGE.write_text(page.replace(case.environment["PORT"], "8080"), encoding="utf-8")
        case.doCleanups()
    else:
        unittest.main()
