# SPDX-License-Identifier: MIT
"""The workload of the first hour: 'doctor' of an organization, and the page of one: its size, and how soon a browser has it."""

import json
import os
import shutil
import subprocess

from findings import least, local_run
from peer_runs import said, say
from simulator import BUILD, ROLE, Simulator

LATENCY_MS, CONNECTIONS = 20, 64
CALLS_MOST = 16


def asked(sim, name, *more):
    """A run of doctor over the whole organization, in which all is well."""
    run = said(sim.run(f"doctor-{name}", [BUILD / "iam-census", "doctor", "--role-name", ROLE, "--json", "--max-connections",
                                          CONNECTIONS, *more]))
    found = json.loads(run.printed)
    if {account["verdict"] for account in found["accounts"]} != {"ready"}:
        raise SystemExit("bench: doctor finds accounts that are not ready")
    run.calls_said, run.accounts = found["calls"], len(found["accounts"])
    return run


def floor_of(run):
    return run.calls_said * LATENCY_MS / 1000 / CONNECTIONS


def in_browser(page):
    """Milliseconds until the list of users is there, and those of the slowest search; None if there is no browser."""
    import state_machine
    if not shutil.which("chromium") or state_machine.install():
        return None
    done = subprocess.run(["node", state_machine.HERE / "page_speed.mjs", state_machine.PACKAGES, page], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, check=True, env=os.environ)
    return json.loads(done.stdout)


def first_hour(check, quick):
    """doctor and report."""
    accounts, repeats, users = (100, 2, 10000) if quick else (1000, 3, 100000)
    say(f"doctor: {accounts} accounts, {LATENCY_MS} ms, {CONNECTIONS} connections; the page of {users:,} users")
    wanted = {"standard": (), "full": ("--columns", "full", "--findings", "true", "--ssh-keys", "--s3-bucket", "bench")}
    runs = {name: [] for name in wanted}
    with Simulator("doctor", accounts=accounts, users=10, all_active=True, latency_ms=LATENCY_MS) as sim:
        for _ in range(repeats):
            for name, more in wanted.items():
                runs[name].append(asked(sim, name, *more))
    with Simulator("page", accounts=users // 500, users_exact=500, all_active=True, latency_ms=1) as sim:
        path, home = sim.home / "page.sqlite", sim.home
        sim.census("bulk", "--format", "sqlite", "--columns", "full", "--findings", sim.home / "findings.jsonl", "--output", path,
                   name="sqlite", output=False, allowed=(0, 3))  # rules about what was not asked for
    made = [local_run(home, "report", [BUILD / "iam-census", "report", path, "-o", home / "page.html"]) for _ in range(repeats)]
    size = (home / "page.html").stat().st_size
    seen = in_browser(home / "page.html")
    checks = []
    for name, each in runs.items():
        best = min(each, key=lambda run: run.wall_s)
        checks.append(check(f"doctor, {name} columns: time over calls x latency / connections", best.wall_s / floor_of(best), 1.2,
                            note=f"{best.calls_said:,} calls in {best.wall_s:.2f} s, {accounts:,} accounts, the list of them included"))
        checks.append(check(f"doctor, {name} columns: calls an account", best.calls_said / best.accounts, CALLS_MOST))
    checks.append(check("the page: size", size / 1e6, 8, unit=" MB", note=f"{users:,} users with all columns and findings"))
    checks.append(check("the page: memory of the program", max(run["peak_kib"] for run in made) / 1024, 64, unit=" MiB",
                        note=f"{users:,} users in {min(run['wall_s'] for run in made):.1f} s"))
    if seen:
        checks.append(check("the page: the list of users is there after", seen["ready_ms"], 2000, unit=" ms", note="Chromium"))
        checks.append(check("the page: the slowest search", seen["search_ms"], 100, unit=" ms", note="until the rows are drawn"))
    return {"figures": {"doctor": {name: least(each).figures() for name, each in runs.items()}, "report": made, "page_bytes": size,
                        "browser": seen}, "checks": checks}
