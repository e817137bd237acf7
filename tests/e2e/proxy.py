# SPDX-License-Identifier: MIT
"""A forward proxy on a loopback port that knows CONNECT alone, and sends every host to one port; or
refuses to, with a status of the test's choice."""

import socket
import socketserver
import threading


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        request = self.rfile.readline().decode().split()
        while self.rfile.readline().strip():
            pass
        self.server.proxy.asked.append(" ".join(request[:2]))
        if request[:1] != ["CONNECT"]:
            self.wfile.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
            return
        status = next(self.server.proxy.refusals, None)
        if status:
            self.wfile.write(f"HTTP/1.1 {status} Refused\r\nContent-Length: 6\r\n"
                             "Proxy-Authenticate: Basic realm=\"x\"\r\n\r\nrefuse".encode())
            return
        with socket.create_connection(("127.0.0.1", self.server.proxy.target_port)) as upstream:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            there = threading.Thread(target=self.pump, args=(self.connection, upstream), daemon=True)
            there.start()
            self.pump(upstream, self.connection)
            there.join(5)

    @staticmethod
    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


class Proxy:
    def __init__(self, target_port, refusals=()):
        self.target_port = target_port
        self.refusals = iter(refusals)  # the status of each answer, as long as there are any
        self.asked = []
        self.listener = Server(("127.0.0.1", 0), Handler)
        self.listener.proxy = self
        self.url = f"http://127.0.0.1:{self.listener.server_address[1]}"

    def start(self):
        threading.Thread(target=self.listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self):
        self.listener.shutdown()
        self.listener.server_close()
