# SPDX-License-Identifier: MIT
"""The plots of RESULTS.md, from its figures."""

from svg import bars, lines

NAMES = {
    "iam-census-per-user": ("iam-census, per-user", 0), "iam-census-auto": ("iam-census, auto", 0),
    "iam-census-bulk": ("iam-census, bulk", 0),
    "go": ("AWS SDK for Go v2", 2), "boto3-threads": ("boto3, 32 threads", 1),
    "boto3-sequential": ("boto3, sequential", 1), "bare-sign": ("bare libcurl, signing", 4),
    "bare-presigned": ("bare libcurl, presigned", 4),
}


def cpu(figures):
    rows = [(NAMES[name][0], figures[name]["cpu_us_per_call"], "", NAMES[name][1])
            for name in ("bare-presigned", "bare-sign", "iam-census-per-user", "go", "boto3-threads",
                         "boto3-sequential")]
    return bars("CPU a call", "user and system time over calls, per-user reading; the bare loops ignore the answers",
                "µs a call", rows)


def wall(figures):
    accounts, rows = figures["all_accounts"], []
    for name in ("iam-census-bulk", "iam-census-auto", "iam-census-per-user", "go", "boto3-threads", "boto3-sequential"):
        each = figures.get(name)
        if each is None:  # results of before 'auto' was measured
            continue
        scaled = "" if each["accounts"] == accounts else f" (scaled, {each['accounts']} of {accounts})"
        rows.append((NAMES[name][0], each["wall_all_s"], scaled, NAMES[name][1]))
    return bars(f"{figures['users']:,} users in {accounts} accounts, 20 ms a call",
                f"time for all; calls x latency / 64 connections is {figures['least_s']} s for per-user reading",
                "s", rows)


def connections(figures):
    series = []
    for color, strategy in enumerate(("per-user", "bulk")):
        runs = figures[strategy]
        series.append((strategy, [(run["connections"], run["wall_s"]) for run in runs], color, None))
        series.append((f"{strategy}, least", [(run["connections"], run["least_s"]) for run in runs], color, "4 4"))
    ticks = [run["connections"] for run in figures["per-user"]]
    return lines("Time by --max-connections",
                 f"{figures['accounts']['per-user']} (per-user) and {figures['accounts']['bulk']} (bulk) accounts of 50 users, "
                 "20 ms; least: calls x latency / connections",
                 "connections, logarithmic", "s, logarithmic", series, x_ticks=ticks, log=True)


def memory(figures):
    series = []
    for color, run in enumerate(sorted(figures.values(), key=lambda run: run["accounts"])):
        samples = run["memory"] or [[0, run["peak_kib"]]]
        end = max(samples[-1][0], 0.001)
        series.append((f"{run['accounts']:,} accounts",
                       [(100 * at / end, kib / 1024) for at, kib in samples], color, None))
    return lines("Resident memory over the run", "100 users an account, bulk, streamed to S3", "% of the run", "MiB",
                 series, levels=[(64, "64 MiB")])


def throttled(figures):
    series = []
    for color, strategy in enumerate(each for each in ("bulk", "auto", "per-user") if each in figures):
        points = [(second, sum(counts)) for second, counts in enumerate(figures[strategy]["seconds"])]
        series.append((strategy, points, color, None))
        refused = [(second, counts[1]) for second, counts in enumerate(figures[strategy]["seconds"])]
        series.append((f"{strategy}, throttled", refused, color, "2 2"))
    one = figures["bulk"]
    return lines("Calls a second of the busiest action, throttled account",
                 f"{one['users']:,} users; {one['rate']} calls/s and a burst of {one['burst']} for each action",
                 "s", "calls a second", series, levels=[(one["rate"], f"{one['rate']} calls/s")])


def pace(name):
    """One scenario of the simulated pace, second by second."""
    def plot(figures):
        seconds = figures[name]["seconds"]
        series = [("served", [(at, each[0]) for at, each in enumerate(seconds)], 0, None),
                  ("refused", [(at, each[1]) for at, each in enumerate(seconds)], 1, None)]
        if any(each[2] for each in seconds):
            # no limit is a gap, which a line can't show: so far as calls were served, all was there
            series.append(("there for us", [(at, each[2] or each[0]) for at, each in enumerate(seconds)], 2, "4 4"))
        return lines(figures[name]["title"], "calls a second, simulated (bench/pace.c)", "s", "calls a second", series)
    return plot


PACES = ("limit-20", "up-down", "gone", "noise-10", "limit-noise-10", "wave", "half", "storm")

PLOTS = {"cpu": ("fifty", cpu), "wall": ("fifty", wall), "connections": ("sweep", connections),
         "memory": ("million", memory), "throttled": ("large", throttled),
         **{f"pace-{name}": ("pace", pace(name)) for name in PACES}}


def write_all(results, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (workload, plot) in PLOTS.items():
        if workload in results["workloads"]:
            (folder / f"{name}.svg").write_text(plot(results["workloads"][workload]["figures"]), encoding="utf-8")
