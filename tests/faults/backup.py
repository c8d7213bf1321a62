#!/usr/bin/python3
"""A backup under full load, and the server put back from it: everything that was told before it began is there.

The long form fills the database to some hundred megabytes first, and says what the backup costs the requests."""

import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure import filling, generator  # noqa: E402
from measure.instance import NO_LIMITS, Instance  # noqa: E402
from prove import ledger, proof  # noqa: E402

SHORT_MB_PER_S = 4  # so that a small database takes a while, on a fast machine less than a command may
CONNECTIONS = 64
SESSIONS = 400_000
BEFORE_S = 20
BEFORE_SHORT_S = 3
MOST_POLLS = 2000


def specs(seeded, told):
    return [generator.device_code(seeded, 30, told), generator.read_user(seeded, 70)]


def command(check, instance, what, *words):
    """What `latchkey --json` printed, as an object."""
    done = instance.command("--json", *words)
    check.check(done.returncode == 0, f"{what} ({done.stderr.strip() or 'exit code 0'})")
    return json.loads(done.stdout or "{}")


def told_in(path):
    return {ledger.row_id(code) for code in path.read_text(encoding="ascii").split()}


def words_of(report):
    total = report["total"]
    return (f"{total['requests_per_s']:,.0f} requests/s, p50 {total['p50_ms']:.1f} ms, "
            f"p99 {total['p99_ms']:.1f} ms, longest {report['longest_ms']:.0f} ms")


def load_for(instance, seeded, told, seconds):
    return generator.run_load(instance, specs(seeded, told), connections=CONNECTIONS, seconds=seconds, warmup=0)


def back_up_under_load(check, instance, seeded, told, path):
    """The load's report; the backup lies at `path`."""
    with generator.Load(instance, specs(seeded, told), connections=CONNECTIONS, seconds=3600, warmup=0) as load:
        time.sleep(0.3)
        began = time.monotonic()
        made = command(check, instance, "the backup is made under load", "backup", str(path))
        took = time.monotonic() - began
        report = load.finish()
    check.note(f"{made.get('bytes', 0) / 1e6:,.0f} MB in {took:.1f} s, checked: {words_of(report)}")
    total = report["total"]
    check.check(total["failed"] == 0,
                f"no request failed meanwhile of {total['answered']:,} ({total['failed']} {total['failures']})")
    return report


def check_restored(check, instance, seeded, before, after):
    stored = {row[0] for row in instance.query("SELECT id FROM device_codes")}
    lost = told_in(before) - stored
    check.check(not lost, f"all {len(told_in(before)):,} codes told before the backup are there ({len(lost)} lost)")
    check.check(not told_in(after) & stored, f"none of the {len(told_in(after)):,} told after it is")
    polls = before.with_name("polls.txt")
    polled = before.read_text(encoding="ascii").split()[:MOST_POLLS]  # each once: the second time it is too soon
    ledger.write_polls(polled, polls)
    for what, spec, count in (("told codes poll as pending", generator.pending_poll(polls), len(polled)),
                              ("tokens made before the backup are good", generator.read_user(seeded), 500)):
        total = generator.run_load(instance, [spec], count=count, check_every=1)["total"]
        check.check(total["failed"] == 0, f"{what} ({total['answered']:,} do, {total['failed']} not)")
    integrity = instance.query("PRAGMA integrity_check")[0][0]
    check.check(integrity == "ok", f"the database is whole (integrity_check: {integrity})")


def run(check, options):
    settings = {**NO_LIMITS, **({"backup_mb_per_s": SHORT_MB_PER_S} if options.short else {})}
    with Instance(options.bin, settings) as instance:
        seeded = instance.seed(instance.folder / "requests", organizations=1, users=10, tokens=1000, pending=0)
        if not options.short:
            filling.fill(instance, seeded, SESSIONS, live_codes=1000)
        before, meanwhile, after = (instance.folder / f"told-{when}.txt" for when in ("before", "meanwhile", "after"))
        first = load_for(instance, seeded, before, BEFORE_SHORT_S if options.short else BEFORE_S)
        check.note(f"without a backup: {words_of(first)}")
        backup = instance.folder / "backup.db"
        back_up_under_load(check, instance, seeded, meanwhile, backup)
        load_for(instance, seeded, after, 1)
        instance.stop()
        restored = command(check, instance, "it is restored into the stopped server", "restore", str(backup))
        former = pathlib.Path(restored.get("former", ""))
        check.check(former.is_file(), f"the former database is kept ({former.name})")
        instance.start()
        check_restored(check, instance, seeded, before, after)


if __name__ == "__main__":
    proof.main(__doc__, run)
