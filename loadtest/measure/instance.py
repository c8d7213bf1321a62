"""A Latchkey instance of its own: `latchkey run` on a temporary data folder and a free port."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys

from .own_server import Failed, OwnServer, await_that, children_of
from .writer_page import read_page

__all__ = ["NO_LIMITS", "Failed", "Instance", "add_bin_argument", "await_that", "children_of", "end_cleanly_when_told"]

START_LIMIT_S = 60
BIN = os.environ.get("LATCHKEY_BIN", pathlib.Path(__file__).resolve().parents[2] / "build/release/bin")
# All clients of a load share an address, a client and a user, and a few grants refresh all the time.
NO_LIMITS = {"device_codes_per_client_and_address": 0, "unknown_device_codes_per_address": 0, "refreshes_per_grant": 0, "refreshes_per_account": 0,
             "sign_ins_per_account": 1_000_000, "approvals_per_account": 1_000_000, "grants_per_user": 0,
             "sessions_per_user": 0, "live_device_codes_per_client": 0, "live_device_codes": 0}


def add_bin_argument(parser):
    parser.add_argument("--bin", default=BIN, help="folder of the binaries (build/release/bin)")


def end_cleanly_when_told():
    """SIGTERM ends the program as an exception does: what it started is stopped, its files are removed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


class Instance(OwnServer):
    """Use as a context manager: it stops and leaves neither process nor file behind."""

    def __init__(self, bin_dir, settings=None, own_binaries=False):
        super().__init__(bin_dir, settings)
        if own_binaries:
            self._copy_binaries()
        self.log_path = self.folder / "latchkey.log"

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        self.stop()
        if os.environ.get("LATCHKEY_KEEP"):
            print(f"kept: {self.folder}")
        else:
            self.remove_folder()

    def _copy_binaries(self):
        """So that a proof may replace a binary."""
        copy = self.folder / "bin"
        copy.mkdir()
        for path in self.bin.iterdir():
            if path.name.startswith("latchkey") and path.is_file():
                shutil.copy2(path, copy / path.name)
        self.bin = copy

    def start(self):
        with open(self.log_path, "ab") as log:
            self.run_in_foreground("--demo", stdout=log, stderr=log, start_new_session=True)
        await_that(self._is_ready, "latchkey run answers", START_LIMIT_S)

    def _is_ready(self):
        if self.process.poll() is not None:
            raise Failed("latchkey run ended at its start:\n" + self.log_tail())
        return (self.data / "demo.env").exists() and self.get("/healthz")[0] == 200

    def stop(self):
        self.end_foreground()

    def log_tail(self, lines=20):
        text = self.log_path.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def settings_table(self):
        """Every setting with its default, as `latchkey settings` lists them."""
        done = subprocess.run([self.bin / "latchkey", "settings", "--json"], capture_output=True,
                              text=True, check=True)
        return json.loads(done.stdout)

    # ---- processes ----

    def children(self, pool):
        return children_of(self.pid_of(pool))

    def processes(self):
        """{kind: [pid]} of all processes, the supervisor too."""
        kinds = {"run": [self.process.pid], "writer": [self.pid_of("writer")]}
        for name in ("api", "login", "nginx"):
            pid = self.pid_of(name)
            kinds[name] = [pid] + children_of(pid)
        return kinds

    def restart_writer(self):
        """Returns when the next one serves."""
        before = self.pid_of("writer")
        os.kill(before, signal.SIGTERM)
        await_that(lambda: self.pid_of("writer") not in (0, before), "a new writer")
        await_that(lambda: read_page(self)["pid"] == self.pid_of("writer") and read_page(self)["state"] == 1, "it serves")

    def reload_nginx(self):
        """Takes up what was changed in run/nginx/; returns when the former workers are gone."""
        before = set(self.children("nginx"))
        os.kill(self.pid_of("nginx"), signal.SIGHUP)
        await_that(lambda: not before & set(self.children("nginx")), "nginx's new workers")

    # ---- asking ----

    def request(self, method, path, body=None, headers=None, timeout=20):
        """(status, headers, body) of one request on a connection of its own; status 0: no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, {}, b""
        finally:
            connection.close()

    def get(self, path, headers=None, timeout=20):
        return self.request("GET", path, None, headers, timeout)

    def post_json(self, path, body, timeout=20):
        return self.request("POST", path, body, {"Content-Type": "application/json"}, timeout)

    # ---- the database, read-only ----

    def query(self, sql, parameters=()):
        database = sqlite3.connect(f"file:{self.data}/latchkey.db?mode=ro", uri=True, timeout=20)
        try:
            return database.execute(sql, parameters).fetchall()
        finally:
            database.close()

    def count(self, table):
        return self.query(f"SELECT count(*) FROM {table}")[0][0]

    def wal_bytes(self):
        try:
            return os.stat(f"{self.data}/latchkey.db-wal").st_size
        except FileNotFoundError:
            return 0

    # ---- filling ----

    def seed(self, out, **plan):
        """latchkey-seed with the given plan; the files of requests are in folder `out`."""
        out = pathlib.Path(out)
        out.mkdir(exist_ok=True)
        arguments = [self.bin / "latchkey-seed", "--data", self.data, "--out", out,
                     "--issuer", self.url]
        for name, value in plan.items():
            arguments += [f"--{name}", str(value)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed("latchkey-seed: " + done.stderr)
        return out
