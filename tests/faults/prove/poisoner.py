"""Requests that kill whoever takes them up (preload/poison.cc), sent at a steady rate from networks of one's choice."""

import collections
import re
import threading
import time
import urllib.parse

FORM = "application/x-www-form-urlencoded"
MARKER = "poison"
REFUSED = (500, 503)


def send(instance, address, client_id=MARKER):
    """The status of one; the address counts where nginx trusts 127.0.0.1."""
    return instance.request("POST", "/oauth/device_authorization", urllib.parse.urlencode({"client_id": client_id}),
                            {"Content-Type": FORM, "X-Forwarded-For": address})[0]


def deaths(log_text):
    """Children that died, by the lines of their parents."""
    return re.findall(r"child_died child=(\S+)", log_text)


class Poisoner:
    """Use as a context manager: `rate` a second, from the addresses in turn, each waiting for no other's answer."""

    def __init__(self, instance, addresses, rate):
        self._instance, self._addresses, self._pause = instance, addresses, 1 / rate
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.answers = collections.Counter()  # by status; 0: none

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join()

    def sent(self):
        return sum(self.answers.values())

    def _send(self, address):
        status = send(self._instance, address)
        with self._lock:
            self.answers[status] += 1

    def _run(self):
        started, number, senders = time.monotonic(), 0, []
        while not self._stopping.wait(max(0, started + number * self._pause - time.monotonic())):
            sender = threading.Thread(target=self._send, args=(self._addresses[number % len(self._addresses)],))
            sender.start()
            senders.append(sender)
            number += 1
        for sender in senders:
            sender.join()
