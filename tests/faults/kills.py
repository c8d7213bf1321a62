#!/usr/bin/python3
"""Kills anything at any moment while devices sign in, and compares with what each of them was told.

The ledger of journeys (prove/journeys.py) holds every code, approval, redemption, refresh and revocation that was
acknowledged. Children, writers, parents and nginx get kill -9. Afterwards each line of the ledger is in the database
and nothing is there twice; what was revoked stays revoked, what was redeemed stays redeemed, and what was alive works.
Only a killed nginx is seen by clients, as a connection that ends; never as an error answer."""

import concurrent.futures
import json
import os
import pathlib
import random
import signal
import sqlite3
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure.instance import NO_LIMITS, Instance, await_that  # noqa: E402
from prove import proof  # noqa: E402
from prove.journeys import (  # noqa: E402
    DEVICE_GRANT, FORM, KINDS, Devices, Ledger, Person)
from prove.rows import Rows  # noqa: E402

DEVICES = 8
HELD_S = 0.05
PAUSE_S = (0.1, 0.6)  # between a service that is back and the next kill
SAMPLE = 150          # journeys of each kind that are asked for again, in the short form
NO_ANSWER = "no answer"
BREAKS = {
    "lost-row": "every acknowledged step is in the database",
    "revocation-undone": "what was revoked stays revoked",
    "redeemed-again": "what was redeemed stays redeemed",
    "no-second-try": "no client saw a killed child",
}


# ---- kills ----

def kill_child(instance):
    pool = random.choice(["api", "api", "api", "login"])
    children = instance.children(pool)
    victim = random.choice(children)
    os.kill(victim, signal.SIGSTOP)  # so that it dies with requests in its hands
    time.sleep(HELD_S)
    os.kill(victim, signal.SIGKILL)
    await_that(lambda: victim not in instance.children(pool)
               and len(instance.children(pool)) >= len(children), f"a child of {pool} in its place")


def _kill_service(instance, name):
    victim = instance.pid_of(name)
    os.kill(victim, signal.SIGKILL)
    await_that(lambda: instance.pid_of(name) not in (0, victim), f"{name} in the place of the killed one")


def kill_writer(instance):
    _kill_service(instance, "writer")


def kill_parent(instance):
    pool = random.choice(["api", "login"])
    count = len(instance.children(pool))
    _kill_service(instance, pool)
    await_that(lambda: len(instance.children(pool)) >= count, f"children of {pool}")


def kill_nginx(instance):
    if random.random() < 0.5:
        _kill_service(instance, "nginx")
    else:
        workers = instance.children("nginx")
        victim = random.choice(workers)
        os.kill(victim, signal.SIGKILL)
        await_that(lambda: len(set(instance.children("nginx")) - {victim}) >= len(workers), "a worker of nginx")
    await_that(lambda: instance.get("/healthz")[0] == 200, "an answer of nginx")


KILLS = {"child": kill_child, "writer": kill_writer, "parent": kill_parent, "nginx": kill_nginx}


def kill_all_kinds(instance, ledger, times):
    """{kind: {failure: times}} of what clients saw, while so many were killed in random order."""
    seen = {kind: {} for kind in KILLS}
    order = [kind for kind in KILLS for _ in range(times // len(KILLS))]
    random.shuffle(order)
    for kind in order:
        KILLS[kind](instance)
        time.sleep(random.uniform(*PAUSE_S))
        for what, count in ledger.take_failures().items():
            seen[kind][what] = seen[kind].get(what, 0) + count
    return seen


def judge_failures(check, seen):
    check.check(not seen["child"], f"no client saw a killed child ({seen['child']})")
    for kind in ("writer", "parent"):
        check.check(not seen[kind], f"no client saw a killed {kind} ({seen[kind]})")
    errors = {what: count for what, count in seen["nginx"].items() if NO_ANSWER not in what}
    check.check(not errors, f"a killed nginx is a connection that ends, never an error answer ({errors}; "
                f"{sum(seen['nginx'].values())} ended)")


# ---- afterwards ----

def break_rows(instance, ledger, how):
    """Behind the writer's back, now that all is quiet."""
    statement, kind = {
        "lost-row": ("DELETE FROM device_codes WHERE id = ?", "code"),
        "revocation-undone": ("UPDATE grants SET revoked_at = NULL WHERE id = (SELECT grant_id FROM access_tokens "
                              "WHERE id = ?)", "revocation"),
        "redeemed-again": ("UPDATE device_codes SET state = 1, redeemed_by_record = NULL, grant_id = NULL WHERE "
                           "grant_id = (SELECT grant_id FROM access_tokens WHERE id = ?)", "redemption"),
    }[how]
    with sqlite3.connect(instance.data / "latchkey.db", timeout=20) as database:
        for line in ledger.lines:
            if line.kind == kind:
                database.execute(statement, (line.row,))


def check_rows(check, instance, ledger, most_orphans):
    database = sqlite3.connect(f"file:{instance.data}/latchkey.db?mode=ro", uri=True, timeout=20)
    rows = Rows(database)
    lost = rows.lost(ledger.lines)
    kinds = sorted({line.kind for line in lost})
    check.check(not lost, f"every acknowledged step is in the database ({len(lost)} of {len(ledger.lines):,} lost "
                f"{kinds})")
    check.check(not rows.doubles(), f"nothing is there twice ({rows.doubles()})")
    # Its child died, and the next one answered: a grant whose tokens nobody has.
    check.check(rows.orphans() <= most_orphans, f"{rows.orphans()} grants that nobody was told of (redemptions sent "
                f"again; {most_orphans} at most)")
    integrity = database.execute("PRAGMA integrity_check").fetchone()[0]
    check.check(integrity == "ok", f"the database is whole (integrity_check: {integrity})")
    database.close()


class Questions:
    """What a device may still ask of the server, and whether the answer is right."""

    def __init__(self, instance, person):
        self._instance = instance
        self._client_id = person.client_id

    def _token(self, **form):
        status, _, body = self._instance.request(
            "POST", "/oauth/token", urllib.parse.urlencode({**form, "client_id": self._client_id}),
            {"Content-Type": FORM})
        return status, json.loads(body).get("error") if body else None

    def _redeem(self, journey):
        return self._token(grant_type=DEVICE_GRANT, device_code=journey.device_code)

    def lives(self, journey):
        return self._instance.get("/api/user", {"Authorization": "Bearer " + journey.access_token})[0] == 200

    def is_over(self, journey):
        """Neither the token nor its refresh is good any more."""
        return not self.lives(journey) and self._token(
            grant_type="refresh_token", refresh_token=journey.refresh_token) == (400, "invalid_grant")

    def is_used_up(self, journey):
        return self._redeem(journey) == (400, "invalid_grant")

    def is_pending(self, journey):
        return self._redeem(journey) == (400, "authorization_pending")

    def is_good_once(self, journey):
        return self._redeem(journey)[0] == 200 and self.is_used_up(journey)


def check_answers(check, instance, ledger, person, sample):
    questions = Questions(instance, person)
    sure = [journey for journey in ledger.journeys if not journey.unsure]
    groups = (  # the grant ends with a code that is sent again, so that comes last
        ("what is alive works", questions.lives,
         [j for j in sure if "redemption" in j.told and "revocation" not in j.told]),
        ("what was revoked stays revoked", questions.is_over, [j for j in sure if "revocation" in j.told]),
        ("what was redeemed stays redeemed", questions.is_used_up,
         [j for j in sure if "redemption" in j.told]),
        ("what nobody decided is pending", questions.is_pending, [j for j in sure if j.told == {"code"}]),
        ("what was approved is redeemed once", questions.is_good_once,
         [j for j in sure if j.told == {"code", "approval"}]))
    with concurrent.futures.ThreadPoolExecutor(DEVICES) as pool:
        for what, is_right, journeys in groups:
            asked = random.sample(journeys, min(sample, len(journeys)))
            wrong = sum(not right for right in pool.map(is_right, asked))
            check.check(asked and not wrong, f"{what} ({len(asked):,} asked, {wrong} wrong)")


def run(check, options):
    times = options.times or (16 if options.short else 200)
    ledger = Ledger()
    with Instance(options.bin, NO_LIMITS) as instance:
        person = Person(instance)
        if options.broken == "no-second-try":
            configuration = instance.run / "nginx/fastcgi.conf"
            configuration.write_text(configuration.read_text("utf-8").replace(
                "fastcgi_next_upstream error non_idempotent;", "fastcgi_next_upstream off;"), "utf-8")
            instance.reload_nginx()
        with Devices(instance, ledger, DEVICES, person):
            await_that(lambda: all(ledger.count(kind) for kind in KINDS), "a first step of each kind")
            ledger.take_failures()
            seen = kill_all_kinds(instance, ledger, times)
        check.note(f"{times} kills; told: {ledger.numbers()}")
        check.check(not ledger.wrong, f"no answer was wrong ({len(ledger.wrong)}: {ledger.wrong[:3]})")
        judge_failures(check, seen)
        if options.broken in ("lost-row", "revocation-undone", "redeemed-again"):
            break_rows(instance, ledger, options.broken)
        check_rows(check, instance, ledger, times * DEVICES)
        check_answers(check, instance, ledger, person, SAMPLE if options.short else len(ledger.journeys))


def add_arguments(parser):
    parser.add_argument("--times", type=int, help="kills in all (200, short 16)")


if __name__ == "__main__":
    proof.main(__doc__, run, add_arguments, BREAKS)
