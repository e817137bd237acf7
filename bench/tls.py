# SPDX-License-Identifier: MIT
"""The workload of TLS: the same census through HTTP and through TLS, beside the same peers."""

import sys

from peer_runs import PEERS, bare_run, median_run, peer_run, said, say, write_plan
from simulator import BUILD, Simulator

LATENCY_MS = 20


def all_programs(sim, accounts, threaded, repeats):
    """Ours, the bare loop, the Go SDK and threaded boto3 on one world, in turn. The median of each by its CPU."""
    plan = sim.home / "plan"
    write_plan(sim, plan)
    ours, bare, go = [], [], []
    for _ in range(repeats):
        ours.append(said(sim.census("per-user")))
        bare.append(bare_run(sim, plan, "sign", ours[-1]))
        go.append(peer_run(sim, "go", [BUILD / "census-go"], ours[-1], sim.accounts_file(accounts)))
    boto3 = peer_run(sim, "boto3-threads", [sys.executable, PEERS / "boto3_threads.py"], ours[-1], sim.accounts_file(threaded))
    return {"ours": median_run(ours), "bare": median_run(bare), "go": median_run(go), "boto3": boto3}


def tls(check, quick):
    """CPU a call, through HTTP and through TLS; handshakes."""
    accounts, threaded, repeats = (8, 4, 1) if quick else (100, 16, 3)
    say(f"TLS: {accounts} accounts of 50 users, {LATENCY_MS} ms, per user")
    figures, checks, runs = {}, [], {}
    for scheme in ("http", "https"):
        with Simulator(scheme, accounts=accounts, users_exact=50, all_active=True, latency_ms=LATENCY_MS, tls=scheme == "https") as sim:
            runs[scheme] = all_programs(sim, accounts, threaded, repeats)
        figures[scheme] = {name: run.figures() for name, run in runs[scheme].items()}
        cpu = {name: run.cpu_us_per_call for name, run in runs[scheme].items()}
        checks += [
            check(f"{scheme}: CPU a call over a bare libcurl loop that signs", cpu["ours"] / cpu["bare"],
                  1.25 if scheme == "https" else 1.5, note=f"{cpu['ours']:.1f} us and {cpu['bare']:.1f} us"),
            check(f"{scheme}: times less CPU a call than threaded boto3", cpu["boto3"] / cpu["ours"], 15, at_least=True,
                  note=f"{cpu['boto3']:.0f} us and {cpu['ours']:.1f} us"),
            check(f"{scheme}: times less CPU a call than the Go SDK", cpu["go"] / cpu["ours"], 4, at_least=True,
                  note=f"{cpu['go']:.0f} us and {cpu['ours']:.1f} us"),
        ]
    seen = runs["https"]["ours"].counters
    figures["connections"] = {name: seen[name] for name in ("connections", "handshakes", "handshakes_resumed")}
    opened = seen["connections"] - 1  # the connection that reset the counters was there before
    checks.append(check("TLS: handshakes over connections opened", seen["handshakes"] / opened, 1,
                        note=f"{seen['handshakes']} handshakes, {seen['handshakes_resumed']} of them resumed a session"))
    return {"figures": figures, "checks": checks}
