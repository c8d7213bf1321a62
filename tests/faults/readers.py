#!/usr/bin/python3
"""Readers under another uid than the writer's, in every state of the WAL.

As root alone: the reader is a process of its own with another uid and the group of the data's owner, as
where the pools have a user of their own. It opens the database read-only and counts."""

import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure import generator  # noqa: E402
from measure.instance import Instance, await_that  # noqa: E402
from measure.writer_page import read_page  # noqa: E402
from prove import proof  # noqa: E402
from prove.gate import Gate  # noqa: E402

SETTINGS = {"device_codes_per_client_and_address": 0, "live_device_codes_per_client": 0, "live_device_codes": 0}
READER_UID = 65534
READER = """
import sqlite3, sys
database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, timeout=0.05)
print(database.execute("SELECT count(*) FROM device_codes").fetchone()[0])
"""
ROWS = 20000
# What SQLite says to a reader that may not write while the WAL has to be recovered by a writer.
NOT_NOW = ("unable to open database file", "readonly database", "locked")


def read_as_another(instance):
    """(number of rows, None) or (None, SQLite's words)."""
    done = subprocess.run(
        ["/usr/bin/python3", "-c", READER, f"{instance.data}/latchkey.db"], capture_output=True,
        text=True, check=False, cwd="/", user=READER_UID, group=os.stat(instance.data).st_gid,
        extra_groups=[])
    if done.returncode == 0:
        return int(done.stdout), None
    return None, done.stderr.strip().splitlines()[-1]


def expect_rows(check, instance, when, rows):
    found, words = read_as_another(instance)
    check.check(found == rows, f"{when}: the reader finds {rows:,} rows ({found if words is None else words})")


def after_a_crash(check, instance, rows):
    """No writer is there to recover the WAL: the newest rows, or a clear "not now"; then all is well."""
    with Gate(instance, "latchkey-writer"):
        os.kill(instance.pid_of("writer"), signal.SIGKILL)
        found, words = read_as_another(instance)
        right = found == rows or (words is not None and any(text in words for text in NOT_NOW))
        check.check(right, "after a crash, without a writer: the newest rows or \"not now\" "
                    f"({found if words is None else words})")
    await_that(lambda: read_as_another(instance)[0] == rows, "reading once the writer is back", 10)
    expect_rows(check, instance, "after a crash, with the next writer", rows)


def run(check, options):
    if os.geteuid() != 0:
        check.note("needs root, to start a reader under another uid: nothing was proved")
        return
    with Instance(options.bin, SETTINGS, own_binaries=True) as instance:
        seeded = instance.seed(instance.folder / "requests", organizations=1, users=0, tokens=0,
                               pending=0)
        instance.folder.chmod(0o711)
        instance.data.chmod(0o710)

        def write(count):
            report = generator.run_load(instance, [generator.device_code(seeded)], count=count)
            check.check(report["total"]["failed"] == 0, f"{count:,} rows written")

        write(1)
        expect_rows(check, instance, "one commit in the WAL", 1)
        before = read_page(instance)["checkpoints"]
        write(ROWS)
        made = read_page(instance)["checkpoints"] - before
        check.check(made > 0 and instance.wal_bytes() < 64 * 2**20,
                    f"{made} checkpoints, and the WAL began anew")
        expect_rows(check, instance, "after RESTART", ROWS + 1)
        after_a_crash(check, instance, ROWS + 1)
        instance.stop()
        expect_rows(check, instance, "after a clean stop", ROWS + 1)


if __name__ == "__main__":
    proof.main(__doc__, run)
