# SPDX-License-Identifier: MIT
"""The memory of a process that runs, as a core file would have it, whatever /proc/sys/kernel/core_pattern is."""

import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

CAP_SYS_PTRACE = 19
# What the program does to keep its memory to itself, and to have no core file, undone.
LET_MEMORY_BE_READ = "int prctl(int option, ...) { (void)option; return 0; }"
LET_CORES_BE = LET_MEMORY_BE_READ + "int setrlimit(int what, const void *limit) { (void)what; (void)limit; return 0; }"


def may_be_read_whole():
    """That of a process which forbids it, too: as root, but not in every container."""
    effective, = re.findall(r"^CapEff:\s+([0-9a-f]+)$", pathlib.Path("/proc/self/status").read_text(), re.MULTILINE)
    return bool(int(effective, 16) >> CAP_SYS_PTRACE & 1)


def library(folder, code):
    """The path of a library made of C, to be loaded before all others."""
    path = folder / "before.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(path)], input=code.encode(), check=True)
    return str(path)


def readable(folder):
    """The variables that let this process read the program's memory if the kernel would refuse it."""
    return {} if may_be_read_whole() else {"LD_PRELOAD": library(folder, LET_MEMORY_BE_READ)}


def stop(pid):
    """Nothing of the process moves any more while it is read."""
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + 10
    while "T (stopped)" not in pathlib.Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < deadline, "the process does not stop"
        time.sleep(0.005)


def mappings(pid):
    """(name of the mapping, its bytes) of all that the process may read. It is stopped meanwhile."""
    stop(pid)
    try:
        maps, memory = open(f"/proc/{pid}/maps", encoding="ascii"), open(f"/proc/{pid}/mem", "rb", buffering=0)
    except PermissionError:
        raise unittest.SkipTest("memory of other processes may not be read here: that needs CAP_SYS_PTRACE") from None
    with maps, memory:
        for line in maps.readlines():
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) r\S+ \S+ \S+ \S+ *(.*)", line)
            if not found or found[3].startswith("[v"):
                continue
            start, end = int(found[1], 16), int(found[2], 16)
            memory.seek(start)
            content = memory.read(end - start)
            assert len(content) == end - start, line
            yield found[3] or "anonymous", content
    os.kill(pid, signal.SIGCONT)
