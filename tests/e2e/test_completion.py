# SPDX-License-Identifier: MIT
"""Completion in the shells themselves: what bash, zsh and fish offer for every option of every command."""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import time
import unittest

from cases import Case

HERE = pathlib.Path(__file__).parent
OPTION = re.compile(r"(?m)^  (?:-(\w), )?--([a-z0-9-]+)(?: (\S+))?  ? *(.*)$")
CHOICES = re.compile(r"^(?:encryption: )?((?:[\w:-]+, )*[\w:-]+ or [\w:-]+)(?: \[|$)")
BASH = r"""
source "$SCRIPT"
while IFS= read -r line; do
    COMP_LINE=${line% |}
    COMP_POINT=${#COMP_LINE}
    COMPREPLY=()
    _iam_census
    for reply in "${COMPREPLY[@]}"; do printf '%s\n' "$reply"; done
    echo ==
done <"$QUERIES"
"""
FISH = r"""
source $SCRIPT
while read -l line
    complete -C (string replace -r ' \|$' '' -- $line) | string replace -r '\t.*' ''
    echo ==
end <$QUERIES
"""


class Completion(Case):
    """'SHELL' is None in the base: no test of its own."""

    shell = None

    def setUp(self):
        super().setUp()
        if self.shell and not shutil.which(self.shell):
            self.skipTest(f"{self.shell} is not installed")
        (self.work / "one.sqlite").write_text("")
        (self.work / "two words.csv").write_text("")

    def says(self, *arguments):
        run = self.run_program(*arguments)
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        return run.out.decode()

    def verbs(self):
        return [verb for verb in re.findall(r"(?m)^  (\w+)  ", self.says("help")) if verb != "help"]

    def options(self, verb):
        """Letter, name, whether it takes a value, and the first line of its help."""
        return [(letter, name, value, text) for letter, name, value, text in
                OPTION.findall(self.says("help", "--all", verb)) if name not in ("help", "version")]

    def ask(self, queries):
        """What the shell offers at the end of each line. ' |' ends the file's lines, so that blanks are kept."""
        files = {name: self.home / name.lower() for name in ("QUERIES", "OFFERED", "SCRIPT")}
        files["SCRIPT"].write_text(self.says("completion", self.shell))
        files["QUERIES"].write_text("".join(f"iam-census {query} |\n" for query in queries))
        answer = self.complete({**os.environ, "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home),
                                "TERM": "xterm", **{name: str(path) for name, path in files.items()}}, files["OFFERED"])
        offered = [set(part.split("\n")) - {""} for part in answer.split("==\n")]
        self.assertEqual(len(offered), len(queries) + 1, answer)
        return dict(zip(queries, offered))

    def program_of(self, text, env):
        run = subprocess.run([self.shell, *(["--no-config"] if self.shell == "fish" else ["--norc"]), "-c", text], env=env,
                             cwd=self.work, capture_output=True, text=True, timeout=60)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout


class Every:
    """The same questions for each shell."""

    def plain(self, word):
        return word.rstrip("= ")

    def offers(self, offered, *words):
        got = {self.plain(word) for word in offered}
        self.assertLessEqual({self.plain(word) for word in words}, got)

    def test_commands(self):
        verbs = self.verbs()
        answers = self.ask(["", "col", "help ", "help pol", *(f"{verb[:-1]}" for verb in verbs)])
        self.offers(answers[""], *verbs, "help", "version")
        self.assertEqual({self.plain(word) for word in answers["col"]}, {"collect"})
        self.offers(answers["help "], *verbs)
        self.assertEqual({self.plain(word) for word in answers["help pol"]}, {"policy"})
        for verb in verbs:
            self.offers(answers[verb[:-1]], verb)

    def test_every_option_of_every_command(self):
        options = {verb: self.options(verb) for verb in self.verbs()}
        self.assertGreater(len(options["collect"]), 35)
        answers = self.ask([f"{verb} --{option[1][:-1]}" for verb in options for option in options[verb]])
        for verb in options:
            for _, name, _, _ in options[verb]:
                with self.subTest(verb=verb, option=name):
                    self.offers(answers[f"{verb} --{name[:-1]}"], f"--{name}")

    def test_no_option_of_another_command(self):
        for word in self.ask(["history --o", "policy --acc"])["history --o"]:
            self.assertNotIn("--output", word)

    def test_every_choice(self):
        wanted = {}
        for verb in self.verbs():
            for letter, name, _, text in self.options(verb):
                found = CHOICES.match(text)
                for choice in re.split(", | or ", found[1]) if found else []:
                    wanted.setdefault(f"{verb} --{name} ", set()).add(choice)
                    wanted.setdefault(f"{verb} --{name}={choice[:-1]}", set()).add(choice)
        self.assertGreater(len(wanted), 40)
        answers = self.ask(list(wanted))
        for query, choices in wanted.items():
            with self.subTest(query=query):
                whole = {self.whole(query, word) for word in answers[query]}
                self.assertLessEqual(choices, whole)

    def whole(self, query, word):
        """A candidate as a value: without the option, and with what the shell keeps of the word."""
        return re.sub(r"^--[^=]*=", "", self.plain(word))

    def test_lists(self):
        answers = self.ask(["collect --rules user-", "check --rules default,user-", "diff --only key_", "diff a.db --only x,adm",
                            "collect --limit user-key"])
        self.assertTrue(any("user-key-age" in word for word in answers["collect --rules user-"]), answers)
        self.assertTrue(any("user-key-age" in word for word in answers["check --rules default,user-"]), answers)
        self.assertTrue(any("key_added" in word for word in answers["diff --only key_"]), answers)
        self.assertTrue(any("admin_gained" in word for word in answers["diff a.db --only x,adm"]), answers)
        self.offers(answers["collect --limit user-key"], "user-key-age")

    def test_files(self):
        queries = ["check on", "check -o on", "check --output on", "collect --suppress on", "diff one.sqlite on", "history ",
                   "collect --output=on", "collect --accounts @on"]
        answers = self.ask(queries)
        for query in queries:
            with self.subTest(query=query):
                self.assertTrue(any("one.sqlite" in word for word in answers[query]), answers[query])

    def test_any_text(self):
        """Where any text may stand, nothing wrong is offered; and 'collect' takes no words beside its options."""
        answers = self.ask(["collect --role-name ", "collect o"])
        for query, words in answers.items():
            self.assertFalse({word for word in words if "one.sqlite" in word}, query)

    def test_words_of_an_operand(self):
        self.offers(self.ask(["completion "])["completion "], "bash", "zsh", "fish")


class Bash(Every, Completion):
    shell = "bash"

    def complete(self, env, _):
        return self.program_of(BASH, env)

    def whole(self, query, word):
        """Bash replaces only what follows the last ':'."""
        begun = re.split("[= ]", query)[-1]
        return begun[:begun.rfind(":") + 1] + self.plain(word)

    def test_a_terminal(self):
        """Tab in an interactive bash, which knows words only as COMP_WORDBREAKS splits them."""
        script = self.home / "script"
        script.write_text(self.says("completion", "bash"))
        for typed, wanted in (("iam-census coll\t", "iam-census collect "), ("iam-census check on\t", "check one.sqlite "),
                              ("iam-census collect --sse=aws:kms:\t", "--sse=aws:kms:dsse "),
                              ("iam-census check --out\t", "check --output "),
                              ("iam-census diff --only key_ad\t", "--only key_added"),
                              ("iam-census check two\t", "check two\\ words.csv ")):
            with self.subTest(typed=typed):
                echoed = session(["bash", "--norc", "--noprofile", "-i"], self.work, f"source {script}\n", typed, wanted=wanted.encode())
                self.assertIn(wanted, echoed)


class Fish(Every, Completion):
    shell = "fish"

    def complete(self, env, _):
        return self.program_of(FISH, env)


class Zsh(Every, Completion):
    shell = "zsh"

    loaded_from = ""

    def complete(self, env, offered):
        offered.write_text("")
        env["LOADED_FROM"] = self.loaded_from
        session(["zsh", "-f", "-i"], self.work, f"source {HERE / 'completion.zsh'}\n", "\x14", env=env)
        return offered.read_text()

    def test_a_file_that_zsh_loads(self):
        """As it is installed: the file is the body of a function that is loaded when it is needed."""
        folder = self.home / "functions"
        folder.mkdir()
        (folder / "_iam-census").write_text(self.says("completion", "zsh"))
        self.loaded_from = str(folder)
        answers = self.ask(["che", "check --fram", "history --js"])
        self.offers(answers["che"], "check")
        self.offers(answers["check --fram"], "--framework")
        self.offers(answers["history --js"], "--json")


def session(program, folder, begin, typed, env=None, wanted=None):
    """Types into an interactive shell. Returns what its terminal shows after 'begin' has been done, until it is 'wanted'."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe(program[0], program, {**(env or os.environ), "PS1": "prompt> ", "TERM": "dumb" if not env else "xterm"})
    try:
        os.write(terminal, begin.encode() + b"echo be''gin\n")
        read_until(terminal, b"\r\nbegin\r\n")
        os.write(terminal, typed.encode())
        return read_until(terminal, wanted).decode("utf-8", "replace")
    finally:
        os.close(terminal)
        os.kill(child, 9)
        os.waitpid(child, 0)


def read_until(terminal, mark):
    """Reads until 'mark' was seen; without one until the shell ends, or is quiet."""
    seen, until = b"", time.monotonic() + 30
    while time.monotonic() < until and not (mark and mark in seen):
        if not select.select([terminal], [], [], 10)[0]:
            break
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        seen += piece
        if not piece:
            break
    return seen


if __name__ == "__main__":
    unittest.main()
