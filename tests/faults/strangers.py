#!/usr/bin/python3
"""Requests that nobody should send, 200,000 of them through nginx to the children: none of them dies, none answers 500.

prove/strangers.py makes them, the same ones for a seed. A number in a JSON body once killed three children of four,
which none of our fuzzers had come upon: they did not know what a number is."""

import concurrent.futures
import http.client
import json
import os
import pathlib
import signal
import socket
import sys
import threading
import time
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure.instance import NO_LIMITS, Failed, Instance, await_that  # noqa: E402
from prove import proof  # noqa: E402
from prove.strangers import Stranger  # noqa: E402

REQUESTS, REQUESTS_SHORT = 200_000, 2_500
CONNECTIONS = 8
ANSWER_LIMIT_S = 20   # longer than the server's own limits
SILENCE_S = 0.3       # of a request that nginx waits for the rest of
NO_ANSWER = 0
# What may be answered of the numbers from 500 on: 503 by us under load, the others by nginx of what HTTP does not know.
FINE = {501, 503, 505}
BREAKS = {"dead-child": "no child died"}


class Line:
    """One connection after the other; knows no more of HTTP than where an answer ends."""

    def __init__(self, port):
        self.port = port
        self.socket = None

    def ask(self, method, request, is_whole):
        """The status; NO_ANSWER if nginx wants more, or goes away without one. Only a whole request keeps its connection:
        of all else nobody knows where its answer ends."""
        if not is_whole:
            self.close()
        for _ in range(2):  # a kept connection may have ended in the meantime
            is_new = self.socket is None
            if is_new:
                self.socket = socket.create_connection(("127.0.0.1", self.port), ANSWER_LIMIT_S)
            try:
                self.socket.settimeout(ANSWER_LIMIT_S if is_whole else SILENCE_S)
                self.socket.sendall(request)
                return self.answer(method, is_whole)
            except (OSError, http.client.HTTPException):
                self.close()
                if is_new:
                    return NO_ANSWER
        return NO_ANSWER

    def answer(self, method, is_whole):
        answer = http.client.HTTPResponse(self.socket, method=method.upper())
        answer.begin()
        answer.read()
        if answer.will_close or not is_whole:
            self.close()
        return answer.status

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None


class Crowd:
    def __init__(self, instance, seed, first, count, names):
        self.instance = instance
        self.seed, self.names = seed, names
        self.numbers = iter(range(first, first + count))
        self.lock = threading.Lock()
        self.statuses = Counter()
        self.bad = []       # (number, status)
        self.sent = 0
        self.ended = False  # a child died: what comes after says nothing

    def take(self):
        with self.lock:
            return None if self.ended else next(self.numbers, None)

    def run_line(self):
        line = Line(self.instance.port)
        while (number := self.take()) is not None:
            status = line.ask(*Stranger(self.seed, number, self.names).request())
            with self.lock:
                self.statuses[status] += 1
                self.sent += 1
                if status >= 500 and status not in FINE:
                    self.bad.append((number, status))
        line.close()

    def run(self):
        started = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
            lines = [pool.submit(self.run_line) for _ in range(CONNECTIONS)]
            while not all(line.done() for line in lines):
                concurrent.futures.wait(lines, timeout=1)
                if deaths_of(self.instance):
                    self.ended = True
            for line in lines:
                line.result()
        return time.monotonic() - started


def deaths_of(instance):
    return [line for line in instance.log_path.read_text(errors="replace").splitlines() if " child_died " in line]


def names_of(instance):
    """What a request may name that exists."""
    demo = dict(line.split("=", 1) for line in (instance.data / "demo.env").read_text().split())
    status, _, body = instance.request("POST", "/oauth/device_authorization", f"client_id={demo['DEMO_CLIENT_ID']}",
                                       {"Content-Type": "application/x-www-form-urlencoded"})
    if status != 200:
        raise Failed(f"no device code: {status}")
    codes = json.loads(body)
    return {"client_id": [demo["DEMO_CLIENT_ID"], "nobody"], "client_secret": ["x"], "org": ["acme", "beta"],
            "device_code": [codes["device_code"]], "user_code": [codes["user_code"]], "scope": ["openid email", "x"],
            "email": [demo["DEMO_EMAIL"]], "access_token": ["a.b.c"], "decision": ["approve", "deny"]}


def run(check, options):
    count = options.requests or (REQUESTS_SHORT if options.short else REQUESTS)
    with Instance(options.bin, {**NO_LIMITS, "password_attempts_per_address": 1_000_000}) as instance:
        children = {pool: set(instance.children(pool)) for pool in ("api", "login")}
        crowd = Crowd(instance, options.seed, options.first, count, names_of(instance))
        if options.broken == "dead-child":
            os.kill(min(children["api"]), signal.SIGABRT)
            await_that(lambda: deaths_of(instance), "the parent notices")
        seconds = crowd.run()
        deaths = deaths_of(instance)
        check.note(f"seed {options.seed}, {crowd.sent} requests in {seconds:.0f} s; answers: " +
                   ", ".join(f"{number} × {status or 'none'}" for status, number in sorted(crowd.statuses.items())))
        check.check(not deaths, f"no child died: {len(deaths)} did" + "".join("\n        " + line for line in deaths[:5]))
        check.check(not crowd.bad, "no request is an error of the server: " + (", ".join(
            f"number {number} of this seed: {status}" for number, status in crowd.bad[:10]) or "none was"))
        same = {pool: set(instance.children(pool)) for pool in children}
        check.check(same == children or options.broken, "the same children serve as before")
        check.check(names_of(instance)["device_code"], "and serve well")


def add_arguments(parser):
    parser.add_argument("--requests", type=int, default=0, help=f"so many ({REQUESTS:,}; in the short form {REQUESTS_SHORT:,})")
    parser.add_argument("--seed", type=int, default=1, help="others for another number")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one")


if __name__ == "__main__":
    proof.main(__doc__, run, add_arguments, BREAKS)
