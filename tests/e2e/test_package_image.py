# SPDX-License-Identifier: MIT
"""The OCI image: its layout as the specification has it, as skopeo and umoci see it, and at work in its own root.

arm64 runs under qemu's user emulation, which is put into the unpacked root for it.
"""

import atexit
import functools
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

import census
import lambda_package
from cases import Case

sys.path.append(str(census.ROOT / "tests" / "sim"))
import simulator  # noqa: E402

SCRIPT = census.ROOT / "scripts" / "package-image"
ARCHITECTURES = {"amd64": "x86_64", "arm64": "arm64"}
USER = 65532
TYPE = "application/vnd.oci.image"
PROGRAM = "/usr/bin/iam-census"


@functools.lru_cache(maxsize=None)
def zips():
    try:
        return {name: lambda_package.build(arch) for name, arch in ARCHITECTURES.items()}
    except lambda_package.Unavailable as missing:
        return missing


def built(output, **variables):
    """The layout's folder, made from the zips."""
    if isinstance(zips(), lambda_package.Unavailable):
        raise unittest.SkipTest(str(zips()))
    folder = zips()["amd64"].parent
    run = subprocess.run([SCRIPT, "--zips", folder, "--output", output], capture_output=True, text=True, timeout=120,
                         env={**os.environ, **variables})
    if run.returncode == lambda_package.UNAVAILABLE:
        raise unittest.SkipTest(run.stderr.strip())
    if run.returncode != 0:
        raise AssertionError(f"package-image ended with {run.returncode}\n{run.stdout}\n{run.stderr}")
    layout, = (each for each in pathlib.Path(output).glob("iam-census-image-*") if each.is_dir())
    return layout


@functools.lru_cache(maxsize=None)
def image():
    """Built once a run of the tests."""
    folder = tempfile.mkdtemp(prefix="iam-census-image-")
    atexit.register(shutil.rmtree, folder)
    return built(folder)


class ImageCase(Case):
    @classmethod
    def setUpClass(cls):
        cls.layout = image()
        cls.version = cls.layout.name.rpartition("-")[2]
        cls.tar = cls.layout.with_name(cls.layout.name + ".tar")

    def said(self, *command):
        run = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120)
        self.assertEqual(run.returncode, 0, f"{command}\n{run.stdout}\n{run.stderr}")
        return run.stdout

    def blob(self, descriptor):
        """The bytes, which are what the descriptor says."""
        content = (self.layout / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes()
        self.assertEqual((f"sha256:{hashlib.sha256(content).hexdigest()}", len(content)),
                         (descriptor["digest"], descriptor["size"]))
        return content

    def document(self, descriptor):
        return json.loads(self.blob(descriptor))

    def named(self):
        index = json.loads((self.layout / "index.json").read_text())
        return {each["annotations"]["org.opencontainers.image.ref.name"]: each for each in index["manifests"]}


class Layout(ImageCase):
    def test_an_index_of_both_architectures(self):
        named = self.named()
        self.assertEqual(set(named), {self.version, f"{self.version}-amd64", f"{self.version}-arm64"})
        index = self.document(named[self.version])
        self.assertEqual((index["schemaVersion"], index["mediaType"]), (2, f"{TYPE}.index.v1+json"))
        self.assertEqual([each["platform"] for each in index["manifests"]], [
            {"architecture": "amd64", "os": "linux"}, {"architecture": "arm64", "os": "linux", "variant": "v8"}])
        for each in index["manifests"]:
            self.assertEqual(named[f"{self.version}-{each['platform']['architecture']}"]["digest"], each["digest"])

    def test_each_manifest_its_configuration_and_layers(self):
        for name, arch in ARCHITECTURES.items():
            manifest = self.document(self.named()[f"{self.version}-{name}"])
            self.assertEqual(manifest["mediaType"], f"{TYPE}.manifest.v1+json")
            config = self.document(manifest["config"])
            self.assertEqual((config["architecture"], config["os"]), (name, "linux"))
            self.assertEqual((config["config"]["User"], config["config"]["Entrypoint"]), (f"{USER}:{USER}", [PROGRAM]))
            self.assertEqual(config["config"]["Labels"]["org.opencontainers.image.version"], self.version)
            layers = [gzip.decompress(self.blob(each)) for each in manifest["layers"]]
            self.assertEqual(config["rootfs"]["diff_ids"],
                             [f"sha256:{hashlib.sha256(each).hexdigest()}" for each in layers])
            self.assertEqual(len(config["history"]), len(layers))

    def entries(self, name):
        for each in self.document(self.named()[f"{self.version}-{name}"])["layers"]:
            with tarfile.open(self.layout / "blobs" / each["digest"].replace(":", "/")) as opened:
                for entry in opened:
                    yield entry, opened.extractfile(entry).read() if entry.isreg() else None

    def test_what_is_in_it(self):
        for name, arch in ARCHITECTURES.items():
            entries = {f"/{entry.name}": (entry, content) for entry, content in self.entries(name)}
            files = {path for path, (entry, _) in entries.items() if entry.isreg()}
            self.assertEqual(files, {PROGRAM, "/etc/passwd", "/etc/group", "/etc/ssl/certs/ca-certificates.crt",
                                     "/usr/share/doc/iam-census/LICENSE"})
            self.assertEqual(entries[PROGRAM][1], lambda_package.bootstrap(zips()[name])[1])
            owners = {path: entry.uid for path, (entry, _) in entries.items() if entry.uid}
            self.assertEqual(owners, {"/home/census": USER})
            writable = {path for path, (entry, _) in entries.items() if entry.mode & 0o022}
            self.assertEqual(writable, {"/tmp"})
            self.assertFalse([path for path, (entry, _) in entries.items() if entry.mode & 0o6000 or entry.uname])

    def test_the_authorities_are_those_of_the_package_alone(self):
        """None that this machine has added to its own bundle."""
        bundle, = (content for entry, content in self.entries("amd64") if entry.name.endswith("ca-certificates.crt"))
        known = pathlib.Path("/usr/share/ca-certificates/mozilla")
        found = re.findall(r"-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----", bundle.decode(), re.DOTALL)
        self.assertEqual(sorted(found), sorted(path.read_text().strip() for path in known.glob("*.crt")))
        self.assertGreater(len(found), 100)

    def test_two_builds_are_the_same(self):
        again = built(self.home / "again", TZ="Asia/Tokyo", LC_ALL="C.UTF-8", PYTHONHASHSEED="7")
        self.assertEqual(again.with_name(again.name + ".tar").read_bytes(), self.tar.read_bytes(), "two builds differ")
        files = {str(path.relative_to(again)) for path in again.rglob("*") if path.is_file()}
        with tarfile.open(self.tar) as opened:
            self.assertEqual({entry.name for entry in opened if entry.isreg()}, files)


@unittest.skipUnless(shutil.which("skopeo"), "skopeo is not installed")
class Skopeo(ImageCase):
    def test_it_finds_either_architecture(self):
        for name in ARCHITECTURES:
            seen = json.loads(self.said("skopeo", "inspect", "--override-arch", name, f"oci:{self.layout}:{self.version}"))
            self.assertEqual((seen["Architecture"], seen["Os"]), (name, "linux"))

    def test_it_copies_all_of_it_from_the_tar(self):
        copy = self.home / "copy"
        self.said("skopeo", "--insecure-policy", "copy", "--all", f"oci-archive:{self.tar}:{self.version}",
                  f"oci:{copy}:{self.version}")
        index, = json.loads((copy / "index.json").read_text())["manifests"]
        self.assertEqual(index["digest"], self.named()[self.version]["digest"])


@unittest.skipUnless(shutil.which("umoci"), "umoci is not installed")
@unittest.skipUnless(os.geteuid() == 0, "only root can run a program in an unpacked root as another user")
class Unpacked:
    """The image's own root, as its own user, with the simulator for AWS."""

    name = None

    def setUp(self):
        super().setUp()
        if not os.access(simulator.binary(), os.X_OK):
            self.skipTest(f"there is no simulator at {simulator.binary()}")
        try:
            emulator = lambda_package.emulator(ARCHITECTURES[self.name])
        except lambda_package.Unavailable as missing:
            self.skipTest(str(missing))
        bundle = self.home / "bundle"
        self.said("umoci", "unpack", "--image", f"{self.layout}:{self.version}-{self.name}", bundle)
        self.home.chmod(0o755)
        self.root = bundle / "rootfs"
        process = json.loads((bundle / "config.json").read_text())["process"]
        self.assertEqual((process["user"]["uid"], process["user"]["gid"]), (USER, USER))
        inside = list(process["args"])
        if emulator:
            shutil.copy(emulator, self.root / "qemu")
            inside.insert(0, "/qemu")
        self.variables = dict(each.split("=", 1) for each in process["env"])
        self.command = ["/usr/sbin/chroot", f"--userspec={USER}:{USER}", str(self.root), *inside]

    def settings(self, aws):
        return {**self.variables, "AWS_ENDPOINT_URL": aws.url, "AWS_REGION": simulator.REGION,
                "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY, "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET}

    def test_a_census_and_a_refused_place(self):
        with simulator.Simulator("--accounts", 5, "--users", 10) as aws:
            ours = self.collect("--role-name", simulator.ROLE, "--output", "-", env=self.settings(aws))
            arguments = [*self.command[1:], "collect", "--role-name", simulator.ROLE, "--output"]
            run = self.run_program(*arguments, "/home/census/census.csv", env=self.settings(aws), program=self.command[0])
            self.assertEqual(run.code, ours.code, str(run))
            written = self.root / "home/census/census.csv"
            self.assertEqual(written.read_bytes(), ours.out)
            self.assertEqual(written.stat().st_uid, USER)
            run = self.run_program(*arguments, "/usr/census.csv", env=self.settings(aws), program=self.command[0])
            self.assertNotEqual(run.code, 0, str(run))
            self.assertIn("/usr/census.csv", run.err)

    def test_as_a_function(self):
        with simulator.Simulator("--accounts", 3, "--users", 5) as aws:
            accounts = [each["id"] for each in aws.active()]
            env = census.environment(self.home, **{
                **self.settings(aws), "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{aws.port}", "S3_BUCKET_NAME": "reports",
                "ROLE_NAME": simulator.ROLE, "CHILD_ACCOUNT_IDS": ",".join(accounts)})
            with census.Started(self.command[1:], env, self.work, program=self.command[0]) as function:
                answer = json.loads(aws.control("invoke?deadline_ms=60000", "POST", b"{}", timeout=90))
                self.assertEqual(answer["statusCode"], 200, answer)
                self.assertEqual(json.loads(answer["body"])["successful_accounts"], accounts)
                function.terminate()
                self.assertEqual(function.finish(5).code, 0)


class UnpackedAmd64(Unpacked, ImageCase):
    name = "amd64"


class UnpackedArm64(Unpacked, ImageCase):
    name = "arm64"


if __name__ == "__main__":
    unittest.main()
