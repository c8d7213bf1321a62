#!/usr/bin/python3
"""Kills the writer and the children under load and compares with what clients were told.

A ledger keeps every device_code that a client was given. Afterwards each of them must be in the database
exactly once and must be polled as pending. A killed child must not be seen by any client; a killed
writer costs waiting, no longer than it takes to be back."""

import pathlib
import random
import signal
import sys
import os
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure import generator  # noqa: E402
from measure.instance import NO_LIMITS, Instance, await_that  # noqa: E402
from prove import ledger, proof  # noqa: E402

CONNECTIONS = 64
STUCK_MS = 1000
PAUSE_S = (0.3, 1.3)  # between a service that is back and the next kill
# The supervisor starts a service again at once only where it had run for a second.
WRITER_RUN_S = 1.1


def kill_child(instance):
    victim = random.choice(instance.children("api"))
    before = len(instance.children("api"))
    os.kill(victim, signal.SIGKILL)
    await_that(lambda: victim not in instance.children("api")
               and len(instance.children("api")) >= before, "a child in the place of the killed one")


def kill_writer(instance):
    victim = instance.pid_of("writer")
    began = time.monotonic()
    os.kill(victim, signal.SIGKILL)
    await_that(lambda: instance.pid_of("writer") not in (0, victim), "a writer in the place of the killed one")
    time.sleep(max(0.0, WRITER_RUN_S - (time.monotonic() - began)))


def kill_under_load(instance, seeded, kill, times, told):
    """The generator's report over so many kills."""
    specs = [generator.device_code(seeded, 50, told), generator.read_user(seeded, 50)]
    with generator.Load(instance, specs, connections=CONNECTIONS, seconds=3600, warmup=0) as load:
        time.sleep(PAUSE_S[0])
        for _ in range(times):
            kill(instance)
            time.sleep(random.uniform(*PAUSE_S))
        return load.finish()


def report_on(check, what, times, report):
    total = report["total"]
    check.note(f"{what} killed {times} times under {total['requests_per_s']:,.0f} requests/s, "
               f"{total['answered']:,} right answers, longest {report['longest_ms']:.0f} ms")
    check.check(total["failed"] == 0,
                f"no request failed while {what} were killed ({total['failed']} {total['failures']})")
    check.check(report["longest_ms"] <= STUCK_MS,
                f"no connection was stuck over {STUCK_MS} ms ({report['longest_ms']:.0f} ms, "
                f"{report['over_one_second']} over it)")


def run(check, options):
    times = options.times or (3 if options.short else 50)
    with Instance(options.bin, NO_LIMITS) as instance:
        seeded = instance.seed(instance.folder / "requests", organizations=1, users=10,
                               tokens=1000, pending=0)
        before = instance.count("device_codes")
        told = instance.folder / "told.txt"
        acknowledged = 0
        for what, kill in (("children", kill_child), ("writers", kill_writer)):
            report = kill_under_load(instance, seeded, kill, times, told)
            report_on(check, what, times, report)
            acknowledged += report["kinds"]["code"]["answered"]
        ledger.check_told(check, instance, told, acknowledged, before, most_orphans=times * 2 * CONNECTIONS)


def add_arguments(parser):
    parser.add_argument("--times", type=int, help="kills of each kind (50, short 3)")


if __name__ == "__main__":
    proof.main(__doc__, run, add_arguments)
