#!/usr/bin/python3
"""A request that kills the child which takes it up, twenty times a second, while devices sign in.

The bug is preloaded (preload/poison.cc). From one network it kills six children at most, and nobody else sees
anything of it. The long form does the same from 64 networks at once, and says what the others saw: no promise."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure.instance import NO_LIMITS, Instance, await_that  # noqa: E402
from measure.preload import POISON, preload  # noqa: E402
from prove import poisoner, proof  # noqa: E402
from prove.journeys import KINDS, Devices, Ledger, Person  # noqa: E402

RATE = 20
DEVICES = 6
MOST_DEATHS = 6
ONE_NETWORK = ["203.0.113.9"]
BREAKS = {"nobody-known": "children died"}


def start(options):
    instance = Instance(options.bin, {**NO_LIMITS, "trusted_proxies": "127.0.0.1"}, own_binaries=True)
    preload(instance, "latchkey-worker", POISON, {"poison": poisoner.MARKER})
    return instance


def forget_addresses_and_ids(instance):
    """As nginx would pass a request on that nobody can tell from another."""
    path = instance.run / "nginx/fastcgi.conf"
    lines = [line for line in path.read_text("utf-8").splitlines(True)
             if "REMOTE_ADDR" not in line and "REQUEST_ID" not in line]
    path.write_text("".join(lines), "utf-8")
    instance.reload_nginx()


def flood(options, addresses, seconds):
    """(poisoner, deaths, {failure: times} of the others, their ledger) of a server of its own."""
    ledger = Ledger()
    with start(options) as instance:
        person = Person(instance)
        if options.broken == "nobody-known":
            forget_addresses_and_ids(instance)
        with Devices(instance, ledger, DEVICES, person):
            await_that(lambda: all(ledger.count(kind) for kind in KINDS), "a first step of each kind")
            ledger.take_failures()
            with poisoner.Poisoner(instance, addresses, RATE) as poison:
                time.sleep(seconds)
            failures = ledger.take_failures()
        died = poisoner.deaths(instance.log_path.read_text("utf-8", "replace"))
    return poison, died, failures, ledger


def run(check, options):
    seconds = 6 if options.short else 30
    poison, died, failures, ledger = flood(options, ONE_NETWORK, seconds)
    check.note(f"{poison.sent()} poisons in {seconds} s: {dict(poison.answers)}; the others: {ledger.numbers()}")
    check.check(poison.sent() >= seconds * RATE / 2, f"the poisons were sent ({poison.sent()})")
    check.check(0 < len(died) <= MOST_DEATHS, f"{len(died)} children died ({MOST_DEATHS} at most)")
    check.check(not failures, f"nobody else got an error or no answer ({failures})")
    check.check(not ledger.wrong, f"no answer was wrong ({ledger.wrong[:3]})")
    if options.short:
        return
    networks = [f"203.0.113.{number}" for number in range(1, 33)]
    networks += [f"2001:db8:0:{number:x}::1" for number in range(1, 33)]
    poison, died, failures, ledger = flood(options, networks, seconds)
    steps = len(ledger.lines)
    check.note(f"from {len(networks)} networks: {len(died)} children died of {poison.sent()} poisons in {seconds} s; "
               f"of the others' {steps:,} steps {sum(failures.values())} were asked again ({failures})")
    check.check(not ledger.wrong, f"no answer was wrong ({ledger.wrong[:3]})")


if __name__ == "__main__":
    proof.main(__doc__, run, breaks=BREAKS)
