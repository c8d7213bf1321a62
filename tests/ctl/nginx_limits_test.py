"""Nothing that nginx answers is without its limits, and nothing that they refuse fills its logs (docs/security.md)."""

import re
import socket
import time
from pathlib import Path

import pytest
from harness import StoppedServer, await_that
from nginx_flood import REFUSED_EARLY, flooded, locations, paths, pipelined, request, unlimited
from run_nginx_test import outward_address

LONGEST_LINE = 520
SOURCES = Path(__file__).parents[2] / "nginx"


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with StoppedServer(workers=1, trusted_proxies="127.0.0.1", requests_per_second_per_address=1) as started:
        yield started.start()


def configuration(server):
    return "\n".join(path.read_text() for path in sorted((server.data / "run/nginx").glob("*.conf"))
                     if path.name != "plain_locations.conf")


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def test_every_location_is_under_the_limit_of_requests(server):
    text = configuration(server)
    assert {"/oauth/token", "/nothing", "/o/nothing", "/metrics", "/.latchkey/preflight", "/o"} <= set(paths(text))
    answers = flooded(lambda: connect(server), text)
    assert not unlimited(answers)
    # Once each, however often nginx redirects a request on its way: one, and a burst of two.
    assert not [name for name, statuses in answers.items() if 429 in statuses[:3]]
    # What nginx answers by itself is among them.
    others = {status for statuses in answers.values() for status in statuses}
    assert {204, 308, 403, 404} <= others, others


@pytest.mark.parametrize("number, method, path", [
    (1, "GET", "/nothing"), (2, "GET", "/Activate"), (3, "OPTIONS", "/o/acme/oauth/token"), (4, "GET", "/metrics"),
    (5, "GET", "/.latchkey/page")])
def test_networks_and_sites_of_ipv6_have_their_limit_there_too(server, number, method, path):
    network = [f"2001:db8:{number}:1::{i:x}" for i in range(1, 41)]
    site = [f"2001:db8:{number}0:{i:x}::1" for i in range(1, 81)]
    for addresses in (network, site):
        with connect(server) as connection:
            many = b"".join(request(method, path, address) for address in addresses)
            statuses = pipelined(connection, many, 1, answers=len(addresses))[1]
        assert 429 in statuses and statuses[0] != 429, statuses
    assert pipelined(connect(server), request(method, path, f"2001:db8:{number}1::1"), 1)[1] != [429]


@pytest.mark.parametrize("number, path, host", [
    (1, "/o/" + "a" * 3000 + "/oauth/token", "127.0.0.1"), (2, "/o/" + "a" * 64 + "/oauth/token", "127.0.0.1"),
    (3, "/oauth/token", "a" * 300), (4, "/o/acme/oauth/token", "a." * 3000), (5, "/o/" + "a" * 60 + "/activate", "a" * 253)],
    ids=lambda value: str(value)[:9])
def test_no_name_is_too_long_for_the_limits(server, number, path, host):
    """A key beyond 255 bytes is counted nowhere, and a line in the log for each request."""
    many = b"".join(request("GET", path, f"198.19.7.{number}", host) for _ in range(2))
    assert 429 not in pipelined(connect(server), many, 1, answers=2)[1]
    assert "more than 255 bytes" not in server.nginx_errors()


@pytest.mark.parametrize("name", REFUSED_EARLY)
def test_what_nginx_refuses_while_it_reads_it_is_under_it_too(server, name):
    address = f"198.19.0.{list(REFUSED_EARLY).index(name) + 1}"
    one = REFUSED_EARLY[name] % f"X-Forwarded-For: {address}\r\n".encode()
    seen = set()
    for _ in range(40):
        with connect(server) as connection:
            seen |= set(pipelined(connection, one, 1)[1])
    assert 429 in seen and len(seen) == 2, seen


@pytest.mark.parametrize("path, cors", [("/api/nothing", True), ("/oauth/token", True), ("/auth/device/verify", False)])
def test_a_refusal_looks_like_the_address_it_was_asked_at(server, path, cors):
    address = f"198.19.1.{len(path)}"
    answers, statuses = pipelined(connect(server), request("GET", path, address, more="Accept: text/html\r\n"), 20)
    assert statuses[-1] == 429
    last = answers[answers.rindex(b"HTTP/1.1 "):]
    assert b"Content-Type: application/json" in last and b"Retry-After: 1" in last and b"TOO_MANY_REQUESTS" in last
    assert (b"Access-Control-Allow-Origin: *" in last) == cors


def test_nothing_but_a_named_location_answers_by_text_or_redirect():
    """`return` comes before the limits; an error without a text passes them on its way to its page."""
    for path in SOURCES.rglob("*.conf"):
        for block in re.split(r"(?m)^(?=\s*location )", path.read_text()):
            for status, body in re.findall(r"\breturn (\d+)([^;]*);", block):
                assert re.match(r"\s*location @", block) or (int(status) >= 400 and not body.strip()), (path, block)


# ---- the logs ----

def lines_of(server, address):
    return [line for line in (server.data / "log/access.log").read_text().splitlines() if f" {address} " in line]


def settle(server):
    """The buffered log of the one worker has all that came before this."""
    mark = f"/settled-{time.monotonic_ns()}"
    server.get(mark)
    await_that(lambda: mark in (server.data / "log/access.log").read_text(), "the line of the last request")


def test_of_what_a_limit_refuses_one_in_a_thousand_is_logged(server):
    address, times = "198.19.2.1", 20000
    for path in ("/nothing", "/oauth/token"):
        _, statuses = pipelined(connect(server), request("GET", path, address), times)
        assert len(statuses) == times and statuses.count(429) > times / 2
    settle(server)
    lines = lines_of(server, address)
    drawn = [line for line in lines if line.endswith(" one_of=1000")]
    assert 1 <= len(drawn) <= 200, len(drawn)  # 40 are expected
    assert all('" 429 ' in line for line in drawn)
    assert not any('" 429 ' in line for line in lines if line not in drawn)
    assert len(lines) - len(drawn) < 100  # those that passed
    assert "limiting requests" not in server.nginx_errors()


def test_what_strangers_make_nginx_say_is_not_in_the_log_of_the_processes(server):
    """2 KB a line: 64 MB, which are all the history there is, were gone in minutes."""
    before, addresses = len(server.log()), [f"198.19.4.{number}" for number in range(1, 6)]
    for address in addresses:
        head = request("POST", "/oauth/token?" + "a" * 1000, address, more="Transfer-Encoding: chunked\r\n")
        assert pipelined(connect(server), head + b"4100\r\n" + b"x" * 0x4100 + b"\r\n0\r\n\r\n", 1)[1] == [413]
    await_that(lambda: all(f"client: {address}," in server.nginx_errors() for address in addresses), "nginx's lines")
    assert "198.19.4." not in server.log()[before:]


def test_what_passes_is_logged_line_by_line(server):
    for number in range(3):
        server.get(f"/plain-{number}")
    settle(server)
    text = (server.data / "log/access.log").read_text()
    assert all(f'GET "/plain-{number}" 404 host=127.0.0.1 ' in text for number in range(3))


@pytest.mark.parametrize("one", [
    b"GET /" + b"\xe4" * 7900 + b" HTTP/1.1\r\nHost: a\r\n", b"GET /" + b"%e4" * 2600 + b" HTTP/1.1\r\nHost: a\r\n",
    b"GET /" + b"\"" * 7900 + b" HTTP/1.1\r\nHost: a\r\n", b"GET /" + b"a" * 7900 + b" HTTP/1.1\r\nHost: a\r\n",
    b"GET /o/" + b"a/" * 3900 + b" HTTP/1.1\r\nHost: a\r\n", b"GET /activate" + b"/" * 7900 + b" HTTP/1.1\r\nHost: a\r\n",
    b"A" * 7900 + b" / HTTP/1.1\r\nHost: a\r\n", b"GET / HTTP/1.1\r\nHost: " + b"a" * 7900 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: " + b"\xe4" * 1900 + b"\r\n", b"GET http://" + b"b" * 7000 + b"/ HTTP/1.1\r\nHost: a\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: " + b"u" * 7900 + b"\r\nReferer: " + b"r" * 7900 + b"\r\n",
    b"GET /.latchkey/" + b"\xe4" * 7900 + b" HTTP/1.1\r\nHost: a\r\n"], ids=range(12))
def test_no_line_is_long_whatever_is_asked_for(server, one):
    with connect(server) as connection:
        answers, _ = pipelined(connection, one + b"Connection: close\r\n\r\n", 1)
    request_id = re.search(rb"(?i)x-request-id: (\w{32})", answers)
    settle(server)
    lines = (server.data / "log/access.log").read_text().splitlines()
    assert max(len(line) for line in lines) <= LONGEST_LINE
    if request_id:  # and it is still a line that `explain` reads
        story = server.latchkey("explain", request_id[1].decode()).stdout
        assert re.search(r"\d{4}-\d\d-\d\dT\S+  \w+ \S* from 127\.0\.0\.1 at ", story), story


def test_a_long_path_is_cut_where_the_line_shows_it(server):
    server.get("/" + "a" * 500 + "?user_code=ABCD")
    settle(server)
    assert f'"/{"a" * 199}..." 404 ' in (server.data / "log/access.log").read_text()


def test_heads_that_never_end_are_drawn_as_well():
    """No limit has seen them; the connections are bounded by nftables, the lines by this."""
    address = outward_address()
    if address is None:
        pytest.skip("this machine has loopback alone")
    with StoppedServer(workers=1, listen_address="0.0.0.0") as server:
        server.start()
        for _ in range(1000):
            with socket.create_connection((address, server.port), timeout=20) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\n")
        settle(server)
        assert len(lines_of(server, address)) < 50


def test_without_a_limit_of_requests_everything_is_logged():
    with StoppedServer(workers=1, trusted_proxies="127.0.0.1", requests_per_second_per_address=0) as server:
        server.start()
        pipelined(connect(server), request("GET", "/nothing", "198.19.3.1"), 300)
        settle(server)
        assert len(lines_of(server, "198.19.3.1")) == 300


def test_every_location_of_the_sources_is_found():
    assert ("=", "/oauth/token") in locations("location = /oauth/token { include api_location.conf; }")
    assert locations("location @named {\nlocation ~* \"^(/|a)$\" {") == [("~*", "^(/|a)$")]
