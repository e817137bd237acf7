# SPDX-License-Identifier: MIT
"""Certificate authorities, and certificates of servers on this machine, made anew by the openssl command. As PEM."""

import shutil
import subprocess

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
LOOPBACK = "DNS:localhost,IP:127.0.0.1"


def can_be_made():
    return shutil.which("openssl") is not None


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


def authority(folder, name):
    """A certificate authority of its own: its key and its certificate."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    openssl("req", "-x509", *CURVE, "-keyout", key, "-out", certificate, "-days", 2, "-subj", f"/CN={name}", "-addext",
            "basicConstraints=critical,CA:TRUE")
    return key, certificate


def server(folder, name, authority_pair, names=LOOPBACK):
    """A key and a certificate for the names, signed by the authority."""
    key, request, certificate, extensions = (folder / f"{name}.{kind}" for kind in ("key", "csr", "pem", "ext"))
    openssl("req", "-new", *CURVE, "-keyout", key, "-out", request, "-subj", "/CN=server")
    extensions.write_text(f"subjectAltName={names}\n")
    openssl("x509", "-req", "-in", request, "-CA", authority_pair[1], "-CAkey", authority_pair[0], "-CAcreateserial",
            "-out", certificate, "-days", 2, "-extfile", extensions)
    return key, certificate
