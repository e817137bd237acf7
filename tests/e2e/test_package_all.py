# SPDX-License-Identifier: MIT
"""What scripts/package makes: the sums of all files, and what each package is made of, by CycloneDX's own schema."""

import atexit
import functools
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import census
import lambda_package
import state_machine
from cases import Case

PACKAGE_SECONDS = 600
PURL = re.compile(r"pkg:deb/debian/[a-z0-9][a-z0-9+.-]+@[A-Za-z0-9.~%-]+\?arch=(amd64|arm64|all|source)")
# Of the libraries that the program includes headers of, each must be in each list.
STATIC = {"curl", "libc-ares-dev", "libc6-dev", "libexpat1-dev", "libjansson-dev", "libsqlite3-dev", "libssl-dev",
          "zlib1g-dev"}
SHARED = {"libc6", "libcurl4", "libexpat1", "libjansson4", "libsqlite3-0", "libssl3", "zlib1g"}
# What libraries say of themselves in the static program.
SAID = {"libssl-dev": rb"OpenSSL (\d+\.\d+\.\d+) ", "libexpat1-dev": rb"expat_(\d+\.\d+\.\d+)\0",
        "libsqlite3-dev": rb"(?<![\d.])(3\.\d+\.\d+)\0", "zlib1g-dev": rb"(?<![\d.])(1\.[23]\.\d+(?:\.\d+)?)\0"}


@functools.lru_cache(maxsize=None)
def packages():
    """The folder, made once a run of the tests."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="iam-census-packages-"))
    atexit.register(shutil.rmtree, folder)
    run = subprocess.run([census.ROOT / "scripts" / "package", "--output", folder], capture_output=True, text=True,
                         timeout=PACKAGE_SECONDS)
    if run.returncode == lambda_package.UNAVAILABLE:
        raise unittest.SkipTest(run.stderr.strip())
    if run.returncode != 0:
        raise AssertionError(f"package ended with {run.returncode}\n{run.stdout}\n{run.stderr}")
    return folder


class Packages(Case):
    def setUp(self):
        super().setUp()
        self.folder = packages()
        self.boms = {path.name.removesuffix(".cdx.json"): json.loads(path.read_text())
                     for path in self.folder.glob("*.cdx.json")}

    def components(self, pattern):
        name, = (name for name in self.boms if re.fullmatch(pattern, name))
        return {each["name"]: each for each in self.boms[name]["components"]}

    def test_the_sums_are_of_every_file(self):
        sums = dict(reversed(line.split("  ")) for line in (self.folder / "SHA256SUMS").read_text().splitlines())
        self.assertEqual(sums, {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in
                                self.folder.iterdir() if path.is_file() and path.name != "SHA256SUMS"})
        self.assertEqual(list(sums), sorted(sums))
        names = " ".join(sums)
        for wanted in ("x86_64.zip", "arm64.zip", ".deb", ".tar"):
            self.assertIn(wanted + " ", names)
            self.assertIn(wanted + ".cdx.json", names)

    def test_each_list_is_of_its_package(self):
        self.assertEqual(len(self.boms), 4)
        for name, bom in self.boms.items():
            of = bom["metadata"]["component"]
            self.assertEqual(of["hashes"], [{"alg": "SHA-256", "content": hashlib.sha256(
                (self.folder / name).read_bytes()).hexdigest()}])
            refs = [each["bom-ref"] for each in bom["components"]]
            self.assertEqual(bom["dependencies"], [{"ref": of["bom-ref"], "dependsOn": refs}])
            self.assertEqual(refs, sorted(set(refs)))

    def test_every_component_says_what_it_is(self):
        for bom in self.boms.values():
            for each in bom["components"]:
                self.assertRegex(each["purl"], PURL)
                self.assertRegex(each["version"], r"^(\d+:)?\d+[.~+-]")  # 3.0.17-1, or a date as of ca-certificates
                self.assertTrue(each["licenses"], each["name"])
                self.assertRegex(each["hashes"][0]["content"], "^[0-9a-f]{64}$")

    def test_the_components_are_what_is_linked(self):
        for arch in ("x86_64", "arm64"):
            found = self.components(f".*lambda-{arch}.zip")
            self.assertLessEqual(STATIC, set(found))
            self.assertFalse([name for name in found if name == "linux-libc-dev"], "only its headers are used")
            versions = (self.folder / f"iam-census-lambda-{arch}.versions").read_text()
            for name in STATIC:
                self.assertIn(f"{name}_{found[name]['version'].replace(':', '%3a')}", versions)
        found = self.components(r".*\.deb")
        self.assertLessEqual(SHARED, set(found))
        needed = [each["value"] for component in found.values() for each in component["properties"]
                  if each["name"] == "iam-census:linked"]
        deb, = self.folder.glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", deb, self.home / "root"], check=True)
        headers = subprocess.run(["readelf", "-dW", self.home / "root/usr/bin/iam-census"], capture_output=True, text=True)
        self.assertEqual(sorted(needed), sorted(re.findall(r"NEEDED.*\[(.*)\]", headers.stdout)))

    def test_the_versions_are_those_that_the_program_says(self):
        for arch in ("x86_64", "arm64"):
            found = self.components(f".*lambda-{arch}.zip")
            _, program = lambda_package.bootstrap(self.folder / f"iam-census-lambda-{arch}.zip")
            for name, pattern in SAID.items():
                said = {each.decode() for each in re.findall(pattern, program)}
                version = re.sub(r"^\d+:|\.dfsg.*|-.*", "", found[name]["version"])
                self.assertIn(version, said, name)

    def test_the_image_has_both_programs_and_the_authorities(self):
        bom, = (bom for name, bom in self.boms.items() if name.endswith(".tar"))
        refs = {each["bom-ref"] for each in bom["components"]}
        for arch in ("x86_64", "arm64"):
            self.assertLessEqual({each["bom-ref"] for each in self.components(f".*lambda-{arch}.zip").values()}, refs)
        self.assertIn("ca-certificates", {each["name"] for each in bom["components"]})

    def test_the_lists_keep_to_the_schema(self):
        missing = state_machine.install()
        if missing:
            self.skipTest(missing)
        self.assertEqual(self.validate(*self.folder.glob("*.cdx.json")), (0, ""))
        bom = next(iter(self.boms.values()))
        bom["components"][0]["licenses"] = [{"license": {"id": "No-Such-Licence"}}]
        (self.home / "bad.json").write_text(json.dumps(bom))
        code, text = self.validate(self.home / "bad.json")
        self.assertEqual(code, 1, text)
        self.assertIn("/components/0/licenses", text)

    def validate(self, *files):
        done = subprocess.run(["node", state_machine.HERE / "validate_bom.mjs", state_machine.PACKAGES, *files],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def test_no_path_of_this_machine(self):
        for path in self.folder.iterdir():
            if path.is_file():
                self.assertNotIn(f"{census.ROOT}/".encode(), path.read_bytes(), path.name)

    def test_the_same_packages_have_the_same_lists(self):
        before = {path.name: path.read_bytes() for path in self.folder.glob("*.cdx.json")}
        subprocess.run([census.ROOT / "scripts" / "package-sbom", "--output", self.folder], check=True,
                       capture_output=True, timeout=120, env={"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"})
        self.assertEqual({path.name: path.read_bytes() for path in self.folder.glob("*.cdx.json")}, before)


if __name__ == "__main__":
    unittest.main()
