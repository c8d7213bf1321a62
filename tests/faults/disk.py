#!/usr/bin/python3
"""A disk in trouble while the server runs: fsync and write errors, read-only, no room and room again, slow.

Whatever it is: reads go on, a write is answered 503 in JSON with Retry-After and never acknowledged, and once it is over
the server is well by itself. The faults come from preload/poor_disk.cc, before the writer alone; a full disk is a tmpfs
of its own besides (as root). What a start does: disk_at_start.py."""

import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure import generator  # noqa: E402
from measure.instance import NO_LIMITS, Failed, Instance, await_that  # noqa: E402
from measure.own_server import process_is_there  # noqa: E402
from measure.preload import POOR_DISK, preload  # noqa: E402
from measure.slow_disk import slow_down  # noqa: E402
from measure.writer_page import read_page  # noqa: E402
from prove import proof  # noqa: E402
from prove.ledger import row_id  # noqa: E402
from prove.small_disk import SmallDisk  # noqa: E402

# So that a write that nobody answers is given up soon.
SETTINGS = {**NO_LIMITS, "record_deadline_ms": 1000, "heartbeat_old_ms": 500}
BACK_S = 15          # the supervisor's longest pause between two starts is 5 s
SLOW_FSYNC_MS = 100
DISK_FULL = 4        # state of the writer's page
BREAKS = {
    "fsync-error-unseen": "an fsync error: no write is acknowledged",
    "write-error-unseen": "a write error: no write is acknowledged",
    "full-disk-is-fatal": "the writer lives on",
    "disk-stays-full": "works again",
    "lost-row": "every acknowledged code is in the database",
    "disk-too-slow": "no request failed",
}


class Asker:
    """Asks for device codes and keeps what it was told."""

    def __init__(self, instance):
        self._instance = instance
        self.told = []
        seeded = instance.seed(instance.folder / "requests", organizations=1, users=1, tokens=1, pending=0)
        token = (seeded / "tokens.txt").read_text("ascii").split()[0]
        self._read_headers = {"Authorization": "Bearer " + token}
        self._body = (seeded / "code_bodies.txt").read_text("ascii").splitlines()[0]
        self.seeded = seeded

    def write(self):
        """The status."""
        status, headers, body = self._instance.post_json("/auth/device/code", self._body)
        if status == 200:
            self.told.append(row_id(json.loads(body)["device_code"]))
        self.is_right_refusal = (status == 503 and "Retry-After" in headers
                                 and json.loads(body).get("error_code") == "SERVICE_UNAVAILABLE")
        return status

    def reads(self):
        return self._instance.get("/api/user", self._read_headers)[0] == 200

    def lost(self):
        stored = {row[0] for row in self._instance.query("SELECT id FROM device_codes")}
        return set(self.told) - stored


def check_trouble(check, asker, what):
    """While it lasts."""
    statuses, refusals = [], []
    for _ in range(3):
        statuses.append(asker.write())
        refusals.append(asker.is_right_refusal)
    check.check(200 not in statuses, f"{what}: no write is acknowledged ({statuses})")
    check.check(all(refusals), f"{what}: each is 503 in JSON with Retry-After ({statuses})")
    check.check(all(asker.reads() for _ in range(5)), f"{what}: reads go on")


def check_recovery(check, asker, what):
    began = time.monotonic()
    with contextlib.suppress(Failed):
        await_that(lambda: asker.write() == 200, "a write", BACK_S)
    took = time.monotonic() - began
    check.check(asker.write() == 200 and asker.reads(), f"{what}: over, it works again by itself ({took:.1f} s)")


def restarts(instance):
    return instance.log_path.read_text("utf-8", "replace").count("started process=writer")


# ---- faults of the writer's calls ----

def faults(check, options):
    instance = Instance(options.bin, SETTINGS, own_binaries=True)
    fsync, write = instance.folder / "fsync-fails", instance.folder / "write-fails"
    variables = {"failing_fsync": fsync, "failing_write": write}
    if options.broken == "fsync-error-unseen":
        variables = {"lying_fsync": 1}
    if options.broken == "write-error-unseen":
        variables = {"failing_fsync": fsync}
    preload(instance, "latchkey-writer", POOR_DISK, variables)
    with instance:
        asker = Asker(instance)
        asker.write()
        for what, file, word in (("an fsync error", fsync, ""), ("a write error", write, "EIO"),
                                 ("a disk that turned read-only", write, "EROFS")):
            before = instance.pid_of("writer")
            file.write_text(word, "ascii")
            check_trouble(check, asker, what)
            check.check(not process_is_there(before),
                        f"{what}: the writer that met it is gone, what it holds is read from the disk again")
            file.unlink()
            check_recovery(check, asker, what)
        no_room(check, asker, instance, write)
        if options.broken == "lost-row":
            with sqlite3.connect(instance.data / "latchkey.db", timeout=20) as database:
                database.execute("DELETE FROM device_codes WHERE id = ?", (asker.told[0],))
        lost = asker.lost()
        check.check(asker.told and not lost,
                    f"every acknowledged code is in the database ({len(lost)} of {len(asker.told)} lost)")


def no_room(check, asker, instance, file):
    """As on a full disk; the real one is full_disk()."""
    before = instance.pid_of("writer")
    file.write_text("ENOSPC", "ascii")
    check_trouble(check, asker, "no room")
    check.check(process_is_there(before) and read_page(instance)["state"] == DISK_FULL,
                "no room: the writer lives on and says that the disk is full")
    file.unlink()
    check_recovery(check, asker, "no room")


def full_disk(check, options):
    what = "a full disk"
    instance = Instance(options.bin, SETTINGS)
    with SmallDisk(instance) as disk:
        instance.start()
        asker = Asker(instance)
        asker.write()
        before = instance.pid_of("writer")
        if options.broken == "full-disk-is-fatal":
            os.kill(before, signal.SIGKILL)
        with disk.full():
            with contextlib.suppress(Failed):
                await_that(lambda: asker.write() == 503, "no room", 20, 0)
            check_trouble(check, asker, what)
            check.check(process_is_there(before), f"{what}: the writer lives on")
            if options.broken == "disk-stays-full":
                check_recovery(check, asker, what)
        check_recovery(check, asker, what)
        check.check(not asker.lost(), f"{what}: every acknowledged code is in the database")


# ---- a slow disk ----

def slow_disk(check, options):
    millis = 2000 if options.broken else SLOW_FSYNC_MS
    with Instance(options.bin, SETTINGS if options.broken else NO_LIMITS, own_binaries=True) as instance:
        asker = Asker(instance)
        slow_down(instance, millis)
        report = generator.run_load(
            instance, [generator.device_code(asker.seeded, 50), generator.read_user(asker.seeded, 50)],
            connections=64, seconds=3 if options.short else 20)
        total = report["total"]
        check.check(total["failed"] == 0, f"an fsync of {millis} ms: no request failed of {total['answered']:,} "
                    f"({total['failures']})")
        commit = read_page(instance)["last_commit_micros"] / 1000
        check.check(commit >= millis, f"an fsync of {millis} ms: each commit waited for it ({commit:.0f} ms)")
        check.check(report["longest_ms"] < 20 * millis,
                    f"an fsync of {millis} ms: none waited longer than a few of them ({report['longest_ms']:.0f} ms)")


def run(check, options):
    parts = {
        "fsync-error-unseen": [faults], "write-error-unseen": [faults], "lost-row": [faults],
        "full-disk-is-fatal": [full_disk], "disk-stays-full": [full_disk], "disk-too-slow": [slow_disk],
    }.get(options.broken, [faults, full_disk, slow_disk])
    for part in parts:
        if part is full_disk and os.geteuid() != 0:
            check.note("skipped a full disk: mounting one takes root")
            continue
        part(check, options)


if __name__ == "__main__":
    proof.main(__doc__, run, breaks=BREAKS)
