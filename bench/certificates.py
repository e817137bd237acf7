# SPDX-License-Identifier: MIT
"""An authority and a certificate for a server on this machine, made anew for each run."""

import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


def make(folder):
    """Paths of the authority's certificate, of the server's certificate and of its key, as PEM."""
    authority, certificate, key = folder / "authority.pem", folder / "server.pem", folder / "server.key"
    authority_key, request, names = folder / "authority.key", folder / "server.csr", folder / "names"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *curve, "-keyout", authority_key, "-out", authority, "-days", 2, "-subj", "/CN=bench authority")
    openssl("req", *curve, "-keyout", key, "-out", request, "-subj", "/CN=localhost")
    names.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial", "-days", 2,
            "-extfile", names, "-out", certificate)
    return authority, certificate, key
