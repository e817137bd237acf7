# SPDX-License-Identifier: MIT
"""A DNS server on a loopback address: A records from a table, NXDOMAIN for every other name (RFC 1035)."""

import socket
import struct
import threading

TYPE_A, TYPE_AAAA, CLASS_IN = 1, 28, 1
NAME_ERROR = 3
SECONDS_TO_LIVE = 1


def question(packet):
    """(name, type, bytes of the question) of a query with one question."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode().lower())
        at += 1 + packet[at]
    kind, = struct.unpack_from("!H", packet, at + 1)
    return ".".join(labels), kind, packet[12:at + 5]


class NameServer:
    """names: {'sts.amazonaws.com': '127.0.0.1'}. What was asked is in `asked`, as (name, type).

    Needs the right to bind port 53: PermissionError where that is missing.
    """

    def __init__(self, address, names):
        self.names = names
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.socket.bind((address, 53))
        except OSError:
            self.socket.close()
            raise
        self.socket.settimeout(0.05)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.stopping.set()
        self.thread.join(5)
        self.socket.close()

    def serve(self):
        while not self.stopping.is_set():
            try:
                packet, peer = self.socket.recvfrom(4096)
            except socket.timeout:
                continue
            self.socket.sendto(self.answer(packet), peer)

    def answer(self, packet):
        name, kind, asked = question(packet)
        self.asked.append((name, kind))
        address = self.names.get(name)
        records = b""
        if address and kind == TYPE_A:
            # 0xC00C: the name of the question
            records = struct.pack("!HHHIH", 0xC00C, TYPE_A, CLASS_IN, SECONDS_TO_LIVE, 4) + socket.inet_aton(address)
        flags = 0x8180 if address else 0x8180 | NAME_ERROR
        return packet[:2] + struct.pack("!HHHHH", flags, 1, 1 if records else 0, 0, 0) + asked + records
