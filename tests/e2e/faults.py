# SPDX-License-Identifier: MIT
"""Faults a test can put before an answer. Each is a function of the call: a Reply, or None to go on."""

from wire import NAMESPACES, AwsError, Reply, error_reply, query_reply


class Fault:
    """Applies to the calls that match, `times` times (None: always), after letting `skip` pass."""

    def __init__(self, do, times, skip, match):
        self.do = do
        self.left = times
        self.skip = skip
        self.match = match

    def takes(self, call):
        """Whether the fault is for this call; counts it. The server holds its lock meanwhile."""
        if any(getattr(call, name) != value for name, value in self.match.items()):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.left is None:
            return True
        if self.left == 0:
            return False
        self.left -= 1
        return True


def error(status, code, message="a fault of the test", headers=None):
    return lambda server, call: error_reply(call, AwsError(status, code, message, headers))


def echo(status=403, code="IncompleteSignature", cut=None):
    """An error whose message repeats the whole request; cut: how many characters of it are left."""
    def do(server, call):
        said = f"the request was {call.method} {call.target} {call.headers} {call.body.decode('utf-8', 'replace')}"
        return error_reply(call, AwsError(status, code, said[:cut]))
    return do


def throttle(code="Throttling"):
    return error(400, code, "Rate exceeded")


def unavailable(retry_after=None):
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return error(503, "ServiceUnavailable", "try later", headers)


def denied():
    return error(403, "AccessDenied", "the test denies it")


def reset_before():
    """The connection is reset before a byte of the answer."""
    return lambda server, call: Reply(200, b"", cut=-1)


def reset_inside():
    """The connection is reset amid the body of the right answer."""
    def do(server, call):
        reply = server.answer(call)
        reply.cut = len(reply.body) // 2
        return reply
    return do


def lost():
    """All is done, and the connection is reset in place of the answer."""
    def do(server, call):
        server.answer(call)
        return Reply(200, b"", cut=-1)
    return do


def truncated():
    """The right answer, ended in its middle, with the Content-Length of the whole."""
    def do(server, call):
        reply = server.answer(call)
        reply.body = reply.body[:len(reply.body) * 2 // 3]
        return reply
    return do


def body(text, content_type="text/html", status=200):
    return lambda server, call: Reply(status, text, content_type=content_type)


def oversized(total_bytes):
    """A list that begins well and never seems to end: total_bytes of it, for a client that reads them all."""
    def do(server, call):
        head = f'<{call.action}Response xmlns="{NAMESPACES["iam"]}"><{call.action}Result><Users>'.encode()
        piece = b"<member><UserName>" + b"x" * 100 + b"</UserName></member>"
        block = piece * (65536 // len(piece))
        count = total_bytes // len(block)
        return Reply(200, head, stream=(block for _ in range(count)), stream_length=count * len(block))
    return do


def endless(new_markers):
    """Pages that never end: always with the same marker, or always with a new one."""
    def do(server, call):
        count = next(server.world.numbers)
        marker = f"again-{count}" if new_markers else "again"
        return query_reply("iam", call.action, {"Users": [], "IsTruncated": True, "Marker": marker})
    return do


def slow(seconds):
    """The right answer, whose first byte comes late."""
    def do(server, call):
        reply = server.answer(call)
        reply.delay = seconds
        return reply
    return do


def expire_session():
    """The credentials of the call expire now."""
    def do(server, call):
        call.credential.expired = True
        return None
    return do
