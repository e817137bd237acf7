# SPDX-License-Identifier: MIT
"""The workloads: each runs the program and its peers on one world and returns figures and checks."""

import csv
import functools
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

import findings
import first_hour
import history
import tls
import wall
from peer_runs import CONNECTIONS, PEERS, bare_run, median_run, peer_run, said, say, write_plan
from simulator import BUILD, HOME, ROLE, Simulator, environment

LATENCY_MS = 20


def check(name, value, limit, at_least=False, unit="", note=""):
    """One line of the table of targets."""
    ok = value >= limit if at_least else value <= limit
    say(f"  {'pass' if ok else 'FAIL'}: {name}: {value:.4g}{unit} ({'at least' if at_least else 'at most'} "
        f"{limit:g}{unit})")
    return {"name": name, "value": value, "limit": limit, "at_least": at_least, "unit": unit, "ok": ok, "note": note}


def accounts_of_fifty(quick):
    """200 accounts of 50 users: speed and CPU against all peers."""
    accounts, sequential, threaded, repeats = (8, 1, 8, 2) if quick else (200, 4, 32, 3)
    say(f"{accounts} accounts of 50 users, {LATENCY_MS} ms, no throttling")
    figures, checks = {}, []
    with Simulator("fifty", accounts=accounts, users_exact=50, all_active=True, latency_ms=LATENCY_MS) as sim:
        plan = sim.home / "plan"
        write_plan(sim, plan)
        per_user, signing, presigned = [], [], []
        for _ in range(repeats):  # in turn, so that what else the machine does meets all alike
            per_user.append(said(sim.census("per-user")))
            signing.append(bare_run(sim, plan, "sign", per_user[-1]))
            presigned.append(bare_run(sim, plan, "presigned", per_user[-1]))
        ours, bare, bare_presigned = map(median_run, (per_user, signing, presigned))
        auto, bulk = [], []
        for _ in range(repeats):
            auto.append(said(sim.census("auto")))
            bulk.append(said(sim.census("bulk")))
        auto, bulk = median_run(auto), median_run(bulk)
        newest = per_user[-1]  # whose CSV lies there
        go = peer_run(sim, "go", [BUILD / "census-go"], newest, sim.accounts_file())
        python = [sys.executable]
        threads = peer_run(sim, "boto3-threads", python + [PEERS / "boto3_threads.py"], newest,
                           sim.accounts_file(threaded))
        one = peer_run(sim, "boto3-sequential", python + [PEERS / "boto3_sequential.py"], newest,
                       sim.accounts_file(sequential))
    users = accounts * 50
    sequential_s = one.wall_s * accounts / sequential
    threads_s = threads.wall_s * accounts / threaded
    least_s = ours.calls * LATENCY_MS / 1000 / CONNECTIONS
    fastest = min(per_user, key=lambda run: run.wall_s)
    for run, of, scaled in ((ours, accounts, ours.wall_s), (auto, accounts, auto.wall_s),
                            (bulk, accounts, bulk.wall_s), (go, accounts, go.wall_s),
                            (threads, threaded, threads_s), (one, sequential, sequential_s),
                            (bare, accounts, bare.wall_s), (bare_presigned, accounts, bare_presigned.wall_s)):
        figures[run.name] = {**run.figures(), "accounts": of, "wall_all_s": round(scaled, 2)}
    figures["spread"] = {name: [round(run.cpu_us_per_call, 2) for run in runs] for name, runs in
                         (("per-user", per_user), ("bare, signing", signing), ("bare, presigned", presigned))}
    figures["least_s"], figures["users"], figures["all_accounts"] = round(least_s, 2), users, accounts
    checks += [
        check("per-user: wall over calls x latency / connections", ours.wall_s / least_s, 1.05,
              note=f"{ours.wall_s:.2f} s over {least_s:.2f} s; fastest of {repeats}: {fastest.wall_s:.2f} s"),
        check("per-user: times faster than sequential boto3", sequential_s / ours.wall_s, 50, at_least=True,
              note=f"boto3 measured on {sequential} of {accounts} accounts and scaled to {sequential_s:.0f} s"),
        check("bulk: times faster than sequential boto3", sequential_s / bulk.wall_s, 400, at_least=True,
              note=f"{bulk.wall_s:.2f} s"),
        check("times less CPU a call than threaded boto3", threads.cpu_us_per_call / ours.cpu_us_per_call, 60,
              at_least=True, note=f"{threads.cpu_us_per_call:.0f} us and {ours.cpu_us_per_call:.1f} us"),
        check("times less CPU a call than the Go SDK", go.cpu_us_per_call / ours.cpu_us_per_call, 6,
              at_least=True, note=f"{go.cpu_us_per_call:.0f} us and {ours.cpu_us_per_call:.1f} us"),
        check("CPU a call over a bare libcurl loop that signs", ours.cpu_us_per_call / bare.cpu_us_per_call, 1.5,
              note=f"{ours.cpu_us_per_call:.1f} us and {bare.cpu_us_per_call:.1f} us; over one whose requests were "
                   f"signed before: {ours.cpu_us_per_call / bare_presigned.cpu_us_per_call:.2f}"),
    ]
    return {"figures": figures, "checks": checks}


def read_log(path):
    """(seconds since the first call, action, throttled) of each call in the simulator's log."""
    calls = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            each = json.loads(line)
            calls.append((each["time_us"] / 1e6, each["action"], each["outcome"] == "Throttling"))
    start = min(call[0] for call in calls)
    return [(at - start, action, throttled) for at, action, throttled in calls]


def throttled_census(title, strategy, users, rate, burst, settled_s, results):
    name = f"throttled-{title.replace(', ', '-').replace(' ', '-')}"
    log = HOME / name / "calls.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with Simulator(name, accounts=1, users_exact=users, keys_percent=60, all_active=True, latency_ms=LATENCY_MS,
                   rate=rate, burst=burst, log=log) as sim:
        run = sim.census(strategy)
    actions = {action: each for action, each in run.counters["actions"].items() if action.startswith("iam:")}
    needed = {action: each["calls"] - each["outcomes"].get("Throttling", 0) for action, each in actions.items()}
    busiest = max(needed, key=needed.get)
    calls = read_log(log)
    settled = [throttled for at, _, throttled in calls if at >= settled_s]
    seconds = [[0, 0] for _ in range(int(calls[-1][0]) + 1)]
    for at, action, throttled in calls:
        if f"iam:{action}" == busiest:
            seconds[int(at)][throttled] += 1
    results[title] = {
        **run.figures(), "busiest": busiest, "busiest_calls": needed[busiest],
        "throttled": sum(throttled for *_, throttled in calls),
        "allowed_s": (needed[busiest] - burst) / rate, "settled_after_s": settled_s,
        "settled_calls": len(settled), "settled_share": sum(settled) / max(1, len(settled)),
        "seconds": seconds, "rate": rate, "burst": burst, "users": users, "rows": run.result["rows"]}


def one_large_account(quick):
    """One account that is throttled, 20 calls a second: all at once, with a simulator each."""
    users, fewer, rate, burst, settled_s = (400, 400, 20, 40, 5) if quick else (5000, 3000, 20, 40, 30)
    small = 5
    say(f"one account of {users} users, 60% with keys, {rate} calls/s and a burst of {burst} for each action; "
        f"one of {fewer}, burst {small}")
    results, checks = {}, []
    threads = [threading.Thread(target=throttled_census, args=(*each, settled_s, results)) for each in (
        ("bulk", "bulk", users, rate, burst), ("auto", "auto", users, rate, burst),
        ("per-user", "per-user", users, rate, burst),
        ("bulk, small burst", "bulk", fewer, rate, small))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(results) != len(threads):
        raise SystemExit("bench: a throttled run failed")
    for title, figures in results.items():
        checks.append(check(f"{title}, throttled: wall over what the throttle allows",
                            figures["wall_s"] / figures["allowed_s"], 1.1,
                            note=f"{figures['wall_s']:.1f} s over {figures['allowed_s']:.1f} s "
                                 f"({figures['busiest_calls']} calls of {figures['busiest'][4:]})"))
        checks.append(check(f"{title}, throttled: share of calls throttled once settled",
                            figures["settled_share"] * 100, 2, unit="%",
                            note=f"of {figures['settled_calls']} calls after {settled_s} s"))
    return {"figures": results, "checks": checks}


def longest_back_off_s(run):
    """The longest single wait before a repetition, from the program's log."""
    waits = re.findall(r"^.*\bretry\b.*\bwait_ms=(\d+)", run.log.read_text(), re.MULTILINE)
    return max(map(int, waits), default=0) / 1000


def refused_census(users, share, seed):
    """One account, far below any limit, that refuses a share of ListAccessKeys at random."""
    name = f"random-{users}-{share:g}-{seed}"
    home = HOME / name
    home.mkdir(parents=True, exist_ok=True)
    (home / "scenario.json").write_text(json.dumps({"seed": seed, "rules": [
        {"actions": ["ListAccessKeys"], "fault": "throttle", "probability": share}]}))
    with Simulator(name, accounts=1, users_exact=users, all_active=True, latency_ms=LATENCY_MS,
                   scenario=home / "scenario.json") as sim:
        run = sim.census("auto", "--log-level", "debug")
    figures = run.figures()
    figures["throttled"], figures["back_off_s"] = run.result["throttled"], longest_back_off_s(run)
    return figures


def random_refusals(quick):
    """Refusals at random must not slow an account down: the time over that of none refused."""
    figures, checks, shares = {}, [], (0, 0.05, 0.1)
    for users, repeats in ((300, 2), (1000, 2)) if quick else ((300, 5), (5000, 5)):
        say(f"one account of {users} users, ListAccessKeys refused at random: {', '.join(f'{s:.0%}' for s in shares)}")
        runs = {share: [refused_census(users, share, seed) for seed in range(1, repeats + 1)] for share in shares}
        figures[str(users)] = {f"{share:g}": each for share, each in runs.items()}
        none_s = statistics.median(each["wall_s"] for each in runs[0])
        for share, limit in ((0.05, 2), (0.1, 3)):
            wall_s = statistics.median(each["wall_s"] for each in runs[share])
            beside_s = statistics.median(each["wall_s"] - each["back_off_s"] for each in runs[share])
            # In a fraction of a second, one back-off is longer than all the rest.
            short = users < 1000
            checks.append(check(
                f"{users:,} users, {share:.0%} refused: wall{', less the longest back-off,' if short else ''} "
                "over that of none refused", (beside_s if short else wall_s) / none_s, limit,
                note=f"medians of {repeats}: {wall_s:.2f} s, {beside_s:.2f} s beside the longest back-off; none "
                     f"refused {none_s:.2f} s"))
    return {"figures": figures, "checks": checks}


def pace_model(quick):
    """The pace before services of many kinds, on a clock of its own: the same on every machine."""
    say("the pace, simulated")
    done = subprocess.run([str(BUILD / "pace")], capture_output=True, check=True, timeout=600)
    figures, checks = json.loads(done.stdout), []
    for name in ("limit-2", "limit-20", "limit-20-small", "limit-100", "limit-500"):
        spans = [run[0] for run in figures[name]["runs"]]
        checks.append(check(f"simulated, {figures[name]['title']}: share of calls throttled once settled",
                            max(span["refused"] for span in spans) * 100, 4 if name == "limit-2" else 2, unit="%",
                            note=f"the worst of {len(spans)} seeds; "
                                 f"{min(span['served'] for span in spans):.1%} of the limit used"))
    return {"figures": figures, "checks": checks}


def rows_in_order(sim, bucket, expected):
    """Streams the object from the simulated S3 and ends the bench if rows are missing or out of order."""
    s3 = sim.client("s3")
    key = s3.list_objects_v2(Bucket=bucket)["Contents"][0]
    body = s3.get_object(Bucket=bucket, Key=key["Key"])["Body"]
    rows = csv.reader(line.decode("utf-8") + "\n" for line in body.iter_lines(chunk_size=1 << 20))
    next(rows)
    count, last = 0, ("", b"")
    for row in rows:
        name = row[15].rsplit("/", 1)[1].encode()  # of the ARN: the cell may have a guard before it
        if (row[0], name) <= last:
            raise SystemExit(f"bench: row {count} is out of order: {last} {row[0]} {name}")
        last = (row[0], name)
        count += 1
    if count != expected:
        raise SystemExit(f"bench: {count} rows in S3, and {expected} were expected")
    return key["Size"]


def million_users(quick):
    """Memory with many accounts, to the simulated S3."""
    many, few, users = (400, 200, 100) if quick else (10000, 1000, 100)
    say(f"{many} accounts of {users} users, bulk, 5 ms, to simulated S3; then {few} accounts")
    figures, checks = {}, []
    objects = HOME / "million/objects"
    objects.mkdir(parents=True, exist_ok=True)
    with Simulator("million", accounts=many, users_exact=users, all_active=True, latency_ms=5,
                   s3_dir=objects) as sim:
        for count in (few, many):
            run = said(sim.census("bulk", "--s3-bucket", "census", "--organization-id", "o-benchbench01", name=f"bulk-{count}",
                                  accounts=sim.accounts_file(count), output=False, memory=True))
            size = rows_in_order(sim, "census", count * users)
            figures[str(count)] = {**run.figures(), "accounts": count, "rows": run.result["rows"],
                                   "object_bytes": size, "memory": run.memory,
                                   "calls_per_s": round(run.calls / run.wall_s)}
    peak, small_peak = figures[str(many)]["peak_kib"] / 1024, figures[str(few)]["peak_kib"] / 1024
    checks += [
        check(f"peak resident memory, {many * users:,} users", peak, 64, unit=" MiB",
              note=f"{figures[str(many)]['rows']:,} rows, all in order, {figures[str(many)]['object_bytes'] / 1e6:.0f} MB"),
        check(f"peak resident memory, over that of {few:,} accounts", peak / small_peak, 1.1,
              note=f"{peak:.1f} and {small_peak:.1f} MiB"),
    ]
    return {"figures": figures, "checks": checks}


def first_byte_cpu_s(secure):
    """CPU of the program when the first byte it sends arrives; it is killed at that moment."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.settimeout(20)
    scheme = "https" if secure else "http"
    env = environment(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")
    program = str(BUILD / "iam-census")
    out = os.open(HOME / "first-byte.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    pid = os.posix_spawn(program, [program, "collect", "--role-name", ROLE, "--accounts", "111111111111", "--output",
                                   str(HOME / "first-byte.csv")], env,
                         file_actions=[(os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, out, 2)])
    try:
        connection, _ = listener.accept()
        connection.settimeout(20)
        if not connection.recv(1):
            raise SystemExit("bench: nothing came before the connection was closed")
    finally:
        os.kill(pid, signal.SIGKILL)
        _, _, used = os.wait4(pid, 0)
        os.close(out)
        listener.close()
    connection.close()
    return used.ru_utime + used.ru_stime


def first_byte(quick):
    """CPU from the start to the first byte on the wire."""
    times = 5 if quick else 30
    say("from start to the first byte on the wire")
    figures, checks = {}, []
    for secure in (False, True):
        spent = sorted(first_byte_cpu_s(secure) * 1000 for _ in range(times))
        scheme = "https" if secure else "http"
        figures[scheme] = {"median_ms": round(statistics.median(spent), 2), "least_ms": round(spent[0], 2),
                           "most_ms": round(spent[-1], 2), "runs": times}
        checks.append(check(f"CPU from start to the first byte, {scheme}", statistics.median(spent), 10, unit=" ms",
                            note=f"median of {times}, {spent[0]:.1f} to {spent[-1]:.1f} ms"))
    return {"figures": figures, "checks": checks}


def sweep(quick):
    """Wall and CPU by --max-connections: what its default is chosen from."""
    accounts, fewer, counts = (8, 4, (16, 64)) if quick else (200, 50, (8, 16, 32, 48, 64, 96, 128, 192, 256))
    say(f"--max-connections, {fewer} (per-user) and {accounts} (bulk) accounts of 50 users, {LATENCY_MS} ms")
    figures = {"accounts": {"per-user": fewer, "bulk": accounts}, "per-user": [], "bulk": []}
    with Simulator("sweep", accounts=accounts, users_exact=50, all_active=True, latency_ms=LATENCY_MS) as sim:
        for strategy in ("per-user", "bulk"):
            file = sim.accounts_file(figures["accounts"][strategy])
            for count in counts:
                run = said(sim.census(strategy, "--max-connections", count, name=f"{strategy}-{count}", accounts=file))
                figures[strategy].append({**run.figures(), "connections": count,
                                          "least_s": round(run.calls * LATENCY_MS / 1000 / count, 3)})
    return {"figures": figures, "checks": []}


def instructions(sim, name, command):
    """Instructions in user space by library, and the calls that were made."""
    out = sim.home / f"{name}.callgrind"
    run = sim.run(name, ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *command])
    printed = subprocess.run(["callgrind_annotate", "--threshold=100", str(out)], capture_output=True, text=True,
                             check=True).stdout
    by_library = {}
    for count, path in re.findall(r"^ *([\d,]+) \(.*\[(\S+)\]$", printed, re.MULTILINE):
        library = pathlib.Path(path).name.split(".so")[0]
        by_library[library] = by_library.get(library, 0) + int(count.replace(",", ""))
    return by_library, run.calls


def profile(quick):
    """Instructions a call by library, ours and the bare loop's: the difference of two sizes."""
    sizes = (1, 2) if quick else (2, 10)
    say(f"callgrind, {sizes[1]} accounts of 50 users less {sizes[0]}")
    counted = {"iam-census": [], "bare": []}
    for accounts in sizes:
        with Simulator(f"profile-{accounts}", accounts=accounts, users_exact=50, all_active=True,
                       latency_ms=LATENCY_MS) as sim:
            plan = sim.home / "plan"
            write_plan(sim, plan)
            counted["iam-census"].append(instructions(sim, "iam-census", [
                BUILD / "iam-census", "collect", "--role-name", ROLE, "--strategy", "per-user", "--accounts",
                f"@{sim.accounts_file()}", "--output", "out.csv"]))
            counted["bare"].append(instructions(sim, "bare", [BUILD / "bare", sim.url, plan, CONNECTIONS, "sign"]))
    figures = {}
    for program, ((few, few_calls), (many, many_calls)) in counted.items():
        a_call = {library: (many[library] - few.get(library, 0)) / (many_calls - few_calls) for library in many}
        figures[program] = {library: round(count) for library, count in a_call.items() if count >= 100}
        say(f"  {program:12} {sum(figures[program].values()):10,} instructions a call")
    return {"figures": figures, "checks": []}


WORKLOADS = {"fifty": accounts_of_fifty, "first-byte": first_byte, "sweep": sweep, "million": million_users,
             "random": random_refusals, "pace": pace_model, "profile": profile}
# Those that stand in files of their own get what makes a line of the table of targets.
WORKLOADS |= {name: functools.partial(run, check) for name, run in (
    ("findings", findings.findings), ("runs", history.runs), ("first-hour", first_hour.first_hour), ("wall", wall.wall),
    ("thousands", wall.large_accounts), ("tls", tls.tls))}
WORKLOADS["large"] = one_large_account  # the longest
