"""A `latchkey run` of its own for each test: a free port, a folder of its own, nothing left behind."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from measure.ports import free_port

BIN = Path(os.environ["LATCHKEY_BIN"])
START_LIMIT_S = 60
WAIT_LIMIT_S = 30


def wait_until(what, is_so, limit=WAIT_LIMIT_S):
    """Returns the first true value of is_so(); fails after `limit` seconds."""
    deadline = time.monotonic() + limit
    while True:
        value = is_so()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {limit} s in vain: {what}"
        time.sleep(0.01)


def process_is_there(pid):
    """False for a zombie as well: it holds nothing any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        assert self.headers["Content-Type"].startswith("application/json"), self.headers
        return json.loads(self.body)


class Server:
    """Owns a data folder. `settings` become LATCHKEY_… variables."""

    def __init__(self, data=None, bin_dir=BIN, **settings):
        self.root = Path(tempfile.mkdtemp(prefix="lk-"))
        self.data = Path(data) if data else self.root / "data"
        self.bin = bin_dir
        self.port = settings.pop("port", None) or free_port()
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("LATCHKEY_")}
        self.environment["LATCHKEY_PORT"] = str(self.port)
        self.environment["LATCHKEY_PUBLIC_URL"] = f"http://127.0.0.1:{self.port}"
        for name, value in settings.items():
            self.environment[f"LATCHKEY_{name.upper()}"] = str(value)
        self.foreground = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.command("stop")
        if self.foreground and self.foreground.poll() is None:
            self.foreground.kill()
            self.foreground.wait()
        left = self.processes()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.root, ignore_errors=True)
        assert not left, f"processes outlived the stop: {left}"

    def command(self, *arguments, **options):
        """Runs `latchkey ARGUMENTS` to its end."""
        return subprocess.run(
            [self.bin / "latchkey", "--data", self.data, *arguments], env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=START_LIMIT_S, check=False, **options)

    def start(self):
        done = self.command("run", "--demo", "--background")
        assert done.returncode == 0, done.stderr + self.log()
        return self

    def start_in_foreground(self, *arguments):
        self.foreground = subprocess.Popen(
            [self.bin / "latchkey", "--data", self.data, "run", *arguments], env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return self.foreground

    def log(self):
        path = self.data / "log/latchkey.log"
        return path.read_text() if path.exists() else ""

    def pid(self, name):
        return int((self.data / f"run/{name}.pid").read_text())

    def new_pid(self, name, former):
        def changed():
            try:
                pid = self.pid(name)
            except (OSError, ValueError):  # being written just now
                return None
            return pid if pid != former else None
        return wait_until(f"another {name}", changed)

    def processes(self):
        """Every process that was started on this data folder, by its command line."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                line = (entry / "cmdline").read_bytes()
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if str(self.data).encode() in line and process_is_there(int(entry.name)):
                found.append(int(entry.name))
            elif line.startswith(b"nginx: worker") and parent in found:
                found.append(int(entry.name))
        return found

    def get(self, path, method="GET", body=None, headers=None, host="127.0.0.1"):
        connection = http.client.HTTPConnection(host, self.port, timeout=20)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def raw(self, request):
        """Sends bytes as they are; returns status, headers (as one text) and body."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(request)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), body

    def device_code(self):
        """One write, through all of it."""
        return self.get("/oauth/device_authorization", "POST", "client_id=acme-cli",
                        {"Content-Type": "application/x-www-form-urlencoded"})
