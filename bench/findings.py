# SPDX-License-Identifier: MIT
"""The workload of findings: what judging costs, in a census and over a database, beside SQL and a script."""

import concurrent.futures
import json
import subprocess
import sys

from peer_runs import PEERS, said, say
from simulator import BUILD, ROLE, RUN_SECONDS, Simulator

REPORTS = 40  # accounts whose credential reports the script reads: boto3 takes long to fetch them
FETCHERS = 16
COMPARED = ("user-console-mfa", "user-password-unused", "user-two-active-keys", "user-key-age")


def local_run(home, name, command, allowed=(0,)):
    """Runs a program that calls nobody."""
    report = home / f"{name}.json"
    with open(home / f"{name}.log", "wb") as log:
        done = subprocess.run([str(BUILD / "measure"), str(report), *map(str, command)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=log, timeout=RUN_SECONDS, check=False)
    if done.returncode not in allowed:
        raise SystemExit(f"bench: '{name}' ended with status {done.returncode}, see {log.name}")
    took = json.loads(report.read_text())
    figures = {"name": name, "wall_s": round(took["wall_s"], 3), "cpu_s": round(took["user_s"] + took["system_s"], 3),
               "peak_kib": took["peak_kib"]}
    say(f"  {name:24} {figures['wall_s']:9.2f} s {figures['cpu_s']:8.2f} s CPU {figures['peak_kib'] / 1024:7.1f} MiB")
    return figures


def failures_of(path):
    """{(rule, account, resource)} of the failures in JSON Lines."""
    with open(path, encoding="utf-8") as file:
        return {(each["rule"], each["account_id"], each["resource_id"]) for each in map(json.loads, file)
                if each["status"] == "fail"}


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return {tuple(line.rstrip("\n").split(",", 2)) for line in file}


def same_failures(checked, queried):
    """Ends the bench if SQL finds other failures than 'check': neither may do less work."""
    ours, theirs = failures_of(checked), lines_of(queried)
    if ours != theirs:
        raise SystemExit(f"bench: 'check' finds {len(ours)} failures and SQL {len(theirs)}: "
                         f"{sorted(ours - theirs)[:3]} {sorted(theirs - ours)[:3]}")
    return len(ours)


def alike_failures(checked, reported, accounts):
    """Ends the bench if the script finds other users. A report is older than the census: a few may differ."""
    ours = {(rule, account, resource.rsplit("/", 1)[-1]) for rule, account, resource in failures_of(checked)
            if rule in COMPARED and account in accounts and resource.startswith("arn:")}
    theirs = {each for each in lines_of(reported) if each[0] in {rule for rule, *_ in ours}}
    if len(ours ^ theirs) > 0.02 * len(ours):
        raise SystemExit(f"bench: the script finds {len(theirs)} failures and 'check' {len(ours)} of the same rules: "
                         f"{sorted(ours - theirs)[:3]} {sorted(theirs - ours)[:3]}")


def save_reports(sim, folder, count):
    """Credential reports as files, fetched with boto3; returns the accounts."""
    folder.mkdir(exist_ok=True)
    accounts = sim.account_ids()[:count]
    sts = sim.client("sts")

    def save(account):
        given = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{ROLE}", RoleSessionName="bench")["Credentials"]
        iam = sim.client("iam", given)
        while iam.generate_credential_report()["State"] != "COMPLETE":
            pass
        (folder / f"{account}.csv").write_bytes(iam.get_credential_report()["Content"])
    with concurrent.futures.ThreadPoolExecutor(FETCHERS) as pool:
        list(pool.map(save, accounts))
    return set(accounts)


def least(runs):
    """The run of least CPU: what else the machine does only ever adds."""
    return min(runs, key=lambda run: run.cpu_s)


def census_with_findings(sim, repeats):
    """collect, and collect --findings, in turn, so that what else the machine does meets both alike."""
    plain, judged = [], []
    for _ in range(repeats):
        plain.append(said(sim.census("bulk", "--columns", "full", name="full")))
        judged.append(said(sim.census("bulk", "--columns", "full", "--findings", sim.home / "findings.jsonl",
                                      name="full-findings", allowed=(0, 3))))
    return plain, judged


def findings(check, quick):
    """Findings: 'collect --findings' over 'collect', and 'check' over a database."""
    accounts, repeats = (300, 2) if quick else (10000, 2)
    users = accounts * 100
    say(f"findings: {accounts} accounts of 100 users, bulk, full columns, 5 ms")
    with Simulator("findings", accounts=accounts, users_exact=100, all_active=True, latency_ms=5) as sim:
        sim.account_ids()
        plain, judged = census_with_findings(sim, repeats)
        database = sim.home / "census.sqlite"
        stored = said(sim.census("bulk", "--format", "sqlite", "--output", database, name="sqlite", output=False))
        reports = save_reports(sim, sim.home / "reports", min(REPORTS, accounts))
        home, started = sim.home, stored.result["started_at"]
    check_it = [BUILD / "iam-census", "check", database]
    checked = local_run(home, "check", [*check_it, "--output", home / "checked.txt"], allowed=(0, 3))
    listed = local_run(home, "check-jsonl", [*check_it, "--format", "jsonl", "--output", home / "checked.jsonl"],
                       allowed=(0, 3))
    queried = local_run(home, "SQL", [sys.executable, PEERS / "rules_sql.py", database, home / "queried"])
    scripted = local_run(home, "script", [sys.executable, PEERS / "rules_report.py", home / "reports", started,
                                          home / "scripted"])
    failures = same_failures(home / "checked.jsonl", home / "queried")
    alike_failures(home / "checked.jsonl", home / "scripted", reports)
    a_user = {"collect": least(plain).cpu_s / users, "collect --format sqlite": stored.cpu_s / users,
              "check": checked["cpu_s"] / users, "check --format jsonl": listed["cpu_s"] / users,
              "SQL": queried["cpu_s"] / users, "script": scripted["cpu_s"] / (len(reports) * 100)}
    figures = {"users": users, "failures": failures, "collect": least(plain).figures(),
               "collect --findings": least(judged).figures(), "collect --format sqlite": stored.figures(),
               "check": checked, "check --format jsonl": listed, "SQL": queried, "script": scripted, "script_users": len(reports) * 100,
               "us_a_user": {name: round(each * 1e6, 2) for name, each in a_user.items()}}
    more_kib = min(run.peak_kib for run in judged) - min(run.peak_kib for run in plain)
    checks = [
        check("collect --findings: CPU over that of collect", least(judged).cpu_s / least(plain).cpu_s, 1.25,
              note=f"{least(judged).cpu_s:.1f} s and {least(plain).cpu_s:.1f} s, {users:,} users, full columns"),
        check("collect --findings: memory over that of collect", more_kib / 1024, 8, unit=" MiB",
              note=f"the least of {repeats} runs each"),
        check(f"check: peak resident memory, {users:,} users", max(checked["peak_kib"], listed["peak_kib"]) / 1024, 60,
              unit=" MiB", note=f"{failures:,} failures; the larger of the table and of JSON Lines"),
        check("check: CPU a user over that of collecting the database", a_user["check"] / a_user["collect --format sqlite"],
              0.1, note=" and ".join(f"{a_user[name] * 1e6:.1f} us" for name in ("check", "collect --format sqlite"))
              + f"; with all findings as JSON Lines: {a_user['check --format jsonl'] * 1e6:.1f} us"),
    ]
    return {"figures": figures, "checks": checks}
