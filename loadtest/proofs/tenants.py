#!/usr/bin/python3
"""2,000 tenants writing at once against one: time a row and WAL frames a row.

Device codes over HTTP, the rounds of both interleaved on one instance that makes no checkpoint, so that the
log's length counts its frames."""

import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from measure import generator, proof  # noqa: E402
from measure.instance import Instance  # noqa: E402

SETTINGS = {
    "device_codes_per_client_and_address": 0,
    "checkpoint_passive_frames": 1000000,  # none
    "checkpoint_restart_frames": 1000000,
    "wal_limit_mb": 4096,
}
FRAME_BYTES = 4096 + 24
# As good as with one tenant, but for noise.
MOST_TIME = 1.15
MOST_FRAMES = 1.15


def measure(instance, seeded, rows, connections):
    """(microseconds, frames) a row."""
    frames = instance.wal_bytes()
    report = generator.run_load(instance, [generator.device_code(seeded)], count=rows,
                                connections=connections)
    if report["total"]["failed"]:
        raise proof.Failed(f"failed requests: {report['total']['failures']}")
    frames = (instance.wal_bytes() - frames) / FRAME_BYTES
    return report["seconds"] * 1e6 / rows, frames / rows


def compare(check, instance, seeds, rows, rounds, connections, judge_time):
    taken = {tenants: [] for tenants in seeds}
    for _ in range(rounds):
        for tenants, seeded in seeds.items():
            taken[tenants].append(measure(instance, seeded, rows, connections))
    one, many = (
        [statistics.median(values) for values in zip(*taken[tenants])] for tenants in seeds)
    check.note(f"{connections} connections: 1 tenant {one[0]:.1f} µs and {one[1]:.2f} frames a row, "
               f"{max(seeds)} tenants {many[0]:.1f} µs and {many[1]:.2f} frames a row")
    check.check(many[1] <= MOST_FRAMES * one[1],
                f"{connections} connections: frames a row, {many[1] / one[1]:.2f} of one tenant's")
    if judge_time:
        check.check(many[0] <= MOST_TIME * one[0],
                    f"{connections} connections: time a row, {many[0] / one[0]:.2f} of one tenant's")
    else:
        check.note(f"time a row, {many[0] / one[0]:.2f} of one tenant's")


def run(check, options):
    tenants, rows, rounds = (200, 3000, 1) if options.short else (2000, 20000, 5)
    with Instance(options.bin, SETTINGS) as instance:
        seeds = {
            1: instance.seed(instance.folder / "one", prefix="one", organizations=1, tokens=0,
                             pending=0, users=0),
            tenants: instance.seed(instance.folder / "many", prefix="many", organizations=tenants,
                                   tokens=0, pending=0, users=0),
        }
        for connections in (64, 512):
            # On a machine that other tests share, time says nothing; frames do.
            compare(check, instance, seeds, rows, rounds, connections, not options.short)


if __name__ == "__main__":
    proof.main(__doc__, run)
