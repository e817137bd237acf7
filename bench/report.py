# SPDX-License-Identifier: MIT
"""RESULTS.md from the figures."""

from plots import NAMES, PACES
from svg import number

INTRO = """# Measurements

Written by `scripts/bench`; not a test, and not edited by hand. Everything ran one after the other on one machine, against the
simulated organization of [docs/simulator.md](../docs/simulator.md), which checks each signature, delays each answer
and counts each call. The peers ask for the same facts and write the same 18 columns; `scripts/bench` ends with an
error if a cell of theirs differs from ours, so that nobody does less work.
"""

HOW = """## How it is measured

- **CPU** is user and system time of the whole process from start to end (`bench/measure.c`), over the calls that
  the simulator counted. Of the bare loop only the loop counts.
- **Peers** (`bench/peers/`): `boto3_sequential.py`, one account and one user after the other;
  `boto3_threads.py`, 32 threads, an account each, adaptive retries; `go/`, the AWS SDK for Go v2 of Debian, a
  goroutine a user, 64 calls in flight, as many connections kept; `bare/`, a C loop over libcurl's multi interface and
  epoll, 64 requests in flight, easy handles used again, which sends the very requests that the program sends (the
  bytes that the simulator receives are compared) and ignores the answers. 'Signing' signs each as it is sent,
  with the program's own code; 'presigned' had all of them signed before.
- **Scaled**: boto3 reads only some of the accounts, since it takes long; its time is scaled by the number of
  accounts, which are all alike. Its CPU a call is not scaled.
- **Ages** in the peers' CSV are counted to the start of the program's run (`--as-of`).
- **What the throttle allows** is (calls of the busiest action - burst) / rate. The other actions have buckets of
  their own and wait less.
- **Refusals at random**: all ratios are from one run. A refused call waits for 0 to 500 ms, then for 0 to 1 s, 2 s and
  so on; these back-offs are part of the time. Of 5,000 users the whole time is compared. 300 users are read in less
  time than one back-off takes: there the longest single one is subtracted (not what the same call waited before).
- **The first byte**: a listener on loopback kills the program when the first byte comes in; its CPU until then.
- **Others** is the share of the machine that was busy with neither the program nor the simulator.
"""

# Why a figure is not reached, by the beginning of its name; {…} are filled in by 'facts'.
BOUNDS = {
    "times less CPU a call than": "libcurl and the kernel. A loop that only sends the signed requests and ignores "
    "the answers needs {bare:.1f} us a call, {bare_threads:.0f} times less than threaded boto3 and {bare_go:.1f} times "
    "less than Go: no program on libcurl gets below that here. Most of libcurl's part is that it formats the "
    "request's headers byte by byte, twice for some (see the profile); a session token is several hundred bytes. "
    "Half of the rest is the kernel's.",
    "CPU a call over": "reading the answers (Expat, and rows in memory), and signing.",
    "per-user, 256 connections: wall": "the machine: at 256 connections the program and the simulator together need nearly all of its "
    "{cores} cores.",
    "the page: the list of users is there": "Chromium's own work on the page: it parses 7 MB and lays out the first rows.",
    "per-user: wall": "the machine: the simulator, the program and what else ran ({others:.0%} of the machine) share "
    "{cores} cores. With idle cores what is left is the start (one AssumeRole and one ListUsers come before the "
    "first calls about users) and the last calls of the last accounts.",
    "bulk: times": "latency: AssumeRole, GenerateCredentialReport, GetCredentialReport and ListAccessKeys follow one "
    "another, and the simulator takes 300 ms in the mean to make a report.",
    "per-user: times": "the machine, as above.",
    "peak resident memory, over": "the highest moment of a run, which is higher the longer it is: how many accounts are "
    "open at once depends on the slowest report, and the heap keeps what lies between blocks in use. It is not "
    "in proportion to the accounts (see the plot).",
    "per-user, throttled: wall": "finding the rate: each action finds its own, first too low, then slowly upwards.",
    "auto, throttled: wall": "finding the rate: first too low, then slowly upwards.",
    "auto, throttled: share": "the search for the rate, which is only told by throttling.",
    "bulk, throttled: wall": "finding the rate: first too low, then slowly upwards.",
    "bulk, throttled: share": "the search for the rate, which is only told by throttling.",
    "per-user, throttled: share": "the search for the rate, which is only told by throttling.",
    "bulk, small burst, throttled: wall": "finding the rate: first too low, then slowly upwards.",
    "bulk, small burst, throttled: share": "the search for the rate, which is only told by throttling.",
    "300 users": "back-offs: a call that is refused twice waits twice, and only its longer wait is subtracted.",
    "5,000 users": "back-offs, and the trials that show that slowing down does not help.",
    "simulated, ": "the search for the rate, which is only told by throttling.",
    "collect --findings: CPU": "writing: a finding is a longer line than a user's row, and most users have several.",
    "check: CPU": "reading the database (a user is rows of several tables), and the findings' texts.",
    "https: times less CPU a call than the Go SDK": "libcurl, OpenSSL and the kernel. In the same rounds the Go SDK takes {tls_go:.1f} "
    "times what the bare loop takes: that is the most that a program on libcurl can reach here.",
    "http: times less CPU a call than the Go SDK": "a new libcurl handle for each call, about 5 us: libcurl before 8.1.1 uses freed "
    "memory if a handle is used again before a server that has not proved who it is (docs/security.md). Plain HTTP is for loopback "
    "alone. In the same rounds the Go SDK takes {http_go:.1f} times what the bare loop takes, which uses its handles again.",
    "https: CPU a call over": "reading the answers (Expat, and rows in memory), and wiping what held secrets, which the bare loop does "
    "not do (docs/testing.md).",
    "http: CPU a call over": "a new libcurl handle for each call, reading the answers (Expat, and rows in memory), and wiping what held "
    "secrets, which the bare loop does not do (docs/testing.md).",
    "CPU from start": "loading the program's libraries: OpenSSL's start, and the libraries that libcurl brings along.",
}


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def machine(m):
    versions = ", ".join(f"{name} {version}" for name, version in m["versions"].items() if name != "iam-census")
    load = " and ".join(f"{each[0]:.2f}" for each in (m["load_at_start"], m["load_at_end"]))
    return table(("", ""), [
        ("date", m["date"]), ("commit", m["commit"]), ("processor", f"{m['cpu']}, {m['cores']} cores"),
        ("memory", f"{m['memory_gib']} GiB"), ("system", f"{m['system']}, Linux {m['kernel']}"),
        ("versions", versions), ("load at start and end", load), ("command", "`scripts/bench`"),
        *([("not measured", ", ".join(f"`{name}`" for name in m["left_out"]))] if m.get("left_out") else []),
        *([("remark", m["remark"])] if "remark" in m else [])])


def facts(results):
    given = {"cores": results["machine"]["cores"], "bare": 0, "bare_threads": 0, "bare_go": 0, "others": 0}
    fifty = results["workloads"].get("fifty", {}).get("figures")
    if fifty:
        bare = fifty["bare-sign"]["cpu_us_per_call"]
        given.update(bare=bare, bare_threads=fifty["boto3-threads"]["cpu_us_per_call"] / bare,
                     bare_go=fifty["go"]["cpu_us_per_call"] / bare,
                     others=fifty["iam-census-per-user"]["others_share"])
    tls = results["workloads"].get("tls", {}).get("figures")
    if tls:
        given.update(tls_go=tls["https"]["go_over_bare"], http_go=tls["http"]["go_over_bare"])
    return given


def targets(results):
    checks = [(name, each) for name, workload in results["workloads"].items() for each in workload["checks"]]
    rows = []
    for name, each in checks:
        sign = "at least" if each["at_least"] else "at most"
        rows.append((each["name"], f"**{number(each['value'])}{each['unit']}**", f"{sign} {each['limit']:g}{each['unit']}",
                     "reached" if each["ok"] else "**not reached**", f"`{name}`", each["note"]))
    text = ("## Figures\n\n`scripts/bench --only WORKLOAD` measures those of one workload again.\n\n" +
            table(("figure", "measured", "wanted", "", "workload", "from"), rows))
    missed = [each for _, each in checks if not each["ok"]]
    if missed:
        text += "\nWhat bounds those that are not reached:\n\n"
        given = facts(results)
        for each in missed:
            why = next((bound for start, bound in BOUNDS.items() if each["name"].startswith(start)), "not known.")
            text += f"- *{each['name']}*: {why.format(**given)}\n"
    return text


def runs(results):
    rows = []

    def add(world, each, name):
        rows.append((world, name, f"{each['calls']:,}", f"{each['wall_s']:.2f}", f"{each['cpu_s']:.2f}",
                     f"{each['cpu_us_per_call']:.1f}", f"{each['peak_kib'] / 1024:.1f}", f"{each['others_share']:.0%}"))

    workloads = results["workloads"]
    if "fifty" in workloads:
        figures = workloads["fifty"]["figures"]
        for name, (label, _) in NAMES.items():
            if name not in figures:  # results of before 'auto' was measured
                continue
            add(f"{figures[name]['accounts']} accounts of 50", figures[name], label)
    if "million" in workloads:
        for each in workloads["million"]["figures"].values():
            add(f"{each['accounts']:,} accounts of 100, 5 ms", each, "iam-census, bulk, to S3")
    if "large" in workloads:
        for strategy, each in workloads["large"]["figures"].items():
            add(f"1 account of {each['users']:,}, throttled", each, f"iam-census, {strategy}")
    if not rows:
        return ""
    text = "## Runs\n\n" + table(("world", "program", "calls", "wall s", "CPU s", "CPU us a call", "peak MiB", "others"),
                                rows)
    if "fifty" in workloads:
        spread = workloads["fifty"]["figures"]["spread"]
        text += "\nThe run of median CPU is shown; CPU a call of all runs, in us: " + "; ".join(
            f"{name} {', '.join(f'{value:.1f}' for value in values)}" for name, values in spread.items()) + ".\n"
        text += ("\n`bulk` lists the keys of users for whom the credential report shows one, `auto` those of every user: a key "
                 "made since\nthe report is then never missing. That is what `auto` costs more.\n")
        text += "\n![CPU a call](plots/cpu.svg)\n\n![Time](plots/wall.svg)\n"
    if "million" in workloads:
        text += "\n![Memory](plots/memory.svg)\n"
    if "large" in workloads:
        text += "\n![Throttled](plots/throttled.svg)\n"
    return text


def judging(figures):
    rows = []
    for name in ("collect", "collect --findings", "collect --format sqlite", "check", "check --format jsonl", "SQL", "script"):
        each, a_user = figures[name], figures["us_a_user"]
        users = figures["script_users"] if name == "script" else figures["users"]
        rows.append((name, f"{users:,}", f"{each['wall_s']:.2f}", f"{each['cpu_s']:.2f}",
                     f"{a_user.get(name, each['cpu_s'] * 1e6 / users):.1f}", f"{each['peak_kib'] / 1024:.1f}"))
    return f"""## Findings

Accounts of 100 users, bulk, full columns, 5 ms. {figures['failures']:,} failures. 'SQL' is the default rules as queries over
the same database, in Python's sqlite3, which must find the same failures and does not ask what is unknown; 'script' is
Python over credential reports that were fetched before, which answer half of the rules. Neither says why, since when,
or what could not be read.

""" + table(("program", "users", "wall s", "CPU s", "CPU us a user", "peak MiB"), rows)


def connections(figures):
    rows = []
    for per_user, bulk in zip(figures["per-user"], figures["bulk"]):
        rows.append((per_user["connections"], f"{per_user['wall_s']:.2f}",
                     f"{per_user['wall_s'] / per_user['least_s']:.2f}", f"{per_user['cpu_us_per_call']:.1f}",
                     f"{per_user['peak_kib'] / 1024:.1f}", f"{per_user['others_share']:.0%}", f"{bulk['wall_s']:.2f}",
                     f"{bulk['cpu_us_per_call']:.1f}", f"{bulk['others_share']:.0%}"))
    last = figures["per-user"][-1]["connections"]
    gain = {strategy: next(run["wall_s"] for run in figures[strategy] if run["connections"] == 64) /
            figures[strategy][-1]["wall_s"] for strategy in ("per-user", "bulk")}
    a_connection = ((figures["per-user"][-1]["peak_kib"] - figures["per-user"][0]["peak_kib"]) /
                    (last - figures["per-user"][0]["connections"]))
    return (f"## `--max-connections`\n\n{figures['accounts']['per-user']} (per-user) and {figures['accounts']['bulk']} "
            "(bulk) accounts of 50 users, 20 ms.\n\n" + table(
                ("connections", "per-user, s", "over calls x latency / connections", "CPU us a call", "peak MiB",
                 "others", "bulk, s", "CPU us a call", "others"), rows) + f"""
The default is 64. Where nothing throttles, {last} connections read {gain['per-user']:.1f} times faster per user and
{gain['bulk']:.1f} times in bulk, which is what `auto` prefers. Against more stand a TLS handshake and about
{a_connection:.0f} KiB for each connection, and that AWS throttles each account and action: in the throttled account of
this page the time is the throttle's, with any number of connections. `--max-connections` goes up to 1,024.

![Connections](plots/connections.svg)
""")


def profile(figures):
    programs = list(figures)
    names = sorted({name for each in figures.values() for name in each},
                   key=lambda name: -figures[programs[0]].get(name, 0))
    rows = [(name, *(f"{figures[program].get(name, 0):,.0f}" for program in programs)) for name in names]
    rows.append(("all", *(f"{sum(figures[program].values()):,.0f}" for program in programs)))
    return """## Profile

Instructions in user space a call, by where they lie (callgrind; what is spent once is subtracted). The counts repeat
from run to run. The kernel's part is not in them, and Valgrind's processor has no SHA instructions, so that
libcrypto's part is several times what it is.

""" + table(("library", *programs), rows) + """
Most of libcurl's instructions format the request's headers: libcurl's printf adds one byte at a time.
"""


def random_refusals(figures):
    rows = []
    for users, shares in figures.items():
        for share, runs in shares.items():
            each = sorted(runs, key=lambda run: run["wall_s"])[len(runs) // 2]
            rows.append((f"{int(users):,}", f"{float(share):.0%}", f"{each['wall_s']:.2f}",
                         f"{each['back_off_s']:.2f}", each["throttled"], f"{each['calls']:,}"))
    return """## Refusals at random

One account of so many users; a share of its ListAccessKeys is refused whatever the pace (`auto`, 20 ms). The run of
median time. The time contains the back-offs; the longest single one stands beside it.

""" + table(("users", "refused", "wall s", "longest back-off s", "throttled", "calls"), rows)


def pace_model(figures):
    rows = []
    for name, each in figures.items():
        for i, span in enumerate(each["runs"][0]):
            served = [run[i]["served"] for run in each["runs"]]
            refused = [max(0, run[i]["refused"]) for run in each["runs"]]
            share = f"{min(served):.0%} to {max(served):.0%}" if max(served) < 2 else (
                f"{min(served):,.0f} to {max(served):,.0f}/s")
            rows.append((name, each["title"] if i == 0 else "", f"{span['from_s']:g} to {span['to_s']:g}", share,
                         f"{min(refused):.1%} to {max(refused):.1%}"))
    seeds = len(next(iter(figures.values()))["runs"])
    text = f"""## The pace

`src/aws/pace.c` before services that refuse for different reasons (`tests/unit/rate_scenarios.h`), 64 callers with the
program's back-offs, on a clock of their own: the same on every machine. The range of {seeds} seeds. 'Served' is of
what the service had for us, or calls a second if it has no limit (64 callers and 40 ms: 1,600 without refusals);
'refused' is beside what it refuses at random.

""" + table(("scenario", "service", "s", "served", "refused"), rows)
    return text + "".join(f"\n![{figures[name]['title']}](plots/pace-{name}.svg)\n" for name in PACES)


TLS_NAMES = {"ours": "iam-census, per-user", "bare": "bare libcurl, signing", "go": "AWS SDK for Go v2", "boto3": "boto3, 32 threads"}


def through_tls(figures):
    rows = []
    for scheme in ("http", "https"):
        for name, label in TLS_NAMES.items():
            each = figures[scheme][name]
            rows.append((scheme, label, f"{each['calls']:,}", f"{each['wall_s']:.2f}", f"{each['cpu_us_per_call']:.1f}",
                         f"{each['peak_kib'] / 1024:.1f}", f"{each['others_share']:.0%}"))
    seen = figures["connections"]
    return """## TLS

The same census through HTTP and through TLS, 20 ms. The programs run in turn, in several rounds: the run of median CPU is
shown, and the ratios above are medians of the rounds' own.

""" + table(("scheme", "program", "calls", "wall s", "CPU us a call", "peak MiB", "others"), rows) + f"""
Through TLS the program opened {seen['connections'] - 1} connections with {seen['handshakes']} handshakes, of which
{seen['handshakes_resumed']} resumed a session.
"""


def write(results, path):
    text = INTRO + "\n" + machine(results["machine"]) + "\n" + targets(results) + "\n" + runs(results)
    workloads = results["workloads"]
    if "sweep" in workloads:
        text += "\n" + connections(workloads["sweep"]["figures"])
    if "random" in workloads:
        text += "\n" + random_refusals(workloads["random"]["figures"])
    if "pace" in workloads:
        text += "\n" + pace_model(workloads["pace"]["figures"])
    if "findings" in workloads:
        text += "\n" + judging(workloads["findings"]["figures"])
    if "tls" in workloads:
        text += "\n" + through_tls(workloads["tls"]["figures"])
    if "profile" in workloads:
        text += "\n" + profile(workloads["profile"]["figures"])
    text += "\n" + HOW
    path.write_text(text, encoding="utf-8")
