"""A Latchkey server of one's own, for tests and measurements alike: a temporary folder, a free port, an environment
without the caller's LATCHKEY_ variables, and its processes."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from .ports import free_port

COMMAND_LIMIT_S = 60


class Failed(Exception):
    """Something that the test, proof or measurement cannot go on without did not happen."""


def await_that(condition, what, limit_s=30.0, step_s=0.02):
    """Waits until condition() is true and returns what it gave; Failed after limit_s."""
    deadline = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"not within {limit_s} s: {what}")
        time.sleep(step_s)


def process_is_there(pid):
    """False for a zombie as well: it holds nothing any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def children_of(pid):
    """Pids of the direct children."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return []
    return [int(word) for word in text.split()]


def processes_on(data):
    """{pid: words of its command line} of all that were started on this data folder; nginx's workers too, whose
    command line names no folder."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
            parent = int((entry / "stat").read_text("ascii", "replace").rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):  # it ended meanwhile
            continue
        is_ours = os.fsencode(data) in line or (line.startswith(b"nginx: worker") and parent in found)
        if is_ours and process_is_there(int(entry.name)):
            found[int(entry.name)] = line.decode(errors="replace").split("\0")
    return found


class OwnServer:
    """Made without starting anything. `settings` are LATCHKEY_ variables without the prefix; `data`, `bin` and
    `environment` may be changed until it is started."""

    def __init__(self, bin_dir, settings=None, port=None):
        self.folder = Path(tempfile.mkdtemp(prefix="latchkey-"))
        self.data = self.folder / "data"
        self.bin = Path(bin_dir).resolve()
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {}
        self.configure(settings or {})
        self.process = None

    def configure(self, settings):
        """These settings and no others, at its next start."""
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("LATCHKEY_")}
        for name, value in {"port": self.port, "public_url": self.url, **settings}.items():
            self.environment["LATCHKEY_" + name.upper()] = str(value)

    @property
    def run(self):
        return self.data / "run"

    def remove_folder(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- `latchkey` on this data ----

    def command(self, *arguments, stdin=None, **options):
        """Runs `latchkey ARGUMENTS` to its end; `stdin` is a text."""
        return subprocess.run(
            [self.bin / "latchkey", "--data", self.data, *map(str, arguments)], input=stdin or "", text=True,
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=COMMAND_LIMIT_S, check=False,
            **options)

    def run_in_foreground(self, *arguments, **options):
        """`latchkey run ARGUMENTS` as a child of ours; a later end_foreground ends it."""
        self.process = subprocess.Popen([self.bin / "latchkey", "--data", self.data, "run", *arguments],
                                        env=self.environment, stdin=subprocess.DEVNULL, **options)
        return self.process

    def end_foreground(self, limit_s=COMMAND_LIMIT_S):
        """By SIGTERM, then by force; whether it went by itself."""
        if self.process is None or self.process.poll() is not None:
            return True
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(limit_s)
            return True
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False

    # ---- processes ----

    def pid_of(self, name):
        """run, writer, api (the parent), login (the parent) or nginx (the master); 0 while it is down."""
        try:
            return int((self.run / f"{name}.pid").read_text("ascii"))
        except (OSError, ValueError):  # or being written just now
            return 0
