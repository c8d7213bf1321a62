#!/usr/bin/python3
"""The machine's clock is set forward and back under load: nothing fails, nothing comes back to life, nothing is lost.

nginx, workers and the writer read a clock that preload/poor_clock.cc sets wrong for all of them at once; what counts from
the boot goes on, as in the kernel. Forward by an hour and more: what was good for less is over, and new sign-ins work.
Back: what was told before the jump is there and good again, and what was issued in the meantime is good too."""

import pathlib
import re
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure.instance import NO_LIMITS, Instance, await_that  # noqa: E402
from measure.preload import POOR_CLOCK, has_library, preload  # noqa: E402
from measure.writer_page import read_page  # noqa: E402
from prove import proof  # noqa: E402
from prove.journeys import KINDS, Devices, Ledger, Person  # noqa: E402
from prove.rows import Rows  # noqa: E402

HOUR = 3600
OVER = re.compile(r"^\w+: (400|401) ")
DEVICES = 4
# Longer than expired rows are kept: they are swept, and the way back does not bring them again.
TOO_FAR = 60 * 24 * HOUR
BREAKS = {"jump-too-far": "is still there", "no-jump": "are over for the new clock"}


def set_clock(instance, seconds):
    path = instance.folder / "offset"
    fresh = path.with_suffix(".new")
    fresh.write_text(f"{seconds}\n", "ascii")
    fresh.rename(path)


def travel(instance, ledger, person, seconds):
    with Devices(instance, ledger, DEVICES, person):
        before = len(ledger.lines)
        deadline = time.monotonic() + seconds
        await_that(lambda: time.monotonic() > deadline and len(ledger.lines) > before + 20, "steps of the devices", 30)


def living(ledger):
    return [journey for journey in ledger.journeys
            if not journey.unsure and "redemption" in journey.told and "revocation" not in journey.told]


def works(instance, journey):
    return instance.get("/api/user", {"Authorization": "Bearer " + journey.access_token})[0] == 200


def check_all(check, instance, journeys, wanted, text):
    wrong = sum(works(instance, journey) != wanted for journey in journeys)
    check.check(journeys and not wrong, f"{text} ({len(journeys)} asked, {wrong} wrong)")


def start(options):
    """With the clock in the place of the system's in every program."""
    instance = Instance(options.bin, {**NO_LIMITS, "session_s": 30 * 24 * HOUR}, own_binaries=True)
    set_clock(instance, 0)
    preload(instance, "latchkey", POOR_CLOCK, {"clock_offset": instance.folder / "offset"})
    return instance


def run(check, options):
    seconds = 1 if options.short else 10
    forward = {"jump-too-far": TOO_FAR, "no-jump": 0}.get(options.broken, 2 * HOUR)
    ledger = Ledger()
    with start(options) as instance:
        names = ("writer", "api", "nginx")
        check.check(all(has_library(pid, POOR_CLOCK) for name in names
                        for pid in [instance.pid_of(name), *instance.children(name)]),
                    "writer, workers and nginx have the wrong clock")
        person = Person(instance)
        with Devices(instance, ledger, DEVICES, person):
            await_that(lambda: all(ledger.count(kind) for kind in KINDS) and len(living(ledger)) > 2 * DEVICES,
                       "a step of each kind, and grants that live")
        early = living(ledger)
        check_all(check, instance, early, True, "before the jump tokens work")
        writer = instance.pid_of("writer")
        with Devices(instance, ledger, DEVICES, person):  # the jump comes in the middle of their steps
            set_clock(instance, forward)
            time.sleep(seconds)
        over = [text for text in ledger.wrong if OVER.search(text)]
        check.check(over == ledger.wrong, "whoever was under way at the jump forward is told that a code or token is over "
                    f"({len(over)}), and nothing else ({[text for text in ledger.wrong if text not in over][:3]})")
        ledger.wrong = []
        check_all(check, instance, early, False, "tokens of an hour are over for the new clock")
        under_way = living(ledger)  # some of them since before the jump
        travel(instance, ledger, person, seconds)
        late = [journey for journey in living(ledger) if journey not in under_way][-20:]
        check_all(check, instance, late, True, "sign-ins after the jump forward work")
        with Devices(instance, ledger, DEVICES, person):
            set_clock(instance, -120)
            time.sleep(seconds)
        check_all(check, instance, early, True, "what was told before is still there and good after the jump back")
        check_all(check, instance, late, True, "what was issued meanwhile is good too")
        travel(instance, ledger, person, seconds)
        check.check(not ledger.wrong and not ledger.take_failures(),
                    f"no request failed at any jump ({len(ledger.wrong)}: {ledger.wrong[:3]})")
        check.check(instance.pid_of("writer") == writer and read_page(instance)["state"] == 1,
                    "the writer took no harm")
        database = sqlite3.connect(f"file:{instance.data}/latchkey.db?mode=ro", uri=True, timeout=20)
        lost = Rows(database).lost(ledger.lines)
        database.close()
        check.check(not lost, f"every acknowledged step is still there ({len(lost)} of {len(ledger.lines):,} lost)")
    check.note(f"told: {ledger.numbers()}")


if __name__ == "__main__":
    proof.main(__doc__, run, breaks=BREAKS)
