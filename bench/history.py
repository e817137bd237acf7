# SPDX-License-Identifier: MIT
"""The workload of runs: what a database costs beside the CSV, and 'diff' beside two scans by sqlite3."""

import sqlite3

from findings import least, local_run
from peer_runs import said, say
from simulator import BUILD, Simulator

READ = ("account", "user", "access_key", "tag", "group_membership", "signing_certificate", "mfa_device", "service_credential",
        "policy", "finding")
COPY_ID = "f" * 32


def columns_of(database, table):
    return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]


def copied(table, column):
    """What the second run has in a column: one access key in a hundred is not active."""
    if column == "run_id":
        return f"'{COPY_ID}'"
    if (table, column) == ("run", "number"):
        return "number + 1"
    if (table, column) == ("access_key", "status"):
        return "iif(substr(id, -2) = 'AA', 'Inactive', status)"
    return f'"{column}"'


def add_second_run(path):
    """A second run in the database: the first with some keys deactivated. Returns how many."""
    with sqlite3.connect(path) as database:
        run_id, = database.execute("SELECT run_id FROM run").fetchone()
        changed, = database.execute("SELECT count(*) FROM access_key WHERE substr(id, -2) = 'AA' AND status = 'Active'").fetchone()
        for table in ("run", *READ, "ssh_public_key"):
            columns = columns_of(database, table)
            names = ", ".join(f'"{column}"' for column in columns)
            database.execute(f"INSERT INTO {table} ({names}) "
                             f"SELECT {', '.join(copied(table, column) for column in columns)} FROM {table} WHERE run_id = ?",
                             (run_id,))
    database.close()
    return changed


def scan(home, path, name):
    """Reads every row of both runs, as sqlite3 does it."""
    script = home / "scan.sql"
    script.write_text(".output /dev/null\n" + "".join(f"SELECT * FROM {table};\n" for table in READ))
    return local_run(home, name, ["sqlite3", path, f".read {script}"])


def runs(check, quick):
    """Runs: the database beside the CSV, and 'diff' of two runs beside two scans by sqlite3."""
    accounts, repeats = (100, 2) if quick else (1000, 3)
    many = 300 if quick else 10000
    say(f"runs: {accounts} accounts of 100 users as CSV and database; {many} for diff; bulk, full columns, 5 ms")
    csv, stored = [], []
    with Simulator("runs", accounts=accounts, users_exact=100, all_active=True, latency_ms=5) as sim:
        sim.account_ids()
        for turn in range(repeats):
            csv.append(said(sim.census("bulk", "--columns", "full", "--accounts-file", sim.home / "accounts.csv", name="csv")))
            stored.append(said(sim.census("bulk", "--format", "sqlite", "--output", sim.home / f"turn{turn}.sqlite",
                                          name="sqlite", output=False)))
    with Simulator("diff", accounts=many, users_exact=100, all_active=True, latency_ms=5) as sim:
        sim.account_ids()
        path, home = sim.home / "runs.sqlite", sim.home
        large = said(sim.census("bulk", "--format", "sqlite", "--output", path, name="sqlite", output=False))
    changed = add_second_run(path)
    compared, scanned = [], []
    for _ in range(repeats):
        scanned.append(scan(home, path, "scan"))
        compared.append(local_run(home, "diff", [BUILD / "iam-census", "diff", path, "--format", "jsonl", "--output",
                                                 home / "differences.jsonl"]))
    with open(home / "differences.jsonl", encoding="utf-8") as lines:
        found = sum('"kind":"key_deactivated"' in line for line in lines)
    if found != changed:
        raise SystemExit(f"bench: 'diff' finds {found} deactivated keys of {changed}")
    wall = {name: min(run["wall_s"] for run in each) for name, each in (("diff", compared), ("scan", scanned))}
    checks = [
        check(f"database: time over that of the CSV, {accounts * 100:,} users", least(stored).wall_s / least(csv).wall_s, 2,
              note=f"{least(stored).wall_s:.1f} s and {least(csv).wall_s:.1f} s, the same facts"),
        check("database: memory of ten times the users over that", large.peak_kib / min(run.peak_kib for run in stored), 1.2,
              note=f"{large.peak_kib / 1024:.1f} MiB with {many * 100:,} users"),
        check("diff: time over two full scans by sqlite3", wall["diff"] / wall["scan"], 3,
              note=f"{wall['diff']:.1f} s and {wall['scan']:.1f} s, two runs of {many * 100:,} users"),
        check("diff: peak resident memory", max(run["peak_kib"] for run in compared) / 1024, 64, unit=" MiB",
              note=f"two runs of {many * 100:,} users, {found:,} differences"),
    ]
    return {"figures": {"csv": least(csv).figures(), "sqlite": least(stored).figures(), "large": large.figures(),
                        "diff": compared, "scan": scanned, "differences": found}, "checks": checks}
