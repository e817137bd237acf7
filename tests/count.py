#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts the single tests of CTest's last run in a build folder, and lists those that were skipped with their reasons.

Usage: tests/count.py build/release. The last line is 'release: N passed, N failed, N skipped'. A CTest entry that
reports no counts of its own is one test.
"""

import collections
import pathlib
import re
import sys

ENTRY = re.compile(r"^\d+/\d+ Testing: (\S+)$", re.MULTILINE)
RESULT = re.compile(r"^Test (Passed|Failed|Skipped|Timeout)", re.MULTILINE)
PYTHON = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)
CMOCKA = re.compile(r"^\[  (PASSED|FAILED|SKIPPED)  \] .*?(\d+) test\(s\)", re.MULTILINE)
REASON = re.compile(r"\.\.\. skipped (['\"])(.*)\1$", re.MULTILINE)


def count(output):
    """Passed, failed and skipped tests of one entry's output."""
    found = PYTHON.findall(output)
    if found:
        return tuple(map(int, found[-1]))
    found = dict(CMOCKA.findall(output))
    if found:
        return tuple(int(found.get(word, 0)) for word in ("PASSED", "FAILED", "SKIPPED"))
    result = RESULT.search(output)
    word = result[1] if result else "Failed"
    return int(word == "Passed"), int(word in ("Failed", "Timeout")), int(word == "Skipped")


def main(folder):
    text = (folder / "Testing" / "Temporary" / "LastTest.log").read_text(errors="replace")
    parts = ENTRY.split(text)[1:]
    totals, reasons = [0, 0, 0], collections.Counter()
    for name, output in zip(parts[::2], parts[1::2]):
        totals = [a + b for a, b in zip(totals, count(output))]
        reasons.update((name, reason) for _, reason in REASON.findall(output))
    for (name, reason), number in sorted(reasons.items()):
        print(f"skipped: {number} of {name}: {reason}")
    print(f"{folder.name}: {totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return 1 if totals[1] or not totals[0] else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
