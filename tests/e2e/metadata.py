# SPDX-License-Identifier: MIT
"""A loopback server for what hands out credentials: containers and the instance metadata service."""

import http.server
import json
import threading

INSTANCE_TOKEN = "instance-token-NeverShown=="
ROLE_PATH = "/latest/meta-data/iam/security-credentials/"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server = self.server.metadata
        server.requests.append((self.command, self.path))
        status, body = server.answer(self.command, self.path, self.headers)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = handle_any

    def log_message(self, *args):
        pass


class MetadataServer:
    """credential: a world.Credential to hand out; authorization: what a container must send;
    expiration: of what is handed out; forget: how many requests with a token are answered 401."""

    def __init__(self, credential, authorization=None):
        self.credential = credential
        self.authorization = authorization
        self.expiration = "2099-01-01T00:00:00Z"
        self.forget = 0
        self.requests = []
        self.listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.listener.daemon_threads = True
        self.listener.block_on_close = False
        self.listener.metadata = self
        self.url = f"http://127.0.0.1:{self.listener.server_address[1]}"

    def start(self):
        threading.Thread(target=self.listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self):
        self.listener.shutdown()
        self.listener.server_close()

    def answer(self, method, path, headers):
        if path == "/container":
            if headers.get("Authorization") != self.authorization:
                return 401, b'{"code":"Unauthorized","message":"the authorization differs"}'
            return 200, self.document()
        if (method, path) == ("PUT", "/latest/api/token"):
            if not 1 <= int(headers.get("X-aws-ec2-metadata-token-ttl-seconds") or 0) <= 21600:
                return 400, b""
            return 200, INSTANCE_TOKEN.encode()
        if headers.get("X-aws-ec2-metadata-token") != INSTANCE_TOKEN:
            return 401, b""
        if self.forget > 0:
            self.forget -= 1
            return 401, b""
        if (method, path.rstrip("/")) == ("GET", ROLE_PATH.rstrip("/")):
            return 200, b"instance-role"
        if (method, path) == ("GET", ROLE_PATH + "instance-role"):
            return 200, self.document()
        return 404, b""

    def document(self):
        return json.dumps({
            "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2024-01-01T00:00:00Z",
            "AccessKeyId": self.credential.access_key, "SecretAccessKey": self.credential.secret,
            "Token": self.credential.token, "Expiration": self.expiration}).encode()
