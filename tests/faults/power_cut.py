#!/usr/bin/python3
"""The power goes at every fsync of a recorded run: the database opens and holds all that anybody was told.

The writer's writes and fsyncs are recorded while devices sign in, from the first byte of a new database on, with a
kill and a restart of the writer in between. Afterwards the files are rebuilt as the cut at each fsync leaves them:
once without anything that was not durable, once with a part of it, torn by sectors. SQLite opens each, finds it
whole, and every step that was acknowledged before the cut is in it. Besides, no answer left the writer while a byte of
the WAL was not durable."""

import os
import pathlib
import signal
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure.instance import NO_LIMITS, Failed, Instance, await_that  # noqa: E402
from measure.preload import POOR_DISK, preload  # noqa: E402
from prove import proof  # noqa: E402
from prove.journeys import KINDS, Devices, Journey, Ledger, Person, Told  # noqa: E402
from prove.power_cut import ANSWERS, LIE, LOG, SYNC, Disk, read_log  # noqa: E402
from prove.rows import Rows  # noqa: E402

# Checkpoints often, so that many cuts fall into one.
FREQUENT = {"checkpoint_passive_frames": 20, "checkpoint_restart_frames": 60}
DEVICES = 6
# The name of a check that each way to break the promise must break.
BREAKS = {"lying-fsync": "holds every acknowledged step",
          "lying-fsync-answers": "no answer left before",
          "forged-line": "holds every acknowledged step"}


def record(options, ledger):
    """Events of a run in which `ledger` was written."""
    instance = Instance(options.bin, {**NO_LIMITS, **FREQUENT}, own_binaries=True)
    log = instance.folder / "disk.log"
    variables = {"disk_log": log}
    if options.broken and options.broken.startswith("lying"):
        variables["lying_fsync"] = 1
    preload(instance, "latchkey-writer", POOR_DISK, variables)
    pause = 0.2 if options.short else 3
    with instance:
        person = Person(instance)
        with Devices(instance, ledger, DEVICES, person):
            time.sleep(pause)
            before = instance.pid_of("writer")
            os.kill(before, signal.SIGKILL)
            await_that(lambda: instance.pid_of("writer") not in (0, before), "a new writer")
            time.sleep(pause)
            instance.restart_writer()
            time.sleep(pause)
        return read_log(log)


def state_after_cut(folder):
    """(problem or None, Rows or None)"""
    log = folder / "latchkey.db-wal"
    if not (folder / "latchkey.db").exists() or (folder / "latchkey.db").stat().st_size == 0:
        return ("a WAL without a database" if log.exists() and log.stat().st_size else None), None
    database = sqlite3.connect(folder / "latchkey.db", isolation_level=None)
    try:
        if database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
            return None, None
        whole = database.execute("PRAGMA integrity_check").fetchone()[0]
        return (None if whole == "ok" else whole), Rows(database)
    except sqlite3.DatabaseError as error:
        return str(error), None
    finally:
        database.close()


class Cuts:
    """All cuts of one run."""

    def __init__(self, folder, lines):
        self._folder = folder
        self._lines = lines  # in the order of their times
        self.count = self.opened = 0
        self.damaged, self.lost = [], []

    def make(self, disk, micros):
        told = [line for line in self._lines if line.at * 1e6 < micros]
        for chance in (0, 0.5):
            disk.cut(self._folder, chance)
            problem, rows = state_after_cut(self._folder)
            self.count += 1
            if problem:
                self.damaged.append(f"at {micros}: {problem}")
            if rows is None:
                self.lost += told
                continue
            self.opened += 1
            self.lost += rows.lost(told)


def replay(events, cuts):
    """Makes a cut before each fsync takes effect, and one at the end. The number of answers that left too early."""
    disk, early, answers = Disk(), 0, 0
    for event in events:
        if event.kind in (SYNC, LIE):
            cuts.make(disk, event.micros)
        if event.kind == ANSWERS and event.offset > 0:
            answers += event.offset
            early += disk.unsynced(LOG) > 0
        disk.take(event)
    cuts.make(disk, events[-1].micros + 1)
    return early, answers


def forge(ledger):
    """A line for a step that nobody made."""
    never = Journey({"device_code": "A" * 64, "user_code": "AAAA-AAAA"})
    ledger.lines.append(Told("code", never, ledger.lines[0].at, never.code_id))


def run(check, options):
    ledger = Ledger()
    events = record(options, ledger)
    if options.broken == "forged-line":
        forge(ledger)
    if not events:
        raise Failed("the writer ran without " + POOR_DISK)
    check.note(f"told: {ledger.numbers()}; {len(events):,} events on the disk")
    check.check(not ledger.wrong and all(ledger.count(kind) for kind in KINDS),
                f"every step was told, none wrongly ({len(ledger.wrong)} wrong: {ledger.wrong[:3]})")
    with tempfile.TemporaryDirectory(prefix="latchkey-cut-") as folder:
        cuts = Cuts(pathlib.Path(folder), sorted(ledger.lines, key=lambda line: line.at))
        early, answers = replay(events, cuts)
    check.check(early == 0 and answers > 0,
                f"no answer left before what it says was durable ({answers:,} answers, {early} frames too early)")
    check.check(not cuts.damaged, f"the database is whole after each of {cuts.count:,} cuts, "
                f"{cuts.opened:,} of them with a schema ({len(cuts.damaged)} not: {cuts.damaged[:2]})")
    check.check(not cuts.lost, f"each holds every acknowledged step ({len(cuts.lost)} lost in all)")


if __name__ == "__main__":
    proof.main(__doc__, run, breaks=BREAKS)
