#!/usr/bin/python3
"""Restarts the writer, reloads the pool with a new binary and nginx, and rotates keys, all under load: no request
fails."""

import os
import pathlib
import shutil
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure import generator  # noqa: E402
from measure.instance import NO_LIMITS, Failed, Instance, await_that  # noqa: E402
from prove import ledger, proof  # noqa: E402

CONNECTIONS = 64
STUCK_MS = 1000
RELOAD_LIMIT_S = 40  # a draining child waits 15 s for nginx to let go of its connections
BETWEEN_S = 1.2


def restart_writer(instance):
    instance.restart_writer()
    time.sleep(BETWEEN_S)


def replace_worker_binary(instance):
    """A copy in the place of the old file, as a package's upgrade does it: another inode."""
    path = instance.bin / "latchkey-worker"
    fresh = path.with_suffix(".new")
    shutil.copy2(path, fresh)
    os.replace(fresh, path)
    return path.stat().st_ino


def inode_of(pid):
    try:
        return os.stat(f"/proc/{pid}/exe").st_ino
    except OSError:
        return None


def reload_pool(instance):
    inode = replace_worker_binary(instance)
    old = set(instance.children("api"))
    os.kill(instance.pid_of("api"), signal.SIGHUP)

    def is_new():
        now = instance.children("api")
        return len(now) == len(old) and not old & set(now) and {inode_of(p) for p in now} == {inode}

    await_that(is_new, "children of the new binary alone", RELOAD_LIMIT_S)


def reload_nginx(instance):
    old = set(instance.children("nginx"))
    os.kill(instance.pid_of("nginx"), signal.SIGHUP)
    await_that(lambda: (now := set(instance.children("nginx"))) and not old & now, "workers of nginx that are new",
               RELOAD_LIMIT_S)


def rotate_keys(instance):
    done = instance.command("keys", "rotate", "--now")
    if done.returncode != 0:
        raise Failed(done.stderr)
    time.sleep(BETWEEN_S)


def under_load(check, instance, seeded, told, what, change, times, sends_again=False):
    """The number of device codes that were acknowledged meanwhile. nginx's own reload closes connections: there, what
    was on its way is sent again (sends_again); everywhere else it would have failed."""
    specs = [generator.device_code(seeded, 50, told), generator.read_user(seeded, 50)]
    with generator.Load(instance, specs, connections=CONNECTIONS, seconds=3600, warmup=0,
                        sends_again=sends_again) as load:
        time.sleep(0.3)
        for _ in range(times):
            change(instance)
        report = load.finish()
    total = report["total"]
    check.note(f"{what}, {times} times under {total['requests_per_s']:,.0f} requests/s: "
               f"longest {report['longest_ms']:.0f} ms, p99 {total['p99_ms']:.1f} ms"
               + (f"; {report['sent_again']} sent again, for nginx had closed the connection" if sends_again else ""))
    check.check(total["failed"] == 0, f"{what}: no request failed of {total['answered']:,} "
                f"({total['failed']} {total['failures']})")
    check.check(report["longest_ms"] <= STUCK_MS,
                f"{what}: no connection was stuck over {STUCK_MS} ms ({report['longest_ms']:.0f} ms)")
    return report["kinds"]["code"]["answered"]


def run(check, options):
    writer_times, reload_times, other_times = (2, 1, 1) if options.short else (20, 5, 10)
    with Instance(options.bin, NO_LIMITS, own_binaries=True) as instance:
        seeded = instance.seed(instance.folder / "requests", organizations=1, users=10,
                               tokens=1000, pending=0)
        before = instance.count("device_codes")
        told = instance.folder / "told.txt"
        acknowledged = under_load(check, instance, seeded, told, "restart of the writer",
                                  restart_writer, writer_times)
        acknowledged += under_load(check, instance, seeded, told, "reload of the pool",
                                   reload_pool, reload_times)
        acknowledged += under_load(check, instance, seeded, told, "reload of nginx", reload_nginx, other_times,
                                   sends_again=True)
        acknowledged += under_load(check, instance, seeded, told, "rotation of keys", rotate_keys, other_times)
        ledger.check_told(check, instance, told, acknowledged, before,
                          most_orphans=(writer_times + reload_times + other_times) * CONNECTIONS)


if __name__ == "__main__":
    proof.main(__doc__, run)
