"""What `nexte-sync completion` prints, loaded by the shells themselves.

Usage: completion_test.py NEXTE_SYNC SHELL, which is the path of bash or zsh.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = ""
SHELL = ""
STATUS = "ID             WORKSPACE\ncjzb7nfo3hkze  acme\nw3hkzecjzb7nf  acme\n"

# Says what bash would offer for the words of its arguments.
BASH = """
source "$SCRIPT"
COMP_WORDS=(nexte-sync "$@") COMP_CWORD=$#
_nexte_sync
printf '%s\\n' "${COMPREPLY[@]}"
"""

# Runs a zsh with a terminal, types the words and Tabs after them, and ends once WANT is shown.
ZSH = r"""
zmodload zsh/zpty
zpty shell 'TERM=dumb zsh -f -i'
zpty -w shell 'PS1=; stty columns 200; autoload -Uz compinit; compinit -u -D; unsetopt beep
  source "$SCRIPT"; print -r LOAD""ED'
zpty -r shell text '*LOADED*'
zpty -w -n shell "nexte-sync $1"$'\t\t'
zpty -r shell text "*$WANT*"
"""


class Completion(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        folder = Path(self.place.name)
        self.script = folder / "script"
        self.script.write_text(subprocess.run([PROGRAM, "completion", Path(SHELL).name], check=True,
                                              capture_output=True, text=True).stdout)
        stub = folder / "nexte-sync"  # the scripts ask a running engine for ids
        stub.write_text(f"#!/bin/sh\ncat << END\n{STATUS}END\n")
        stub.chmod(0o755)
        self.environment = dict(os.environ, SCRIPT=str(self.script),
                                PATH=f"{folder}:{os.environ['PATH']}")

    def tearDown(self):
        self.place.cleanup()

    def offered(self, *words):
        ended = subprocess.run([SHELL, "-c", BASH, SHELL, *words], env=self.environment,
                               capture_output=True, text=True, check=True, timeout=20)
        self.assertEqual(ended.stderr, "")
        return ended.stdout.split()

    def test_the_shell_can_read_it(self):
        ended = subprocess.run([SHELL, "-n", str(self.script)], capture_output=True, text=True,
                               check=False)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))

    def test_it_knows_every_command(self):
        said = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True)
        listed = said.stdout.split("Subcommands:\n")[1].splitlines()
        names = [line.split()[0] for line in listed if line.startswith("  ") and line[2] != " "]
        self.assertGreater(len(names), 20)
        text = self.script.read_text()
        for name in names:
            self.assertIn(name, text)


class Bash(Completion):
    def test_commands(self):
        self.assertEqual(self.offered("sta"), ["status"])
        self.assertIn("watch", self.offered(""))

    def test_fixed_words(self):
        self.assertEqual(self.offered("mode", "cjzb7nfo3hkze", ""),
                         ["real_time", "hourly", "paused"])
        self.assertEqual(self.offered("completion", "z"), ["zsh"])
        self.assertEqual(self.offered("conflicts", "--what-if", ""), ["merge_fields"])

    def test_ids_of_integrations(self):
        self.assertEqual(self.offered("refresh", "cj"), ["cjzb7nfo3hkze"])
        self.assertEqual(self.offered("mode", "--json", ""), ["cjzb7nfo3hkze", "w3hkzecjzb7nf"])
        self.assertEqual(self.offered("mode", "--address", "127.0.0.1:1", "w"), ["w3hkzecjzb7nf"])

    def test_options(self):
        self.assertIn("--limit", self.offered("records", "cjzb7nfo3hkze", "contacts", "--l"))
        self.assertEqual(self.offered("serve", "--check"), ["--check-config"])

    def test_files_are_left_to_the_shell(self):
        self.assertEqual(self.offered("serve", "--config", "/"), [])


class Zsh(Completion):
    def assert_shown(self, typed, wanted):
        """Fails by its timeout."""
        subprocess.run([SHELL, "-f", "-c", ZSH, SHELL, typed], check=True, timeout=20,
                       stdin=subprocess.DEVNULL, env=dict(self.environment, WANT=wanted))

    def test_commands(self):
        self.assert_shown("sta", "tus ")
        self.assert_shown("", "Show all integrations live")

    def test_fixed_words(self):
        self.assert_shown("mode cjzb7nfo3hkze r", "real_time")

    def test_ids_of_integrations(self):
        self.assert_shown("refresh cj", "zb7nfo3hkze")

    def test_options(self):
        self.assert_shown("serve --check", "config")


if __name__ == "__main__":
    PROGRAM, SHELL = os.path.abspath(sys.argv[1]), sys.argv[2]
    IS_BASH = SHELL.endswith("bash")
    wanted = unittest.defaultTestLoader.loadTestsFromTestCase(Bash if IS_BASH else Zsh)
    sys.exit(not unittest.TextTestRunner().run(wanted).wasSuccessful())
