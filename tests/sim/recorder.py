# SPDX-License-Identifier: MIT
"""Stands between a program and the simulator, and keeps what both say: which keys were given out, and what was signed."""

import hashlib
import hmac
import re
import socket
import threading

KEYS = re.compile(rb"<AccessKeyId>([^<]+)</AccessKeyId>\s*<SecretAccessKey>([^<]+)</SecretAccessKey>"
                  rb"\s*<SessionToken>([^<]+)</SessionToken>")
SIGNED = re.compile(rb"Authorization: AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
                    rb"SignedHeaders=[^,]+, Signature=([0-9a-f]{64})")


def derived_keys(secret, day, region, service):
    """The four keys that SigV4 derives, in bytes."""
    keys = [b"AWS4" + secret]
    for part in (day, region, service, b"aws4_request"):
        keys.append(hmac.new(keys[-1], part, hashlib.sha256).digest())
    return dict(zip(("kDate", "kRegion", "kService", "kSigning"), keys[1:]))


def secrets_of(session, signatures):
    """(kind, bytes) of a session's secret key and token, and all that is derived from them for its requests."""
    key_id, secret, token = session
    yield "secret", secret
    if token:
        yield "token", token[20:]
    for day, region, service in {each[1:4] for each in signatures if each[0] == key_id}:
        for kind, key in derived_keys(secret, day, region, service).items():
            yield kind, key
            yield f"{kind} in hex", key.hex().encode()
    for each in signatures:
        if each[0] == key_id:
            yield "signature", each[4]
            yield "signature in bytes", bytes.fromhex(each[4].decode())


class Recorder:
    """Forwards each connection to a port of this machine; leaving the block closes all of them. With the context of a
    server, what comes in is TLS, which ends here."""

    def __init__(self, port, context=None):
        self.port, self.context = port, context
        self.asked, self.answered = bytearray(), bytearray()
        self.lock = threading.Lock()
        self.sockets = []
        self.begun, self.over = 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                return
            self.sockets += [near, far]
            threading.Thread(target=self.begin, args=(near, far), daemon=True).start()

    def begin(self, near, far):
        if self.context:
            try:
                near = self.context.wrap_socket(near, server_side=True)
            except OSError:
                return
            self.sockets.append(near)
        threading.Thread(target=self.forward, args=(far, near, self.answered), daemon=True).start()
        with self.lock:
            self.begun += 1
        self.forward(near, far, self.asked)
        with self.lock:
            self.over += 1

    def open(self):
        """How many connections the program has begun and not closed."""
        return self.begun - self.over

    def forward(self, source, target, kept):
        try:
            while data := source.recv(65536):
                with self.lock:
                    kept += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def sessions(self):
        """(access key id, secret key, token) of each role that was assumed."""
        with self.lock:
            return [tuple(match.groups()) for match in KEYS.finditer(bytes(self.answered))]

    def signatures(self):
        """(access key id, day, region, service, signature) of each request."""
        with self.lock:
            return [tuple(match.groups()) for match in SIGNED.finditer(bytes(self.asked))]

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        for each in [self.listener, *self.sockets]:
            each.close()
