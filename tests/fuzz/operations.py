#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails if an operation whose answers the program reads as XML is missing from fuzz_xml.c, or has no seed in make_corpus.py."""

import pathlib
import re

import make_corpus

HERE = pathlib.Path(__file__).resolve().parent
API = HERE.parents[1] / "src" / "api"


def declared():
    """Those of the headers, and those that a file of the API keeps to itself."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(API.glob("*.h"))]
    names = [name for text in texts for name in re.findall(r"^extern const struct query_operation (\w+);", text, re.M)]
    for path in sorted(API.glob("*.c")):
        names += re.findall(r"^static const struct query_operation (\w+) *=", path.read_text(encoding="utf-8"), re.M)
    return names


def main():
    table = re.findall(r"^ +&(\w+),$", (HERE / "fuzz_xml.c").read_text(encoding="utf-8"), re.M)
    names = declared()
    missing = sorted(set(names) - set(table))
    if missing or len(names) < 3:
        raise SystemExit(f"fuzz_xml.c does not read the answers of: {', '.join(missing) or names}")
    actions = [action for action, _ in make_corpus.ANSWERS]
    for name, action in zip(table, actions):
        words = name.removeprefix("iam_").removesuffix("_wide").removesuffix("_of_user").replace("_", "")
        if words != action.lower():
            raise SystemExit(f"the seed of {name} in make_corpus.py is of {action}")
    if len(actions) != len(table):
        raise SystemExit(f"{len(table)} operations have {len(actions)} seeds")
    print(f"{len(table)} operations, each with a seed")


if __name__ == "__main__":
    main()
