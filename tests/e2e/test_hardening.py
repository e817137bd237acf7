# SPDX-License-Identifier: MIT
"""scripts/check-hardening sees each property that a program lacks; functions that src/base/banned.h names don't compile."""

import platform
import re
import shutil
import subprocess
import unittest

import census
from cases import Case

CHECK = census.ROOT / "scripts" / "check-hardening"
BANNED = census.ROOT / "src" / "base" / "banned.h"
CC = "cc"
PROCESSOR = "-fcf-protection=full" if platform.machine() == "x86_64" else "-mbranch-protection=standard"
COMPILE = ("-O2", "-fPIE", "-fstack-protector-strong", "-fstack-clash-protection", PROCESSOR, "-U_FORTIFY_SOURCE",
           "-D_FORTIFY_SOURCE=2")
LINK = ("-pie", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack")
# A frame of more than arm64's guard page, a buffer that may overflow, and a call that glibc can check.
SOURCE = """
#include <stdio.h>
#include <string.h>
#ifdef WRITABLE_CODE
__asm__(".section .patched,\\"awx\\"\\n.long 0\\n.text");
#endif
__attribute__((noinline)) static void take(char *text) { __asm__ volatile("" ::"r"(text) : "memory"); }
int main(int argc, char **argv)
{
    char large[300000], small[16];
    take(large);
    snprintf(small, (size_t)argc * 8, "%s", argv[0]);
    take(small);
    return small[0];
}
"""
# What is given instead of a flag, and what the check then misses.
WITHOUT = [
    ("-pie", ("-no-pie",), "PIE"),
    ("-Wl,-z,relro", ("-Wl,-z,norelro",), "full RELRO"),
    ("-Wl,-z,now", ("-Wl,-z,lazy",), "full RELRO"),
    ("-Wl,-z,noexecstack", ("-Wl,-z,execstack",), "no executable stack"),
    ("-fstack-protector-strong", ("-fno-stack-protector",), "stack protector"),
    ("-fstack-clash-protection", ("-fno-stack-clash-protection",), "probed frames"),
    (PROCESSOR, (PROCESSOR.replace("full", "none").replace("standard", "none"),), "landing pads"),
    ("-D_FORTIFY_SOURCE=2", (), "fortified calls"),
    (None, ("-Wl,-rpath,/tmp",), "no RUNPATH"),
    (None, ("-DWRITABLE_CODE",), "no writable code"),
]
OF_CODE = {"stack protector", "probed frames", "fortified calls", "landing pads"}


@unittest.skipUnless(shutil.which(CC) and shutil.which("readelf"), "there is no compiler")
class Hardening(Case):
    def setUp(self):
        super().setUp()
        self.source = self.home / "small.c"
        self.source.write_text(SOURCE)

    def built(self, flags, name="small"):
        """The program, and a static library of its one object."""
        program, thing, library = (self.home / f"{name}{end}" for end in ("", ".o", ".a"))
        subprocess.run([CC, *flags, "-c", self.source, "-o", thing], check=True)
        subprocess.run([CC, *flags, thing, "-o", program], check=True, capture_output=True)
        subprocess.run(["ar", "rc", library, thing], check=True)
        return program, library

    def checked(self, *words):
        run = subprocess.run([CHECK, *words], capture_output=True, text=True)
        self.assertEqual(run.stderr, "")
        return run.returncode, run.stdout

    def test_a_program_that_has_everything(self):
        for path in self.built((*COMPILE, *LINK)):
            code, text = self.checked(path)
            self.assertEqual(code, 0, text)

    def test_each_property_that_is_not_there(self):
        for flag, instead, missing in WITHOUT:
            with self.subTest(missing=missing, flag=flag):
                flags = [each for each in (*COMPILE, *LINK) if each != flag]
                program, library = self.built((*flags, *instead))
                code, text = self.checked(program)
                self.assertEqual(code, 1, text)
                self.assertRegex(text, f"not there: (.*; )?{missing}")
                code, text = self.checked(library)
                self.assertEqual(code, int(missing in OF_CODE), text)

    def test_a_stripped_program(self):
        program, _ = self.built((*COMPILE, *LINK))
        subprocess.run(["strip", program], check=True)
        self.assertEqual(self.checked(program)[0], 0)
        self.assertEqual(self.checked("--headers", program)[0], 0)

    def test_one_of_several(self):
        good, _ = self.built((*COMPILE, *LINK))
        bad, _ = self.built((*COMPILE, "-no-pie"), "bad")
        code, text = self.checked(good, bad, good)
        self.assertEqual(code, 1)
        self.assertEqual([line.split(":")[0] for line in text.splitlines()], ["ok", "FAILED", "ok"])


@unittest.skipUnless(shutil.which(CC), "there is no compiler")
class Banned(Case):
    def names(self):
        return [name for line in re.findall(r"^#pragma GCC poison (.*)$", BANNED.read_text(), re.MULTILINE)
                for name in line.split()]

    def refused(self, words, compiler):
        """Those of the words that the compiler refuses, each in a line of its own."""
        path = self.home / "banned.c"
        path.write_text("".join(f"void *use{n}(void) {{ return (void *){word}; }}\n" for n, word in enumerate(words)))
        limit = "-fmax-errors=0" if compiler == "gcc" else "-ferror-limit=0"
        run = subprocess.run([compiler, "-std=c11", "-D_GNU_SOURCE", "-w", limit, "-fsyntax-only", "-include", BANNED, path],
                             capture_output=True, text=True)
        found = re.findall(r"banned\.c:(\d+):\d+: error: (?:attempt to use (?:a )?poisoned|rand\(\) is banned)", run.stderr)
        return {words[int(line) - 1] for line in found}

    def test_none_of_them_compiles(self):
        names = [*self.names(), "(long)rand()"]
        self.assertGreater(len(names), 60)
        self.assertEqual(len(names), len(set(names)))
        for compiler in filter(shutil.which, ("gcc", "clang")):
            self.assertEqual(set(names) - self.refused([*names, "snprintf", "strlen", "gmtime_r"], compiler), set())
            self.assertEqual(self.refused(["snprintf", "strlen", "gmtime_r"], compiler), set())

    def test_every_source_is_compiled_with_it(self):
        for folder in ("release", "clang", "asan"):
            path = census.ROOT / "build" / folder / "build.ninja"
            if not path.exists():
                continue
            built = re.findall(r"^build \S+: C_COMPILER\S+ \S*/((?:src|sim)/\S+\.c)\b.*\n(?:  .*\n)*?  FLAGS = (.*)$",
                               path.read_text(), re.MULTILINE)
            self.assertGreater(len(built), 250)
            self.assertEqual([name for name, flags in built if f"-include {BANNED}" not in flags], [])


if __name__ == "__main__":
    unittest.main()
