"""Fills a database with millions of rows through latchkey-seed, a part at a time, and says how long it will take."""

import shutil
import sys
import time

from .instance import Failed

PART = 100_000
LINES = 100_000          # tokens kept for the clients, evenly from all of them
# In the file: 900 with its device code, its token and a tenth of a live code, and room to grow.
BYTES_PER_SESSION = 1200


def _every(path, step):
    with open(path, encoding="ascii") as file:
        return [line for number, line in enumerate(file) if number % step == 0]


class Progress:
    """One line on a terminal, otherwise a line every 10 s."""

    def __init__(self, what, total):
        self._what, self._total = what, total
        self._began = time.monotonic()
        self._next = self._began

    def show(self, done):
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        if not terminal and now < self._next and done < self._total:
            return
        self._next = now + 10
        rate = done / max(now - self._began, 1e-3)
        left = (self._total - done) / max(rate, 1e-3)
        print(("\r\033[K" if terminal else "")
              + f"{self._what}: {done:,} of {self._total:,}, {rate:,.0f}/s, "
              + (f"about {left / 60:.0f} min left" if left >= 90 else f"about {left:.0f} s left"),
              end="\n" if not terminal or done == self._total else "", file=sys.stderr, flush=True)


def check_room(folder, sessions):
    needed = sessions * BYTES_PER_SESSION
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise Failed(f"{sessions:,} sessions take about {needed / 1e9:.0f} GB, and {folder} has "
                     f"{free / 1e9:.0f}: set TMPDIR to a larger one")


def _parts(total):
    return [min(PART, total - begun) for begun in range(0, total, PART)]


def fill(instance, seeded, sessions, live_codes):
    """Into the organizations of `seeded`, a folder of latchkey-seed's; its tokens.txt then has some of all sessions.
    Live codes come last: they live for an hour, and sessions may take longer."""
    check_room(instance.folder, sessions)
    former = {"organizations-from": seeded / "organizations.txt"}
    part_folder = instance.folder / "part"
    step = max(1, sessions // LINES)
    kept = []
    for what, total in (("sessions", sessions), ("live device codes", live_codes)):
        progress, done = Progress(what, total), 0
        for number in _parts(total):
            plan = ({"tokens": number, "pending": 0} if what == "sessions"
                    else {"tokens": 0, "pending": number})
            instance.seed(part_folder, **plan, **former)
            if what == "sessions":
                kept += _every(part_folder / "tokens.txt", step)
            done += number
            progress.show(done)
    shutil.rmtree(part_folder, ignore_errors=True)
    if kept:
        (seeded / "tokens.txt").write_text("".join(kept), encoding="ascii")
