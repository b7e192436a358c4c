"""Help, manual page and completion, all made from one table."""
import re
import shutil

from commands import CommandTest, GATEWAY, pathlib, subprocess, unittest

COMMANDS = ["listen", "publish", "reserve", "sockets", "gateways", "mint-token", "check-config", "doctor", "completion"]


class Help(CommandTest):
    def test_each_command_has_help_with_examples(self):
        overview = self.run_command("--help", code=0).out
        for command in COMMANDS:
            self.assertRegex(overview, rf"\n  {command} ")
            text = self.run_command(command, "--help", code=0).out
            self.assertIn("Examples:\n", text)
            self.assertIn(f"mws-gateway {command}", text)

    def test_no_colours_but_on_a_terminal(self):
        self.assertNotIn("\x1b", self.run_command("doctor", "--wait", "0").out)

    def test_version(self):
        self.assertRegex(self.run_command("--version", code=0).out, r"^mws-gateway \d+\.\d+\.\d+")


class Manual(CommandTest):
    def test_names_all_and_is_clean(self):
        page = self.run_command("completion", "man", code=0).out
        for command in COMMANDS:
            self.assertIn(".SS " + command.replace("-", "\\-") + "\n", page)
        file = pathlib.Path(self.folder, "mws-gateway.1")
        file.write_text(page, encoding="utf-8")
        man, mandoc = shutil.which("man"), shutil.which("mandoc")
        if man:
            done = subprocess.run([man, "--warnings", "-E", "UTF-8", "-l", "-Tutf8", str(file)], capture_output=True,
                                  text=True, check=True, env={"MANWIDTH": "80", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
            self.assertEqual(done.stderr, "")
            self.assertIn("EXIT STATUS", re.sub(".\b", "", done.stdout)) # bold is a letter typed twice
        if mandoc:
            done = subprocess.run([mandoc, "-Tlint", "-Wwarning", str(file)], capture_output=True, text=True, check=False)
            # Without a date the page is the same for each build of a version.
            self.assertEqual([line for line in done.stdout.splitlines() if "missing date" not in line], [])


class Completion(CommandTest):
    def bash(self, *words):
        """What bash's own function offers for the last word."""
        script = self.run_command("completion", "bash", code=0).out
        ask = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mws_gateway; printf "%s\\n" "${COMPREPLY[@]}"'
        done = subprocess.run(["bash", "-c", script + ask, "bash", GATEWAY, *words], capture_output=True, text=True,
                              check=True, cwd=self.folder, env=self.environment | {"PATH": "/usr/bin:/bin"})
        return done.stdout.split()

    def test_bash(self):
        self.assertEqual(self.bash("pub"), ["publish"])
        self.assertEqual(self.bash("sockets", ""), ["list", "show", "close", "tag"])
        self.assertEqual(self.bash("sockets", "close", "--re"), ["--reason"])
        self.assertEqual(self.bash("gateways", "config", "s"), ["set"])
        self.assertEqual(self.bash("listen", "--output", "h"), ["hex"])
        self.assertEqual(self.bash("completion", ""), ["bash", "zsh", "fish"])
        pathlib.Path(self.folder, "gateway.toml").touch()
        self.assertEqual(self.bash("check-config", "--config", "gate"), ["gateway.toml"])

    @unittest.skipUnless(shutil.which("zsh"), "no zsh")
    def test_zsh(self):
        script = pathlib.Path(self.folder, "_mws-gateway")
        script.write_text(self.run_command("completion", "zsh", code=0).out, encoding="utf-8")
        subprocess.run(["zsh", "-n", str(script)], check=True)
        ask = f'compdef() {{ }}; compadd() {{ shift; print -l -- "$@" }}; source {script}; words=("$@"); CURRENT=$#; _mws_gateway'
        done = subprocess.run(["zsh", "-fc", ask, "zsh", GATEWAY, "sockets", "cl"], capture_output=True, text=True,
                              check=True, env=self.environment)
        self.assertEqual(done.stdout.split(), ["close"])

    @unittest.skipUnless(shutil.which("fish"), "no fish")
    def test_fish(self):
        script = pathlib.Path(self.folder, "mws-gateway.fish")
        script.write_text(self.run_command("completion", "fish", code=0).out, encoding="utf-8")
        subprocess.run(["fish", "--no-execute", str(script)], check=True)
        folder = pathlib.Path(GATEWAY).parent
        done = subprocess.run(["fish", "-c", f"source {script}; complete -C 'mws-gateway sockets cl'"], check=True,
                              capture_output=True, text=True, env=self.environment | {"PATH": f"{folder}:/usr/bin:/bin", "HOME": self.folder})
        self.assertEqual(done.stdout.split(), ["close"])


if __name__ == "__main__":
    unittest.main()
