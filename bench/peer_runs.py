# SPDX-License-Identifier: MIT
"""What runs beside the program: peers that write the same CSV, and the bare loop that sends the same requests."""

import csv
import json
import pathlib
import urllib.parse

from simulator import BUILD, ROLE, ROOT

PEERS = ROOT / "bench/peers"
CONNECTIONS = 64


def say(text):
    print(text, flush=True)


def median_run(runs):
    """The run of median CPU, so that its figures belong together."""
    return sorted(runs, key=lambda run: run.cpu_s)[len(runs) // 2]


def said(run):
    say(f"  {run.name:24} {run.calls:8} calls {run.wall_s:9.2f} s {run.cpu_s:8.2f} s CPU "
        f"{run.cpu_us_per_call:8.1f} us/call {run.peak_kib / 1024:7.1f} MiB, others {run.others:4.0%}")
    return run


def same_rows(ours, theirs, accounts):
    """Ends the bench if a peer's CSV differs from ours in any cell of its accounts: no program may do less work."""
    wanted = set(pathlib.Path(accounts).read_text().split())
    with open(ours, newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        expected = [next(reader)] + [row for row in reader if row[0] in wanted]
    with open(theirs, newline="", encoding="utf-8") as file:
        found = list(csv.reader(file))
    if expected != found:
        where = next((i for i, pair in enumerate(zip(expected, found)) if pair[0] != pair[1]),
                     min(len(expected), len(found)))
        raise SystemExit(f"bench: {theirs} differs from {ours} in row {where}: {expected[where:where + 1]} "
                         f"and {found[where:where + 1]}")


def peer_run(sim, name, program, ours, accounts):
    """Runs a peer for the accounts of a file, ages counted to the moment of our run."""
    output = sim.home / f"{name}.csv"
    dash = "-" if name == "go" else "--"
    run = sim.run(name, [*program, f"{dash}accounts", accounts, f"{dash}role-name", ROLE, f"{dash}as-of",
                         ours.result["started_at"], f"{dash}output", output])
    same_rows(ours.csv, output, accounts)
    return said(run)


def write_plan(sim, path):
    """The requests to IAM that the program makes per user, for the bare loop."""
    version = "&Version=2010-05-08"
    with open(path, "w", encoding="ascii") as file:
        for account in sim.world():
            def line(action, *parameters):
                file.write(f"{account['id']}\tAction={action}{version}{''.join(parameters)}\n")
            line("ListUsers", "&MaxItems=1000")
            line("ListAccountAliases", "&MaxItems=1000")
            for user in account["users"]:
                if user.get("deleted_after_report"):
                    continue
                name = f"&UserName={urllib.parse.quote(user['name'], safe='-_.~')}"
                for action in ("ListUserTags", "ListGroupsForUser", "ListMFADevices", "ListAccessKeys",
                               "ListSigningCertificates"):
                    line(action, name, "&MaxItems=1000")
                line("GetLoginProfile", name)
                for key in user["keys"]:
                    line("GetAccessKeyLastUsed", f"&AccessKeyId={key['id']}")


def iam_bytes_in(run):
    """Calls and bytes of bodies of each IAM action: what the bare loop must have in common with us."""
    return {name: (each["calls"], each["bytes_in"]) for name, each in run.counters["actions"].items()
            if name.startswith("iam:")}


def bare_run(sim, plan, how, ours):
    run = sim.run(f"bare-{how}", [BUILD / "bare", sim.url, plan, CONNECTIONS, how])
    if iam_bytes_in(run) != iam_bytes_in(ours):
        raise SystemExit("bench: the bare loop does not send what the program sends")
    loop = json.loads(run.printed)
    run.calls, run.cpu_s, run.wall_s = loop["calls"], loop["cpu_s"], loop["wall_s"]
    return said(run)
