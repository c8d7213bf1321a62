#!/usr/bin/python3
"""2,000 tenants writing at once against one: time a row and WAL frames a row.

Device codes over HTTP, both in turn on one instance with grown tables that makes no checkpoint, so that
the WAL's length counts its frames."""

import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure import generator  # noqa: E402
from measure.instance import Failed, Instance  # noqa: E402
from measure.writer_page import read_page  # noqa: E402
from prove import proof  # noqa: E402

SETTINGS = {
    "device_codes_per_client_and_address": 0,
    "live_device_codes_per_client": 0,
    "live_device_codes": 0,
    "checkpoint_passive_frames": 1000000,  # none
    "checkpoint_restart_frames": 1000000,
    "wal_limit_mb": 4096,
}
FRAME_BYTES = 4096 + 24
# As good as with one tenant, but for noise. The short form takes few batches, whose sizes differ; keys that begin
# with the organization would cost ten times the frames.
MOST_TIME = 1.15
MOST_FRAMES = 1.15
MOST_FRAMES_SHORT = 1.5


def measure(instance, seeded, rows, connections):
    """(microseconds a row, frames a row, rows a batch)."""
    page, frames = read_page(instance), instance.wal_bytes()
    report = generator.run_load(instance, [generator.device_code(seeded)], count=rows,
                                connections=connections)
    if report["total"]["failed"]:
        raise Failed(f"failed requests: {report['total']['failures']}")
    frames = (instance.wal_bytes() - frames) / FRAME_BYTES
    batches = read_page(instance)["batches"] - page["batches"]
    return report["seconds"] * 1e6 / rows, frames / rows, rows / batches


def compare(check, instance, seeds, options, connections):
    """Means over pairs in the order one, many, many, one: what grows with the tables cancels out."""
    rows, pairs = (3000, 2) if options.short else (10000, 6)
    taken = {tenants: [] for tenants in seeds}
    for pair in range(pairs):
        for tenants in sorted(seeds, reverse=pair % 2 == 1):
            taken[tenants].append(measure(instance, seeds[tenants], rows, connections))
    means = {tenants: [statistics.mean(column) for column in zip(*values)]
             for tenants, values in taken.items()}
    for tenants, (micros, frames, batch) in means.items():
        check.note(f"{connections} connections, {tenants} tenants: {micros:.1f} µs and {frames:.2f} "
                   f"frames a row, {batch:.1f} rows a batch")
    one, many = means[min(seeds)], means[max(seeds)]
    what = f"{connections} connections, many tenants against one"
    most_frames = MOST_FRAMES_SHORT if options.short else MOST_FRAMES
    check.check(many[1] <= most_frames * one[1], f"{what}: frames a row × {many[1] / one[1]:.2f}")
    # Where other tests run beside it, time says nothing; frames do.
    check.check(options.short or many[0] <= MOST_TIME * one[0],
                f"{what}: time a row × {many[0] / one[0]:.2f}" + (" (not judged)" * options.short))


def run(check, options):
    tenants, grown = (200, 10000) if options.short else (2000, 50000)
    with Instance(options.bin, SETTINGS) as instance:
        seeds = {
            1: instance.seed(instance.folder / "one", prefix="one", organizations=1, tokens=0,
                             pending=grown, users=0),
            tenants: instance.seed(instance.folder / "many", prefix="many", organizations=tenants,
                                   tokens=0, pending=0, users=0),
        }
        for connections in (64, 512):
            compare(check, instance, seeds, options, connections)


if __name__ == "__main__":
    proof.main(__doc__, run)
