# SPDX-License-Identifier: MIT
"""A scripted AWS on a loopback port: STS, IAM, Organizations and S3 from a World, with faults.

Every signature is verified; what a client does wrong is kept in `violations`, which each test
case finds empty at its end.
"""

import http.server
import socket
import struct
import threading
import time
import traceback
import urllib.parse

import answers_iam
import answers_organizations
import answers_s3
import signature
import wire
from faults import Fault
from wire import AwsError, Call, Reply

# the signing regions of the services that have one endpoint a partition (botocore's endpoints.json)
IAM_REGIONS = {
    "aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1", "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1", "aws-iso-e": "eu-isoe-west-1", "aws-iso-f": "us-isof-south-1",
    "aws-eusc": "eusc-de-east-1"}
ORGANIZATIONS_REGIONS = {**IAM_REGIONS, "aws-cn": "cn-northwest-1"}
VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
UNSIGNED_ACTIONS = ("AssumeRoleWithWebIdentity",)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self):
        super().setup()
        self.age = self.server.owner.age

    def handle_any(self):
        if self.age != self.server.owner.age:
            self.reset()
            return
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # the client went away in the middle
            self.close_connection = True
            return
        call = Call(self.command, self.path, self.headers.items(), body, time.time())
        try:
            self.send(self.server.owner.serve(call))
        except (BrokenPipeError, ConnectionResetError, socket.timeout):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

    def send(self, reply):
        if reply.delay and self.server.owner.stopping.wait(reply.delay):
            self.close_connection = True
            return
        if reply.cut == -1:
            self.reset()
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body) + reply.stream_length))
        self.end_headers()
        if reply.cut is not None:
            self.wfile.write(reply.body[:reply.cut])
            self.wfile.flush()
            # the peer is to read the half before the reset throws it away
            time.sleep(0.05)
            self.reset()
            return
        if self.command != "HEAD":
            self.wfile.write(reply.body)
            for piece in reply.stream or ():
                self.wfile.write(piece)
        self.wfile.flush()

    def reset(self):
        """Closes with a TCP reset instead of a FIN."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass

    def log_message(self, *args):
        pass


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    block_on_close = False

    def handle_error(self, request, client_address):
        # a client may go away at any time: the tests look at what was recorded
        pass


class ScriptedAws:
    """The server. Start with `with ScriptedAws(world) as server:` or start() and stop()."""

    def __init__(self, world, region="eu-west-1", tls_context=None):
        self.world = world
        self.region = region
        self.roles = {"CensusRole"}
        self.web_identity_token = None
        self.empty_pages = False
        self.calls = []
        self.violations = []
        self.faults = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.age = 0
        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.listener.owner = self
        self.scheme = "http"
        if tls_context:
            self.scheme = "https"
            self.listener.socket = tls_context.wrap_socket(
                self.listener.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.listener.server_address[1]
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"

    def start(self):
        threading.Thread(target=self.listener.serve_forever, kwargs={"poll_interval": 0.05},
                         daemon=True).start()
        return self

    def stop(self):
        self.stopping.set()
        self.listener.shutdown()
        self.listener.server_close()

    __enter__ = start

    def __exit__(self, *args):
        self.stop()

    def fault(self, do, times=None, skip=0, **match):
        """Puts a fault before the calls whose attributes match (action='ListUsers', user='eve')."""
        self.faults.append(Fault(do, times, skip, match))

    def forget_connections(self):
        """From here on, requests on open connections get no answer, as after a long freeze."""
        self.age += 1

    def count(self, action, **match):
        """How many requests of the action arrived, every attempt counted."""
        return len(self.of(action, **match))

    def of(self, action, **match):
        with self.lock:
            return [call for call in self.calls if call.action == action
                    and all(getattr(call, name) == value for name, value in match.items())]

    def serve(self, call):
        try:
            self.identify(call)
            with self.lock:
                self.calls.append(call)
                fault = next((fault for fault in self.faults if fault.takes(call)), None)
            reply = fault.do(self, call) if fault else None
            return reply or self.answer(call)
        except AwsError as error:
            return wire.error_reply(call, error)
        except signature.SignatureError as error:
            self.violation(call, str(error))
            return wire.error_reply(call, AwsError(403, "SignatureDoesNotMatch", "see the test's violations"))
        except Exception:
            # a defect of the test server must be seen in the test, not as a broken connection
            self.violation(call, traceback.format_exc())
            return wire.error_reply(call, AwsError(400, "TestServerFailed", "see the test's violations"))

    def violation(self, call, text):
        with self.lock:
            self.violations.append(f"{call.method} {call.target} {call.action}: {text}")

    def answer(self, call):
        """The right answer, without faults."""
        if call.credential and call.credential.expired:
            code = "ExpiredTokenException" if call.service == "organizations" else "ExpiredToken"
            status = 400 if call.service in ("organizations", "s3") else 403
            return wire.error_reply(call, AwsError(status, code, "The security token included in the "
                                                   "request is expired"))
        try:
            if call.service == "s3":
                return answers_s3.answer(self, call)
            if call.service == "organizations":
                return answers_organizations.answer(self, call)
            return wire.query_reply(call.service, call.action, answers_iam.answer(self, call))
        except AwsError as error:
            return wire.error_reply(call, error)

    def identify(self, call):
        """Finds service, action, caller and account of the call, and verifies how it was signed."""
        authorization = call.header("Authorization")
        if authorization is None:
            call.service = "sts"
            self.read_form(call)
            if call.action not in UNSIGNED_ACTIONS:
                raise signature.SignatureError("not signed")
            return
        scope = signature.read_scope(authorization)
        call.service, call.region = scope.service, scope.region
        call.credential = self.world.credentials.get(scope.access_key)
        if call.credential is None:
            code = "InvalidAccessKeyId" if call.service == "s3" else "InvalidClientTokenId"
            raise AwsError(403, code, "the access key does not exist")
        call.account = call.credential.account
        signature.check(call.method, call.target, call.headers, call.body, call.credential.secret,
                        call.credential.token)
        self.read_action(call)
        self.check_region(call)

    def read_action(self, call):
        if call.service == "s3":
            answers_s3.read_target(call)
        elif call.service == "organizations":
            call.action = wire.action_of_target(call.header("X-Amz-Target"))
            self.demand(call, call.header("Content-Type") == "application/x-amz-json-1.1",
                        f"Content-Type is {call.header('Content-Type')}")
            self.demand(call, (call.method, call.target) == ("POST", "/"), "not POST /")
        elif call.service in VERSIONS:
            self.read_form(call)
            self.demand(call, call.params.get("Version") == VERSIONS[call.service],
                        f"Version is {call.params.get('Version')}")
        else:
            raise signature.SignatureError(f"signed for the service '{call.service}'")

    def read_form(self, call):
        content_type = call.header("Content-Type") or ""
        self.demand(call, content_type.startswith("application/x-www-form-urlencoded"),
                    f"Content-Type is {content_type!r}")
        self.demand(call, (call.method, call.target) == ("POST", "/"), "not POST /")
        call.params = dict(urllib.parse.parse_qsl(call.body.decode(), keep_blank_values=True))
        call.action = call.params.get("Action")
        call.user = call.params.get("UserName")

    def check_region(self, call):
        expected = {"iam": IAM_REGIONS[self.world.partition], "sts": self.region,
                    "organizations": ORGANIZATIONS_REGIONS[self.world.partition]}.get(call.service)
        self.demand(call, expected is None or call.region == expected,
                    f"signed for region {call.region}, expected {expected}")

    def demand(self, call, holds, text):
        if not holds:
            self.violation(call, text)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


__all__ = ["ScriptedAws", "Reply", "free_port"]
