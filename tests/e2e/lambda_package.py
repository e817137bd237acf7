# SPDX-License-Identifier: MIT
"""The Lambda package as a test sees it: built by the project's own script, opened, put into an empty root."""

import os
import pathlib
import platform
import shutil
import stat
import struct
import subprocess
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "package-lambda"
UNAVAILABLE = 3
BUILD_SECONDS = 540
MACHINES = {"x86_64": 62, "arm64": 183}  # e_machine: EM_X86_64, EM_AARCH64
EMULATORS = {"x86_64": "qemu-x86_64-static", "arm64": "qemu-aarch64-static"}
PT_DYNAMIC, PT_INTERP, PT_GNU_STACK, DT_NEEDED = 2, 3, 0x6474E551, 1


class Unavailable(Exception):
    """What building needs can't be had on this machine."""


def build(arch, *options, output=ROOT / "dist"):
    """Runs scripts/package-lambda; returns the zip's path."""
    run = subprocess.run([str(SCRIPT), arch, "--output", str(output), *map(str, options)],
                         capture_output=True, text=True, timeout=BUILD_SECONDS)
    if run.returncode == UNAVAILABLE:
        raise Unavailable(run.stderr.strip())
    if run.returncode != 0:
        raise AssertionError(f"package-lambda ended with {run.returncode}\n{run.stdout}\n{run.stderr}")
    return pathlib.Path(output) / f"iam-census-lambda-{arch}.zip"


def bootstrap(archive):
    """The entry of the zip and its bytes."""
    with zipfile.ZipFile(archive) as opened:
        entry, = opened.infolist()
        return entry, opened.read(entry)


class Elf:
    """The part of a 64-bit little-endian ELF file that shows whether it needs a loader or libraries."""

    def __init__(self, data):
        assert data[:6] == b"\x7fELF\x02\x01", "no 64-bit little-endian ELF file"
        self.machine, = struct.unpack_from("<H", data, 18)
        offset, = struct.unpack_from("<Q", data, 32)
        size, count = struct.unpack_from("<HH", data, 54)
        headers = [struct.unpack_from("<IIQQQQ", data, offset + size * n) for n in range(count)]
        self.types = [header[0] for header in headers]
        self.executable_stack = any(kind == PT_GNU_STACK and flags & 1 for kind, flags, *_ in headers)
        self.needed = 0
        for kind, _, start, _, _, length in headers:
            if kind == PT_DYNAMIC:
                tags = [tag for tag, _ in struct.iter_unpack("<qQ", data[start:start + length])]
                self.needed += tags.count(DT_NEEDED)


def emulator(arch):
    """None if this machine runs the architecture itself, otherwise the path of qemu's program."""
    if platform.machine() in {"x86_64": ("x86_64",), "arm64": ("aarch64", "arm64")}[arch]:
        return None
    path = shutil.which(EMULATORS[arch])
    if path is None:
        raise Unavailable(f"{EMULATORS[arch]} (Debian: qemu-user-static) is not installed")
    return path


class EmptyRoot:
    """A folder with the program, /tmp, and what a test puts there, to be the program's whole world."""

    def __init__(self, folder, arch, program):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        (self.folder / "tmp").mkdir()
        (self.folder / "tmp").chmod(0o1777)
        self.put("bootstrap", program, executable=True)
        self.inside = ["/bootstrap"]
        interpreter = emulator(arch)
        if interpreter:
            self.put("qemu", pathlib.Path(interpreter).read_bytes(), executable=True)
            self.inside = ["/qemu", "/bootstrap"]

    def put(self, name, content, executable=False):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH | (0o111 if executable else 0))

    def files(self):
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if not path.is_dir())

    def command(self):
        """Runs the program with the folder as its root; a user who is not root gets a namespace for it."""
        chroot = [shutil.which("chroot", path="/usr/sbin:/usr/bin:/sbin:/bin"), str(self.folder), *self.inside]
        return chroot if os.geteuid() == 0 else [shutil.which("unshare"), "--map-root-user", *chroot]
