# SPDX-License-Identifier: MIT
"""The pages for people: each can be found, and every link leads somewhere."""

import pathlib
import re
import unittest

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
            if found:
                file = found
                yield file, "test"
            elif file:
                yield from ((file, part) for part in name.split("."))


class Pages(unittest.TestCase):
    def test_every_page_can_be_reached_from_the_first(self):
        pages = {path.resolve() for path in pathlib.Path(ROOT / "docs").rglob("*.md")}
        self.assertGreater(len(pages), 20)
        self.assertEqual(sorted(str(path.relative_to(ROOT)) for path in pages - reached()), [])

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
