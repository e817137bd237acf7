# SPDX-License-Identifier: MIT
"""The tables of docs/integrations.md for Athena: every field that the program writes, in its order, with its type."""

import json
import os
import re
import sys
import unittest

import census
from cases import Case

sys.path.append(str(census.ROOT / "tests" / "sim"))
import simulator  # noqa: E402

SCALARS = {"string": str, "bigint": int, "boolean": bool}


def parse_type(text):
    """'array<struct<id:string>>' as ("array", ("struct", {"id": "string"}))."""
    match = re.fullmatch(r"(\w+)(?:<(.*)>)?", text)
    name, inside = match.groups()
    if name == "array":
        return name, parse_type(inside)
    if name == "struct":
        return name, {key: parse_type(value) for key, value in (part.split(":", 1) for part in split(inside))}
    if name == "map":
        return name, parse_type(split(inside)[1])
    return text


def split(text):
    """At the commas that are in no brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += {"<": 1, ">": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def tables():
    """{table: {column: type}} of the manual."""
    text = (census.ROOT / "docs/integrations.md").read_text()
    found = {}
    for name, body in re.findall(r"CREATE EXTERNAL TABLE (\w+) \((.*?)\n    \)", text, re.S):
        found[name] = {column: parse_type(kind) for column, kind in re.findall(r"^      `(\w+)` (\S+?),?$", body, re.M)}
    return found


def fits(value, kind):
    """Whether the SerDe can put the value into a column of this type; null fits all."""
    if value is None:
        return True
    if isinstance(kind, str):
        # a text column shows a number, too
        return type(value) is SCALARS[kind] or (kind == "string" and type(value) is int)
    name, inside = kind
    if name == "array":
        return isinstance(value, list) and all(fits(item, inside) for item in value)
    if name == "map":
        return isinstance(value, dict) and all(fits(item, inside) for item in value.values())
    return isinstance(value, dict) and list(value) == list(inside) and all(fits(item, inside[key]) for key, item in value.items())


@unittest.skipUnless(os.access(simulator.binary(), os.X_OK), "the simulator is not built")
class Athena(Case):
    def lines(self, path):
        return [json.loads(line) for line in path.read_text().splitlines()]

    def run_on_simulator(self, *arguments):
        with simulator.Simulator("--accounts", 6, "--users", 30) as aws:
            env = {"AWS_ENDPOINT_URL": aws.url, "AWS_REGION": simulator.REGION, "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY,
                   "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET, "ROLE_NAME": simulator.ROLE}
            run = self.collect("--format", "jsonl", "--columns", "full", "--output", self.home / "users.jsonl", *arguments, env=env)
            self.assertIn(run.code, (0, 3), run.err)

    def assert_table(self, name, rows, never=()):
        table = tables()[name]
        self.assertGreater(len(rows), 20)
        filled = set()
        for row in rows:
            self.assertEqual(list(row), list(table), "the manual's table has other fields")
            for field, value in row.items():
                self.assertTrue(fits(value, table[field]), f"{field}: {value!r} is no {table[field]}")
                filled |= {field} if value not in (None, [], {}) else set()
        self.assertEqual(set(table) - filled, set(never), "no value of these was seen")

    def test_users(self):
        self.run_on_simulator("--ssh-keys")
        self.assert_table("iam_users", self.lines(self.home / "users.jsonl"), never={"unknown"})

    def test_findings(self):
        if "--findings" not in self.run_program("collect", "--help").out.decode():
            self.skipTest("this program writes no findings")
        path = self.home / "findings.jsonl"
        self.run_on_simulator("--findings", path, "--findings-format", "jsonl")
        rows = self.lines(path)
        self.assert_table("iam_findings", rows, never={"suppression", "because"} - {
            field for row in rows for field in ("suppression", "because") if row[field]})

    def test_the_queries_name_what_is_there(self):
        """Each column that a query of the manual asks for is one of its table."""
        text = (census.ROOT / "docs/integrations.md").read_text()
        names = set().union(*tables().values())
        for query in re.findall(r"^    SELECT .*?;$", text, re.S | re.M):
            for name in re.findall(r"(?:today|before)\.(\w+)", query):
                self.assertIn(name, names | {"day"})
            for text_value in re.findall(r"contains\(unknown, '(\w+)'\)", query):
                self.assertIn(text_value, tables()["iam_users"])

    def test_the_types_are_read_as_meant(self):
        self.assertEqual(parse_type("array<struct<a:string,b:array<bigint>>>"),
                         ("array", ("struct", {"a": "string", "b": ("array", "bigint")})))
        self.assertFalse(fits("7", "bigint"))
        self.assertFalse(fits(True, "bigint"))
        self.assertTrue(fits({"x": "1.13"}, parse_type("map<string,string>")))


if __name__ == "__main__":
    unittest.main()
