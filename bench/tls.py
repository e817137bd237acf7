# SPDX-License-Identifier: MIT
"""The workload of TLS: the same census through HTTP and through TLS, beside the same peers."""

import statistics
import sys

from peer_runs import PEERS, bare_run, median_run, peer_run, said, say, write_plan
from simulator import BUILD, Simulator

LATENCY_MS = 20


def rounds_of(sim, accounts, count):
    """Ours, the bare loop and the Go SDK on one world, in turn; so many rounds."""
    plan = sim.home / "plan"
    write_plan(sim, plan)
    rounds = []
    for _ in range(count):
        ours = said(sim.census("per-user"))
        bare = bare_run(sim, plan, "sign", ours)
        rounds.append({"ours": ours, "bare": bare, "go": peer_run(sim, "go", [BUILD / "census-go"], ours, sim.accounts_file(accounts))})
    return rounds


def ratio(rounds, a, b):
    """The CPU a call of one program over another's: the median of the rounds, since what a round shares with no other round cancels
    out in it. With the words that say how far the rounds differ."""
    ratios = sorted(each[a].cpu_us_per_call / each[b].cpu_us_per_call for each in rounds)
    shown = ", ".join(f"{value:.2f}" for value in ratios)
    return statistics.median(ratios), f"the rounds: {shown}"


def tls(check, quick):
    """CPU a call, through HTTP and through TLS; handshakes."""
    accounts, threaded, count = (8, 4, 1) if quick else (100, 16, 5)
    say(f"TLS: {accounts} accounts of 50 users, {LATENCY_MS} ms, per user")
    figures, checks, runs = {}, [], {}
    for scheme in ("http", "https"):
        with Simulator(scheme, accounts=accounts, users_exact=50, all_active=True, latency_ms=LATENCY_MS, tls=scheme == "https") as sim:
            rounds = rounds_of(sim, accounts, count)
            boto3 = peer_run(sim, "boto3-threads", [sys.executable, PEERS / "boto3_threads.py"], rounds[-1]["ours"],
                             sim.accounts_file(threaded))
        each = {name: median_run([one[name] for one in rounds]) for name in ("ours", "bare", "go")} | {"boto3": boto3}
        runs[scheme], figures[scheme] = each, {name: run.figures() for name, run in each.items()}
        over_bare, bare_note = ratio(rounds, "ours", "bare")
        go_over, go_note = ratio(rounds, "go", "ours")
        figures[scheme]["go_over_bare"] = ratio(rounds, "go", "bare")[0]
        checks += [
            check(f"{scheme}: CPU a call over a bare libcurl loop that signs", over_bare, 1.25 if scheme == "https" else 1.5,
                  note=bare_note),
            check(f"{scheme}: times less CPU a call than threaded boto3", boto3.cpu_us_per_call / each["ours"].cpu_us_per_call, 15,
                  at_least=True, note=f"{boto3.cpu_us_per_call:.0f} us and {each['ours'].cpu_us_per_call:.1f} us"),
            check(f"{scheme}: times less CPU a call than the Go SDK", go_over, 4, at_least=True, note=go_note),
        ]
    seen = runs["https"]["ours"].counters
    figures["connections"] = {name: seen[name] for name in ("connections", "handshakes", "handshakes_resumed")}
    opened = seen["connections"] - 1  # the connection that reset the counters was there before
    checks.append(check("TLS: handshakes over connections opened", seen["handshakes"] / opened, 1,
                        note=f"{seen['handshakes']} handshakes, {seen['handshakes_resumed']} of them resumed a session"))
    return {"figures": figures, "checks": checks}
