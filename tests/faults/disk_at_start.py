#!/usr/bin/python3
"""A start on a disk that cannot be used: read-only, or with a damaged database. It refuses and says what to do.

Nothing is made anew over what is there, and once the disk or the copy is back the start works."""

import os
import pathlib
import shutil
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure.instance import Instance, await_that  # noqa: E402
from measure.own_server import processes_on  # noqa: E402
from prove import proof  # noqa: E402
from prove.small_disk import SmallDisk  # noqa: E402

BREAKS = {"damage-unseen": "refuses to start", "disk-writable": "refuses and says so"}


def read_only_at_start(check, options):
    instance = Instance(options.bin)
    with SmallDisk(instance) as disk:
        instance.start()
        instance.stop()
        disk.set_read_only(options.broken is None)
        done = instance.command("run", "--background")
        instance.command("stop")
        check.check(done.returncode != 0 and "ead-only file system" in done.stdout + done.stderr,
                    f"a read-only disk at start: refuses and says so ({(done.stdout + done.stderr).strip()[-100:]})")
        disk.set_read_only(False)
        starts_again(check, instance, "a disk writable again")


def overwrite(path, offset, data):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


# Of a database after a clean stop: its WAL is empty, all is in the file.
DAMAGES = {
    "another file in its place": lambda db: db.write_bytes(b"x" * 10000),
    "its first page overwritten": lambda db: overwrite(db, 0, bytes(4096)),
    "its schema overwritten": lambda db: overwrite(db, 100, b"\xff" * 3000),
    "cut to half": lambda db: os.truncate(db, db.stat().st_size // 2 // 4096 * 4096),
    "cut to nothing": lambda db: os.truncate(db, 0),
}
# Of one whose log holds what the file does not.
DAMAGES_BESIDE_A_LOG = {
    "cut to nothing beside its WAL": lambda db: os.truncate(db, 0),
    "gone, its WAL still there": lambda db: db.unlink(),
}


def copy_data(instance, kept):
    """Back to what it was, sockets apart: the next start makes them."""
    shutil.rmtree(instance.data)
    shutil.copytree(kept, instance.data, symlinks=True, ignore=shutil.ignore_patterns("run"))


def starts_again(check, instance, what):
    try:
        instance.start()
        check.check(instance.get("/readyz")[0] == 200, f"{what}: starts, and is ready")
    finally:
        instance.stop()


def damaged_at_start(check, options):
    instance = Instance(options.bin)
    try:
        for damages, stop in ((DAMAGES, instance.stop), (DAMAGES_BESIDE_A_LOG, lambda: kill_all(instance))):
            instance.start()
            stop()
            kept = instance.folder / f"kept-{len(damages)}"
            shutil.copytree(instance.data, kept, ignore=shutil.ignore_patterns("run"))
            for what, damage in damages.items():
                copy_data(instance, kept)
                if options.broken != "damage-unseen":
                    damage(instance.data / "latchkey.db")
                judge_damage(check, instance, what)
            copy_data(instance, kept)
            starts_again(check, instance, "the copy put back")
    finally:
        instance.stop()
        instance.remove_folder()


def kill_all(instance):
    """So that the WAL is not emptied, as a stop would: the writer before it can, and no other in its place."""
    os.kill(instance.pid_of("run"), signal.SIGSTOP)
    os.kill(instance.pid_of("writer"), signal.SIGKILL)
    os.kill(instance.pid_of("run"), signal.SIGKILL)
    instance.process.wait()
    await_that(lambda: not processes_on(instance.data), "the end of all processes", 30)


def judge_damage(check, instance, what):
    began = time.monotonic()
    done = instance.command("run", "--background")
    took = time.monotonic() - began
    instance.command("stop")
    log = instance.data / "log/latchkey.log"
    words = done.stdout + done.stderr + (log.read_text("utf-8", "replace") if log.exists() else "")
    fatal = next((line for line in words.splitlines() if " FATAL writer " in line), "")
    check.check(done.returncode != 0 and took < 20, f"a database {what}: refuses to start ({took:.1f} s)")
    check.check("backup" in fatal, f"a database {what}: says what to do ({fatal[-220:]})")


def run(check, options):
    if os.geteuid() != 0:
        check.note("skipped a read-only disk: mounting one takes root")
    elif options.broken != "damage-unseen":
        read_only_at_start(check, options)
    if options.broken != "disk-writable":
        damaged_at_start(check, options)


if __name__ == "__main__":
    proof.main(__doc__, run, breaks=BREAKS)
