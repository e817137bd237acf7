#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sums what gcov counted in a coverage build: report.py BUILD [--missing] [--folders-only]

Prints lines and branches of each folder of src/, and compares what no test reached with
tests/coverage/uncovered.txt, in which each such place has its reason. Status 1 if a place is missing
there, if a place listed there was reached or is gone, if it is said there that all lines of a function
run and they don't, or if a figure is below its bound.
--missing prints the places without a reason, in the form of the list.

A branch is one way out of a condition, as gcc compiles it without optimization: 'if (a && b)' has four,
a 'switch' one for each case and one for the default. C has no exceptions, so none of gcc's branches
for them; a condition that is constant is none. Everything in src/ counts: nothing can be excluded in the
source. Lines of the style and the script of the page, which are generated into C, are no code.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = ROOT / "tests" / "coverage" / "uncovered.txt"
LINES_WANTED = 98.0
BRANCHES_WANTED = 92.0
ALL_LINES = "Every line of the function runs"  # begins a reason, and is checked
WHOLE = "*"  # in place of a line: nothing of the function ran
VARIES = "varies"  # after a count: depends on time or the machine, so it may be reached or not


class Place(collections.namedtuple("Place", "file function text")):
    """A line of the source, found again by its text when other lines move."""

    def __str__(self):
        return f"{self.file} | {self.function} | {self.text}"


def gcov(build):
    """What gcov says of each object file of src/, those included that never ran."""
    notes = sorted(str(path) for target in ("census", "iam-census")
                   for path in (build / "CMakeFiles" / f"{target}.dir").rglob("*.gcno"))
    if not notes:
        sys.exit(f"coverage: {build} is no coverage build: use scripts/coverage")
    done = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", *notes],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def source_name(entry, answer):
    path = pathlib.Path(answer["current_working_directory"], entry["file"]).resolve()
    try:
        name = path.relative_to(ROOT)
    except ValueError:
        return None
    return str(name) if name.parts[0] == "src" else None


def summed(answers):
    """{(file, function): {line: [count of the line, [count of each branch]]}}: a function of a header
    is compiled into many objects, and is one."""
    functions = collections.defaultdict(dict)
    for answer in answers:
        for entry in answer["files"]:
            name = source_name(entry, answer)
            if not name:
                continue
            for line in entry["lines"]:
                add(functions[name, line.get("function_name", "")], line)
    return functions


def add(lines, line):
    counts = [branch["count"] for branch in line["branches"]]
    known = lines.get(line["line_number"])
    if not known:
        lines[line["line_number"]] = [line["count"], counts]
        return
    known[0] += line["count"]
    if len(known[1]) == len(counts):
        known[1] = [one + other for one, other in zip(known[1], counts)]
    else:  # the compiler left a branch out of one of them
        known[1] = max(known[1], counts, key=len)


def text_of(sources, name, number):
    if name not in sources:
        sources[name] = (ROOT / name).read_text().splitlines()
    return re.sub(r"\s+", " ", sources[name][number - 1].strip())


def unreached(functions):
    """{place: how many branches of it, or lines if it has none, were not reached}"""
    sources, found = {}, collections.Counter()
    for (name, function), lines in functions.items():
        if not any(count for count, _ in lines.values()):
            found[Place(name, function, WHOLE)] = 1
            continue
        for number, (count, branches) in lines.items():
            if branches and not all(branches):
                found[Place(name, function, text_of(sources, name, number))] += branches.count(0)
    return found


def read_list():
    """{place: (count, varies, reason)}; the reason is the heading above: '## REASON'."""
    listed, reason = {}, None
    for number, line in enumerate(LIST.read_text().splitlines(), 1):
        if line.startswith("## "):
            reason = line[3:]
        elif line and not line.startswith("#"):
            parts = [part.strip() for part in line.split(" | ", 3)]
            count, *mark = parts[0].split()
            if len(parts) != 4 or not count.isdigit() or mark not in ([], [VARIES]) or not reason:
                sys.exit(f"{LIST}:{number}: want 'COUNT [varies] | FILE | FUNCTION | TEXT' below '## REASON'")
            listed[Place(*parts[1:])] = (int(count), bool(mark), reason)
    return listed


def not_whole(functions, listed):
    """Places whose reason says that all lines of the function run, and they don't."""
    for place, (count, _, reason) in sorted(listed.items()):
        lines = functions.get((place.file, place.function), {})
        if reason.startswith(ALL_LINES) and not all(ran for ran, _ in lines.values()):
            yield f"{count} | {place}", "not every line of this function runs: it needs a reason of its own"


def differences(found, listed):
    for place, count in sorted(found.items()):
        known = listed.get(place)
        if not known:
            yield f"{count} | {place}", "no test reaches it, and uncovered.txt has no reason for it"
        elif known[0] < count or (known[0] > count and not known[1]):
            yield f"{count} | {place}", f"uncovered.txt counts {known[0]} here: not reached are {count}"
    for place, (count, varies, _) in sorted(listed.items()):
        if place not in found and not varies:
            yield f"{count} | {place}", "it is reached now, or is gone: take it out of uncovered.txt"


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def table(functions):
    """Prints a line for each folder; the sums of all."""
    sums = collections.defaultdict(lambda: [0, 0, 0, 0])
    for (name, _), lines in functions.items():
        for folder in (name.split("/")[1], "all"):
            for count, branches in lines.values():
                sums[folder][0] += count > 0
                sums[folder][1] += 1
                sums[folder][2] += len(branches) - branches.count(0)
                sums[folder][3] += len(branches)
    print(f"{'folder':<10}{'lines':>14}{'':>9}{'branches':>16}")
    for folder, (ran, lines, taken, branches) in sorted(sums.items(), key=lambda item: (item[0] == "all", item)):
        print(f"{folder:<10}{ran:>6} of {lines:>5}{percent(ran, lines):>7.2f} %{taken:>7} of {branches:>5}"
              f"{percent(taken, branches):>7.2f} %")
    return sums["all"]


def main(arguments):
    if not arguments or arguments[0].startswith("-"):
        print(__doc__.strip())
        return 2
    functions = summed(gcov(pathlib.Path(arguments[0]).resolve()))
    ran, lines, taken, branches = table(functions)
    listed = read_list()
    wrong = [*differences(unreached(functions), listed), *not_whole(functions, listed)]
    if "--missing" in arguments:
        for place, _ in wrong:
            print(place)
    elif "--folders-only" not in arguments:
        for place, why in wrong:
            print(f"coverage: {place}\n          {why}")
    low = [f"coverage: {what} are {have:.2f} %, and {want:g} % are wanted"
           for what, have, want in (("lines", percent(ran, lines), LINES_WANTED),
                                    ("branches", percent(taken, branches), BRANCHES_WANTED)) if have < want]
    print("\n".join(low + [f"coverage: {len(wrong)} places differ from {LIST.relative_to(ROOT)}"]))
    return 1 if wrong or low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
