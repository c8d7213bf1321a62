"""A flood of sign-ins from one network waits for itself: everybody else's password is next. Who comes from where is
played by trusted_proxies; nginx's limits are off, so that all of it reaches the login pool."""

import re
import threading

import pytest
import requests
from harness import Server

FLOOD = 40  # requests of the flooding network that are under way at any time
CHILDREN = 2


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(trusted_proxies="127.0.0.1", login_children=CHILDREN, max_clients_per_address=0,
                requests_per_second_per_address=0, passwords_per_second_per_address=0, passwords_per_second_per_site=0,
                password_attempts_per_address=1000000,
                password_attempts_per_account=1000) as server:
        yield server


class Person:
    """A browser at an address, with the sign-in page open."""

    def __init__(self, server, address):
        self.server = server
        self.session = requests.Session()
        self.session.headers["X-Forwarded-For"] = address
        page = self.session.get(server.url + "/sign-in?org=acme", timeout=20)
        self.csrf = re.search(r'name="csrf" value="([^"]+)"', page.text).group(1)

    def sign_in(self, email, password, address=None):
        headers = {"X-Forwarded-For": address} if address else {}
        return self.session.post(self.server.url + "/sign-in/password", timeout=60, allow_redirects=False, headers=headers,
                                 data={"csrf": self.csrf, "org": "acme", "email": email, "password": password})


class Flood:
    """Wrong passwords, as many at a time as FLOOD says, each one's next as soon as it was answered."""

    def __init__(self, server, address_of):
        self.answers = []
        self.ended = threading.Event()
        people = [Person(server, address_of(i)) for i in range(FLOOD)]
        self.threads = [threading.Thread(target=self.run, args=(person, i)) for i, person in enumerate(people)]

    def run(self, person, number):
        while not self.ended.is_set():
            self.answers.append(person.sign_in(f"nobody{number}@acme.example", "wrong password").status_code)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize("address_of", [lambda i: f"2001:db8:9:{i:x}::1", lambda i: "203.0.113.5"],
                         ids=["the /64s of a /48", "an IPv4 address"])
def test_a_flood_from_one_network_holds_up_nobody_else(server, address_of):
    others = [Person(server, address) for address in ("198.51.100.7", "2001:db8:a::1", "198.51.100.8")]
    with Flood(server, address_of) as flood:
        while len(flood.answers) < FLOOD:  # all of them are under way
            flood.ended.wait(0.01)
        for _ in range(3):
            for person in others:
                before = len(flood.answers)
                answer = person.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"])
                meanwhile = len(flood.answers) - before
                assert answer.status_code == 303, answer.text
                # Each child ends the hash that it is at, and may take in what came before in the same turn.
                assert meanwhile <= FLOOD / 2, "it waited for its own turn, not for those that were there before it"
    assert set(flood.answers) <= {400, 503}, "wrong, or no room"


def test_the_excess_of_a_network_is_refused_immediately(server):
    """More than may wait: the newest of that network get 503, another's sign-in goes through."""
    people = [Person(server, "203.0.113.6") for _ in range(CHILDREN * 64 + 60)]
    answers = []
    threads = [threading.Thread(target=lambda person=person, i=i: answers.append(
        person.sign_in(f"nobody{i}@acme.example", "wrong password"))) for i, person in enumerate(people)]
    other = Person(server, "198.51.100.9")
    for thread in threads:
        thread.start()
    right = other.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"])
    for thread in threads:
        thread.join()
    assert right.status_code == 303
    refused = [answer for answer in answers if answer.status_code == 503]
    assert all(answer.status_code in (400, 503) for answer in answers)
    for answer in refused:
        assert answer.headers["Retry-After"] and "<h1>" in answer.text
    metrics = server.get("/metrics").text
    counted = sum(int(float(line.rsplit(" ", 1)[1])) for line in metrics.splitlines() if 'no_room_for_network' in line and not line.startswith("#"))
    assert counted >= len(refused)
