# SPDX-License-Identifier: MIT
"""The pages for people: each can be found, and every link leads somewhere."""

import pathlib
import re
import unittest

import oracle
import oracle_frameworks
from census import ROOT

START = ROOT / "README.md"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def without_code(text):
    return re.sub(r"`[^`\n]*`", "", text)


def links(page):
    """(file, anchor) of every link to another page, or to a place in this one."""
    found = [target.partition("#") for target in LINK.findall(without_code(page.read_text())) if "://" not in target]
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in found]


def anchors(page):
    """As GitHub makes them of headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def reached():
    seen, ahead = set(), [START]
    while ahead:
        page = ahead.pop()
        if page not in seen:
            seen.add(page)
            ahead += [path for path, _ in links(page) if path.suffix == ".md" and path.exists()]
    return seen


def suite(name):
    """The file of a suite that docs/testing.md names, as unit.test_x or sim/test_x.py; None if it names none."""
    found = re.fullmatch(r"(unit|e2e|sim)[./](\w+)(?:\.py)?", name)
    return found and ROOT / "tests" / found[1] / (found[2] + (".c" if found[1] == "unit" else ".py"))


def tests_named():
    """(suite's file, class or test in it) of the second column of the tables; "test" means the whole suite."""
    for line in (ROOT / "docs/testing.md").read_text().splitlines():
        file = None
        for name in re.findall(r"`([^`\s]+)`", f"{line} | ".split(" | ")[1] if line.startswith("|") else ""):
            found = suite(name)
            if name.startswith("chaos."):
                file = None
                yield ROOT / "tests" / "chaos" / f"{name.removeprefix('chaos.')}.py", "main"
            elif found:
                file = found
                yield file, "test"
            elif file:
                yield from ((file, part) for part in name.split("."))


def sections_of_rules():
    """{rule: its section} of the page about findings."""
    parts = re.split(r"^### ([a-z0-9-]+)$", (ROOT / "docs/findings.md").read_text(), flags=re.M)
    return {name: text.split("\n## ")[0] for name, text in zip(parts[1::2], parts[2::2])}


class Findings(unittest.TestCase):
    """docs/findings.md against the oracle of the findings, which the program is held against as well."""

    THINGS = {"user": "each user", "access_keys": "each access key", "service_credentials": "each service credential",
              "signing_certificates": "each signing certificate", "account": "each account"}

    def test_every_rule_has_its_section(self):
        self.assertEqual(sorted(sections_of_rules()), sorted(oracle.RULES))

    def test_a_section_names_severity_limit_and_what_is_judged(self):
        for name, text in sections_of_rules().items():
            rule, head = oracle.RULES[name], text.strip().splitlines()[0]
            with self.subTest(rule=name):
                self.assertTrue(head.startswith(f"Severity {rule.severity}; {self.THINGS[rule.resource]}; "), head)
                self.assertEqual(head.endswith("; off."), rule.off, head)
                self.assertIn("limit" if name == "user-tag" else f"limit {rule.limit}" if rule.limit else "no limit", head)
                for word in ("Fails if", "Source: [", "To mend it:"):
                    self.assertIn(word, text.replace("\n", " "))

    def test_a_section_has_the_controls(self):
        for name, text in sections_of_rules().items():
            found = oracle_frameworks.numbers_of(name, oracle.RULES[name].limit)
            words = " ".join(text.split())
            for framework, numbers in found.items():
                with self.subTest(rule=name, framework=framework):
                    self.assertIn(numbers, words)
            self.assertEqual("CIS 1.4" in words, "cis-1.4" in found, name)


class Pages(unittest.TestCase):
    def test_every_page_can_be_reached_from_the_first(self):
        pages = {path.resolve() for path in pathlib.Path(ROOT / "docs").rglob("*.md")}
        self.assertGreater(len(pages), 20)
        self.assertEqual(sorted(str(path.relative_to(ROOT)) for path in pages - reached()), [])

    def test_every_test_of_the_threat_model_exists(self):
        text, seen = (ROOT / "docs/security.md").read_text(), 0
        for name, tests in re.findall(r"`((?:unit|e2e|sim)\.test_\w+|fuzz_\w+)`(?: \(((?:`\w+`(?:, )?)+)\))?", text):
            path = suite(name) or ROOT / "tests" / "fuzz" / f"{name}.c"
            with self.subTest(name=name):
                source, seen = path.read_text(), seen + 1
                for each in re.findall(r"\w+", tests):
                    self.assertRegex(source, rf"\b{each}\(")
        self.assertGreater(seen, 40)

    def test_every_link_leads_somewhere(self):
        for page in sorted(reached()):
            for path, anchor in links(page):
                with self.subTest(page=page.name, link=f"{path.name}#{anchor}"):
                    self.assertTrue(path.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(path))

    def test_every_test_that_is_named_exists(self):
        named = list(tests_named())
        self.assertGreater(len(named), 100)
        for file, name in named:
            with self.subTest(file=file.name, name=name):
                self.assertTrue(file.exists())
                self.assertRegex(file.read_text(), rf"\b{re.escape(name)}")


if __name__ == "__main__":
    unittest.main()
