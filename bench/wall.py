# SPDX-License-Identifier: MIT
"""The workloads of time and memory: how near the time comes to what the calls need, and accounts of thousands of users."""

import json

from peer_runs import said, say
from simulator import Simulator

LATENCY_MS = 20
SLOW_MS, SLOW_SHARE = 1000, 0.01


def fastest(sim, strategy, connections, repeats):
    """The fastest of some runs, since whatever else the machine does can only lengthen them."""
    runs = [said(sim.census(strategy, "--max-connections", connections, name=f"{strategy}-{connections}")) for _ in range(repeats)]
    return min(runs, key=lambda run: run.wall_s)


def over_floor(run, connections, latency_ms=LATENCY_MS):
    return run.wall_s / (run.calls * latency_ms / 1000 / connections)


def long_tail(home):
    """A scenario in which some of IAM's answers are slow. Returns its path and the mean latency."""
    path = home / "tail.json"
    path.write_text(json.dumps({"seed": 7, "rules": [
        {"actions": "iam:*", "latency_ms": {"median": SLOW_MS, "share": SLOW_SHARE}}]}))
    return path, LATENCY_MS * (1 - SLOW_SHARE) + SLOW_MS * SLOW_SHARE


def wall(check, quick):
    """Time over calls x latency / connections."""
    accounts, repeats = (40, 1) if quick else (200, 3)
    say(f"the time: {accounts} accounts of 50 users, {LATENCY_MS} ms, per user")
    figures, checks = {}, []
    world = {"accounts": accounts, "users_exact": 50, "all_active": True, "latency_ms": LATENCY_MS}
    with Simulator("wall", **world) as sim:
        for connections, limit in ((64, 1.05), (256, 1.15)):
            run = fastest(sim, "per-user", connections, repeats)
            figures[str(connections)] = run.figures()
            checks.append(check(f"per-user, {connections} connections: wall over calls x latency / connections",
                                over_floor(run, connections), limit, note=f"{run.calls:,} calls in {run.wall_s:.2f} s; fastest of {repeats}"))
        scenario, mean_ms = long_tail(sim.home)
    with Simulator("tail", scenario=scenario, **world) as sim:
        run = fastest(sim, "per-user", 64, repeats)
        figures["tail"] = run.figures()
        checks.append(check("per-user, 1% of answers take 1 s: wall over calls x mean latency / connections",
                            over_floor(run, 64, mean_ms), 1.15, note=f"mean {mean_ms:.1f} ms; {run.wall_s:.2f} s"))
    return {"figures": figures, "checks": checks}


def large_accounts(check, quick):
    """Memory with accounts of thousands of users, each of which could use every connection."""
    accounts, users, one = (10, 2000, 2000) if quick else (100, 4000, 5000)
    say(f"{accounts} accounts of {users:,} users at 512 connections; one account of {one:,}")
    figures, checks = {}, []
    with Simulator("large", accounts=accounts, users_exact=users, all_active=True, latency_ms=5) as sim:
        for strategy in ("bulk", "auto"):
            run = said(sim.census(strategy, "--max-connections", 512))
            figures[strategy] = run.figures()
            checks.append(check(f"peak resident memory, {accounts} accounts of {users:,} users, 512 connections, {strategy}",
                                run.peak_kib / 1024, 64, unit=" MiB", note=f"{run.result['rows']:,} rows in {run.wall_s:.1f} s"))
    with Simulator("large-one", accounts=1, users_exact=one, all_active=True, latency_ms=5) as sim:
        runs = [said(sim.census(strategy)) for strategy in ("bulk", "auto", "per-user")]
        figures["one"] = [run.figures() for run in runs]
        checks.append(check(f"peak resident memory, one account of {one:,} users", max(run.peak_kib for run in runs) / 1024, 24,
                            unit=" MiB", note="the largest of bulk, auto and per-user"))
    return {"figures": figures, "checks": checks}
