# SPDX-License-Identifier: MIT
"""Runs the state machine of deploy/stepfunctions in an interpreter from npm, with Lambda and S3 as Python functions.

The packages of npm/package.json are installed into build/npm, by the npm that is here.
"""

import contextlib
import http.server
import json
import pathlib
import shutil
import subprocess
import threading

from census import ROOT

HERE = pathlib.Path(__file__).resolve().parent / "npm"
PACKAGES = ROOT / "build" / "npm"
DEFINITION = ROOT / "deploy/stepfunctions/statemachine.asl.json"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:iam-census"


class FunctionError(Exception):
    """A function that ends with an error instead of an answer."""

    def __init__(self, kind, message=""):
        super().__init__(message)
        self.kind = kind


def install():
    """None if the packages are there; otherwise the reason why they are not."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "there is no Node.js here"
    wanted = (HERE / "package.json").read_text()
    done = PACKAGES / "installed.json"
    if done.exists() and done.read_text() == wanted:
        return None
    PACKAGES.mkdir(parents=True, exist_ok=True)
    (PACKAGES / "package.json").write_text(wanted)
    made = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"],
                          cwd=PACKAGES, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    if made.returncode != 0:
        return "npm can't install the packages"
    done.write_text(wanted)
    return None


def definition(partition="aws", function=FUNCTION):
    """The definition as CloudFormation hands it over."""
    text = DEFINITION.read_text()
    return json.loads(text.replace("${Partition}", partition).replace("${FunctionArn}", function))


def validate(machine, folder):
    """The outcome of asl-validator: (exit code, text)."""
    path = pathlib.Path(folder) / "machine.asl.json"
    path.write_text(json.dumps(machine))
    done = subprocess.run(["node", str(PACKAGES / "node_modules/.bin/asl-validator"), "--json-path", str(path)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@contextlib.contextmanager
def listener(answer):
    """A server that answers a POST with answer(path, document)."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            data = json.dumps(answer(self.path, json.loads(body))).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def execute(machine, given, invoke, read, folder, timeout=120):
    """One execution. invoke(payload) is the function, read(bucket, key) the map's reader of items.

    Returns {"result": ...} or {"error", "name", "cause"}, with "entered": the names of the states.
    """

    def answer(path, document):
        try:
            if path == "/read":
                return read(document["Bucket"], document["Key"])
            return {"Payload": invoke(document["Payload"])}
        except FunctionError as e:
            return {"errorType": e.kind, "errorMessage": str(e)}

    path = pathlib.Path(folder) / "machine.asl.json"
    path.write_text(json.dumps(machine))
    # modules are looked for beside the file that imports them
    script = PACKAGES / "run_machine.mjs"
    shutil.copyfile(HERE / "run_machine.mjs", script)
    with listener(answer) as url:
        done = subprocess.run(["node", str(script), str(path), url], input=json.dumps(given), capture_output=True,
                              text=True, timeout=timeout)
    if done.returncode != 0:
        raise AssertionError(f"the interpreter failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout)
