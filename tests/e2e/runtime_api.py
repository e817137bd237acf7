# SPDX-License-Identifier: MIT
"""A small Lambda Runtime API on a loopback port: hands out invocations, keeps what comes back."""

import http.server
import json
import queue
import re
import threading
import time

PREFIX = "/2018-06-01/runtime"
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:111111111111:function:census"


class Answer:
    """What the function sent. kind: 'response', 'error' or 'init/error'."""

    def __init__(self, kind, request_id, body, headers):
        self.kind = kind
        self.request_id = request_id
        self.body = body
        self.headers = headers
        self.moment = time.time()

    @property
    def result(self):
        """The response as the caller of the function sees it."""
        return json.loads(self.body)

    @property
    def document(self):
        """The JSON document inside the response's body."""
        return json.loads(self.result["body"])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        api = self.server.api
        if self.path != f"{PREFIX}/invocation/next":
            api.strange.append(f"GET {self.path}")
            self.reply(404, {})
            return
        api.asked.set()
        event = None
        while event is None and not api.stopping.is_set():
            try:
                event = api.events.get(timeout=0.1)
            except queue.Empty:
                pass
        if event is None:
            self.close_connection = True
            return
        request_id, body, deadline_ms = event
        self.reply(200, {
            "Lambda-Runtime-Aws-Request-Id": request_id, "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": FUNCTION_ARN,
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0"}, body)

    def do_POST(self):
        api = self.server.api
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        match = re.fullmatch(PREFIX + r"/(?:invocation/([^/]+)/(response|error)|init/(error))", self.path)
        if not match:
            api.strange.append(f"POST {self.path}")
            self.reply(404, {})
            return
        kind = match[2] or "init/error"
        api.answers.put(Answer(kind, match[1], body, dict(self.headers.items())))
        self.reply(202, {}, b'{"status":"OK"}\n')

    def reply(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": len(body)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *args):
        pass


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        # a function may be ended at any time: the tests look at what was recorded
        pass


class RuntimeApi:
    def __init__(self):
        self.events = queue.Queue()
        self.answers = queue.Queue()
        self.strange = []
        self.asked = threading.Event()
        self.stopping = threading.Event()
        self.count = 0
        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.listener.api = self
        self.address = f"127.0.0.1:{self.listener.server_address[1]}"

    def start(self):
        threading.Thread(target=self.listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self):
        self.stopping.set()
        self.listener.shutdown()
        self.listener.server_close()

    def invoke(self, event, seconds=60):
        """Hands out one event (bytes, or a value for JSON) with a deadline in `seconds`; returns the
        Answer, or None if none came until 5 seconds after the deadline."""
        self.count += 1
        request_id = f"8476a536-e9f4-11e8-9739-{self.count:012d}"
        body = event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode()
        self.events.put((request_id, body, int((time.time() + seconds) * 1000)))
        return self.answer(seconds + 5)

    def answer(self, timeout):
        try:
            return self.answers.get(timeout=timeout)
        except queue.Empty:
            return None
