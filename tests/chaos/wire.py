# SPDX-License-Identifier: MIT
"""What stands between the program and the simulator and breaks connections at any byte, which the simulator can't do by itself.

Three ways, by what is broken off:
- plain: HTTP; the connection is reset, or ended, after any byte of an answer or a request;
- records: TLS that the simulator speaks: the same, in the middle of a handshake or a record (so no close_notify comes), or one
  bit is turned;
- ended: TLS that ends here: the bytes below it are cut off, and the connection is ended with a close_notify, without, or reset.

Each connection's fate is drawn from the seed and the connection's number.
"""

import pathlib
import random
import select
import socket
import ssl
import struct
import tempfile
import threading

import certificates

FATES = {"plain": ("reset", "end"), "records": ("reset", "end", "flip"), "ended": ("reset", "end", "notify")}
SPOKEN = {"whole", "records"}  # TLS by the simulator; 'whole': nothing is cut
TLS = SPOKEN | {"ended"}
NAMES = {None: "HTTP", "plain": "HTTP cut at any byte", "whole": "TLS", "records": "TLS cut in its records", "ended": "TLS cut below it"}
PIECE = 16384
IDLE_SECONDS, DRAIN_SECONDS = 120, 5
REQUEST_LEAST = 100  # bytes of a request; an alert of TLS has fewer
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: what is not sent is dropped, and the peer gets an RST


class Fate:
    """What happens to a connection: 'kind' (None: nothing), after so many bytes to the program (or from it)."""

    def __init__(self, plan, number):
        dice = random.Random(f"{plan.seed} {number}")
        self.kind = dice.choice(FATES[plan.way]) if dice.random() < plan.share else None
        self.to_program = dice.random() < 0.8
        self.left = int(10 ** dice.uniform(0, 4.3))


class Certificate:
    """A certificate of this machine, which all runs share."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="iam-census-wire-"))
        authority = certificates.authority(self.home, "authority")
        key, certificate = certificates.server(self.home, "server", authority)
        self.files = certificate, key, authority[1]


class Wire:
    """Passes on to the simulator what is sent to sim.outside. cuts: how many connections it has broken."""

    def __init__(self, plan, sim, files):
        self.plan, self.sim, self.files = plan, sim, files
        self.context, self.listener = None, None
        if plan.way == "ended":
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*map(str, files[:2]))
        self.cuts, self.count, self.lock, self.over = 0, 0, threading.Lock(), False

    def __enter__(self):
        self.sim.trusted = self.files[2] if self.plan.way in TLS else None
        if self.plan.way in FATES:
            self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
            scheme = "https" if self.plan.way in TLS else "http"
            self.sim.outside = f"{scheme}://127.0.0.1:{self.listener.getsockname()[1]}"
            self.acceptor = threading.Thread(target=self.accept, daemon=True)
            self.acceptor.start()
        return self

    def __exit__(self, *args):
        if not self.listener:
            return
        self.over = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.acceptor.join(10)

    def accept(self):
        while not self.over:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.count += 1
            threading.Thread(target=self.serve, args=(client, self.count), daemon=True).start()

    def serve(self, client, number):
        server = None
        try:
            client.settimeout(IDLE_SECONDS)
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
            server = socket.create_connection(("127.0.0.1", self.sim.port), IDLE_SECONDS)
            self.carry(client, server, Fate(self.plan, number))
        except (OSError, ValueError):
            pass  # one of the two has broken off
        finally:
            for each in (client, server):
                if each:
                    each.close()

    def carry(self, client, server, fate):
        """One thread for both directions: a TLS connection may not be used by two."""
        other = {client: server, server: client}
        while True:
            held = [client] if self.context and client.pending() else []
            for source in held or select.select([client, server], [], [], IDLE_SECONDS)[0]:
                data = self.receive(source)
                if not data:
                    if source is server:
                        self.drain(client)
                    return
                if self.pass_on(data, other[source], client, fate, source is server):
                    return

    @staticmethod
    def receive(source):
        try:
            return source.recv(PIECE)
        except ConnectionResetError:
            return b""

    def drain(self, client):
        """The simulator has ended the connection. A request that was on its way meanwhile is lost, as by a cut."""
        client.shutdown(socket.SHUT_WR)
        client.settimeout(DRAIN_SECONDS)
        count = 0
        while data := self.receive(client):
            count += len(data)
        with self.lock:
            self.cuts += count >= REQUEST_LEAST

    def pass_on(self, data, sink, client, fate, to_program):
        """True if the connection is over."""
        if fate.kind is None or to_program != fate.to_program or len(data) <= fate.left:
            fate.left -= len(data) if to_program == fate.to_program else 0
            sink.sendall(data)
            return False
        with self.lock:
            self.cuts += 1
        if fate.kind == "flip":
            sink.sendall(data[:fate.left] + bytes([data[fate.left] ^ 1]) + data[fate.left + 1:])
            fate.kind = None
            return False
        sink.sendall(data[:fate.left])
        self.end(client, fate.kind)
        return True

    def end(self, client, kind):
        if kind == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        if kind == "notify":
            client.unwrap()
        if kind == "end":  # the socket below TLS: no close_notify
            client.shutdown(socket.SHUT_WR)
