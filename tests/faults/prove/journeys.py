"""Devices that go the whole way, and a ledger of what each of them was told.

A journey: a device code, its approval by the demo's user, the redemption, refreshes, the end of the grant; some
stop on the way. Each step that was acknowledged goes into the ledger with the time at which the answer was there. A
step whose answer was lost is asked for again, as a client would, and counts as told only once it was answered."""

import base64
import http.client
import json
import random
import re
import threading
import time
import urllib.parse
import uuid

from measure.own_server import Failed

from .ledger import row_id

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
FORM = "application/x-www-form-urlencoded"
KINDS = ("code", "approval", "redemption", "refresh", "revocation")
GIVE_UP_S = 30  # a step that is not answered for so long
PAUSE_S = 0.05  # before a step is asked for again


def jti_id(access_token):
    """The row id of an access token: its jti."""
    return _decode(json.loads(_decode(access_token.split(".")[1]))["jti"])


def _decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Told:
    """One line of the ledger: a step of KINDS, and when its answer was there (time.monotonic())."""

    def __init__(self, kind, journey, at, row, parent=None):
        self.kind, self.journey, self.at = kind, journey, at
        self.row = row        # the id of what the step made or ended: a code, an access token, a refresh token
        self.parent = parent  # of a refresh: the id of the token before it


class Journey:
    """What a device knows."""

    def __init__(self, code):
        self.device_code = code["device_code"]
        self.user_code = code["user_code"]
        self.code_id = row_id(self.device_code)
        self.access_token = self.refresh_token = None
        self.told = set()           # kinds
        self.unsure = False         # of its last step: the answer was lost and will not come


class Ledger:
    """Shared by all devices."""

    def __init__(self):
        self._lock = threading.Lock()
        self.lines = []
        self.journeys = []
        self.wrong = []      # what must never be answered
        self._failures = {}  # what went wrong and was asked for again: {what: times}

    def tell(self, kind, journey, row, parent=None):
        line = Told(kind, journey, time.monotonic(), row, parent)
        with self._lock:
            if kind == "code":
                self.journeys.append(journey)
            self.lines.append(line)
            journey.told.add(kind)

    def failed(self, what):
        with self._lock:
            self._failures[what] = self._failures.get(what, 0) + 1

    def take_failures(self):
        """Those since the last call."""
        with self._lock:
            taken, self._failures = self._failures, {}
        return taken

    def count(self, kind):
        return sum(line.kind == kind for line in self.lines)

    def numbers(self):
        return ", ".join(f"{self.count(kind):,} {kind}s" for kind in KINDS)


class Person:
    """The demo's user, signed in once: every device's approval uses that browser."""

    def __init__(self, instance):
        self._demo = dict(line.split("=", 1)
                          for line in (instance.data / "demo.env").read_text("utf-8").split())
        self.client_id = self._demo["DEMO_CLIENT_ID"]
        self.cookies = {}
        page = self._ask(instance, "GET", "/sign-in?org=acme")
        self.csrf = re.search(rb'name="csrf" value="([^"]*)"', page).group(1).decode()
        self._ask(instance, "POST", "/sign-in/password",
                  {"csrf": self.csrf, "org": "acme", "email": self._demo["DEMO_EMAIL"],
                   "password": self._demo["DEMO_PASSWORD"]})
        if not any(name.startswith("lk-") for name in self.cookies):
            raise Failed(f"the demo's user cannot sign in: {self.cookies}")
        page = self._ask(instance, "GET", "/activate")
        self.csrf = re.search(rb'name="csrf" value="([^"]*)"', page).group(1).decode()

    def cookie_header(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _ask(self, instance, method, path, form=None):
        status, headers, body = instance.request(
            method, path, urllib.parse.urlencode(form) if form else None,
            {"Cookie": self.cookie_header(), **({"Content-Type": FORM} if form else {})})
        for cookie in headers.get_all("Set-Cookie", []) if status else []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return body


class Device(threading.Thread):
    """Starts one journey after the other until stop() of its Devices."""

    def __init__(self, instance, person, ledger, stopping):
        super().__init__(daemon=True)
        self._port = instance.port
        self._person, self._ledger, self._stopping = person, ledger, stopping
        self._connection = None

    def run(self):
        while not self._stopping.is_set():
            self._travel()

    # ---- asking ----

    def _once(self, method, path, form, headers):
        """(status, body); status 0: no answer."""
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
            body = None if form is None else urllib.parse.urlencode(form)
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read(), answer.headers
        except (OSError, http.client.HTTPException):
            self._connection = None
            return 0, b"", {}

    def _ask(self, what, form, path="/oauth/token", **headers):
        """(status, JSON or headers, whether an answer was lost before). None where nobody answers any more."""
        if form is not None:
            headers["Content-Type"] = FORM
        deadline = time.monotonic() + GIVE_UP_S
        lost = False
        while time.monotonic() < deadline:
            status, body, answered = self._once("POST", path, form, headers)
            if status not in (0, 429) and status < 500:
                return status, body, answered, lost
            lost = lost or status in (0, 503)
            self._ledger.failed(f"{what}: {status or 'no answer'}")
            time.sleep(PAUSE_S)
        self._ledger.wrong.append(f"{what}: not answered for {GIVE_UP_S} s")
        return 0, b"", {}, True

    def _is_right(self, what, status, body, wanted):
        if status != wanted and status != 0:
            self._ledger.wrong.append(f"{what}: {status} {body[:200]}")
        return status == wanted

    # ---- the steps ----

    def _travel(self):
        status, body, _, _ = self._ask("code", {"client_id": self._person.client_id},
                                       "/oauth/device_authorization")
        if not self._is_right("code", status, body, 200):
            return
        journey = Journey(json.loads(body))
        self._ledger.tell("code", journey, journey.code_id)
        if random.random() < 0.3 or not self._approve(journey) or random.random() < 0.1:
            return
        if not self._redeem(journey):
            return
        for _ in range(random.randrange(3)):
            if not self._refresh(journey):
                return
        if random.random() < 0.5:
            self._revoke(journey)

    def _approve(self, journey):
        form = {"csrf": self._person.csrf, "org": "acme", "device": str(uuid.UUID(bytes=journey.code_id)),
                "user_code": journey.user_code, "decision": "approve"}
        status, body, headers, _ = self._ask("approval", form, "/activate/confirm",
                                             Cookie=self._person.cookie_header())
        if not self._is_right("approval", status, body, 303):
            return False
        if "status=approved" not in headers["Location"]:
            self._ledger.wrong.append(f"approval: sent to {headers['Location']}")
            return False
        self._ledger.tell("approval", journey, journey.code_id)
        return True

    def _redeem(self, journey):
        status, body, _, lost = self._ask(
            "redemption", {"grant_type": DEVICE_GRANT, "device_code": journey.device_code,
                           "client_id": self._person.client_id})
        if status == 400 and lost:  # its first try was redeemed, and nobody was told
            journey.unsure = True
            return False
        if not self._is_right("redemption", status, body, 200):
            return False
        self._keep(journey, body)
        self._ledger.tell("redemption", journey, jti_id(journey.access_token))
        return True

    def _refresh(self, journey):
        parent = row_id(journey.refresh_token)
        status, body, _, _ = self._ask(
            "refresh", {"grant_type": "refresh_token", "refresh_token": journey.refresh_token,
                        "client_id": self._person.client_id})
        if not self._is_right("refresh", status, body, 200):
            return False
        self._keep(journey, body)
        self._ledger.tell("refresh", journey, row_id(journey.refresh_token), parent)
        return True

    def _revoke(self, journey):
        status, body, _, lost = self._ask("revocation", None, "/api/auth/logout",
                                          Authorization="Bearer " + journey.access_token)
        if status == 401 and lost:  # over already: its first try did it
            status = 204
        journey.unsure = status != 204
        if self._is_right("revocation", status, body, 204):
            self._ledger.tell("revocation", journey, jti_id(journey.access_token))

    @staticmethod
    def _keep(journey, body):
        tokens = json.loads(body)
        journey.access_token, journey.refresh_token = tokens["access_token"], tokens["refresh_token"]


class Devices:
    """Use as a context manager: so many devices travel in it."""

    def __init__(self, instance, ledger, count, person=None):
        self._stopping = threading.Event()
        person = person or Person(instance)
        self._devices = [Device(instance, person, ledger, self._stopping) for _ in range(count)]

    def __enter__(self):
        for device in self._devices:
            device.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        for device in self._devices:
            device.join()
