"""What nginx itself answers, and what it lets through: docs/api.md "Errors", CORS, Host, limits."""

import re
import socket

import pytest
from harness import StoppedServer, assert_json, await_that
from nginx_flood import pipelined
from route_table import ROOT, paths

API_PATHS = [
    ("POST", "/auth/device/code"), ("POST", "/auth/token"),
    ("POST", "/oauth/device_authorization"), ("POST", "/oauth/token"),
    ("POST", "/api/auth/refresh"), ("POST", "/api/auth/logout"), ("GET", "/api/user"),
    ("GET", "/api/subscription"), ("GET", "/.well-known/jwks.json"),
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/.well-known/oauth-authorization-server"),
]
PAGE_PATHS = ["/", "/activate", "/activate/confirm", "/activate/result", "/sign-in", "/set-password",
              "/forgot-password", "/assets/latchkey.css"]


@pytest.fixture(scope="module")
def server():
    with StoppedServer() as started:
        yield started.start()


def assert_contract(body, error_code):
    assert body["error"] and body["error_description"]
    assert body["error_code"] == error_code
    assert body["timestamp"][10] == "T" and body["timestamp"].startswith("2")


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/auth/nothing", "/oauth/nothing",
                                  "/.well-known/nothing", "/.latchkey/json", "/healthz/x"])
def test_unknown_addresses_are_404_in_json(server, path):
    answer = server.get(path)
    assert answer.status_code == 404
    assert_contract(assert_json(answer), "NOT_FOUND")
    assert len(answer.headers["X-Request-Id"]) == 32


def test_a_browser_gets_a_page_instead(server):
    answer = server.get("/nothing", headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert b"Nothing is served at this address." in answer.content


@pytest.mark.parametrize("path", ["/auth/device/verify", "/o/acme/auth/device/verify"])
def test_what_counts_guesses_against_an_address_is_not_for_pages_of_other_sites(server, path):
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    preflight = server.request("OPTIONS", path, headers=headers)
    assert preflight.status_code == 405 and "Access-Control-Allow-Origin" not in preflight.headers
    large = server.request("POST", path, headers=headers, data="x" * 20000)  # nginx itself answers
    assert large.status_code == 413 and "Access-Control-Allow-Origin" not in large.headers
    assert assert_json(large)["error_code"] == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize("method,path", API_PATHS)
def test_the_api_answers_preflights_and_allows_any_origin(server, method, path):
    preflight = server.request("OPTIONS", path, headers={
        "Origin": "https://app.example", "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type"})
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert method in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert preflight.headers["Access-Control-Max-Age"] == "86400"
    assert "Access-Control-Allow-Credentials" not in preflight.headers

    answer = server.request(method, path, headers={"Origin": "https://app.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "WWW-Authenticate" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Max-Age" not in answer.headers


def test_errors_of_nginx_on_the_api_allow_any_origin_too(server):
    for answer in (server.get("/api/nothing"),
                   server.request("POST", "/auth/token", data=b"x" * 20000)):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", PAGE_PATHS)
def test_pages_allow_no_other_origin(server, path):
    for method in ("GET", "OPTIONS"):
        answer = server.request(method, path, headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in answer.headers


# Who asks for what: java.net.HttpURLConnection by itself, Chrome, curl.
ACCEPTS = ["text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
           "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "*/*"]
PROGRAMS = ["/oauth/token", "/auth/token", "/api/nothing", "/o/acme/oauth/token", "/o/acme/nothing",
            "/.well-known/jwks.json", "/healthz"]
PEOPLE = [path for path in paths("people") if path != "/assets/latchkey.css"]


def assert_kind(answer, path):
    """JSON where programs ask, a page where people do: (status, head or headers, body)."""
    status, head, body = answer
    is_page = path in PEOPLE
    assert ("Content-Type: text/html" if is_page else "Content-Type: application/json") in head, head
    assert (b"<h1>" in body) if is_page else (b'"error_code":' in body and b'"timestamp":' in body)
    assert "X-Content-Type-Options: nosniff" in head and "Content-Security-Policy: default-src 'none'" in head
    return status


def ask(server, method, path, accept, *, host="Host: 127.0.0.1", version="1.1", more=""):
    lines = [f"{method} {path} HTTP/{version}", host, f"Accept: {accept}", "Connection: close", more]
    return server.raw(("\r\n".join(line for line in lines if line) + "\r\n\r\n").encode())


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("path", PROGRAMS + PEOPLE)
def test_the_address_decides_what_an_error_looks_like(server, path, accept):
    def status(method="GET", asked=path, **options):
        return assert_kind(ask(server, method, asked, accept, **options), path)

    assert status("POST", more="Content-Length: 20000") == 413
    assert status(more="X-Long: " + "A" * 20000) == 431
    assert status(host="") == 400
    assert status("TRACE") == 405
    assert status("POST", more="Transfer-Encoding: foo") == 501
    assert ask(server, "GET", path, accept, version="7.0")[0] == 505  # told before nginx has read the address
    assert status("PUT", host="Host: other.example") in (404, 405, 421)
    if path not in ("/", "/healthz"):
        assert status(asked=path + "?x=" + "A" * 20000) == 414
    if path != "/healthz":
        assert status("PUT") in (404, 405)


def test_a_long_address_of_nobody_is_414(server):
    answer = server.get("/nothing?x=" + "A" * 20000)
    assert answer.status_code == 414
    assert_contract(assert_json(answer), "INVALID_REQUEST")


@pytest.mark.parametrize("request_bytes,status", [
    (b"nonsense\r\n\r\n", 400),
    (b"GET /nothing HTTP/1.1\r\n\r\n", 400),
    (b"GET /nothing HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    (b"POST /auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n", 400),
    (b"GET /%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
    (b"GET /%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
    (b"GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
    (b"GET /nothing HTTP/7.0\r\nHost: 127.0.0.1\r\n\r\n", 505),
    (b"TRACE /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 405),
    (b"POST /auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: foo\r\n"
     b"Connection: close\r\n\r\n", 501),
])
def test_malformed_requests_get_a_body_of_the_contract(server, request_bytes, status):
    got, head, body = server.raw(request_bytes)
    assert got == status, head
    assert "Content-Type: application/json" in head
    assert b'"error_code":' in body and b'"timestamp":' in body


def test_a_chunked_body_arrives(server):
    body = b"client_id=acme-cli"
    got, _, answer = server.raw(
        b"POST /oauth/device_authorization HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
    assert got == 200
    assert b"device_code" in answer


def test_a_wrong_method_is_the_apps_to_answer(server):
    answer = server.get("/auth/token")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert_contract(assert_json(answer), "METHOD_NOT_ALLOWED")


def test_an_unknown_host_is_421_and_named(server):
    answer = server.get("/api/user", headers={"Host": "Other.Example:9"})
    assert answer.status_code == 421
    assert "other.example" in assert_json(answer)["error_description"]
    assert_contract(assert_json(answer), "MISDIRECTED_REQUEST")
    page = server.get("/", headers={"Host": "other.example", "Accept": "text/html"})
    assert b"other.example" in page.content


def test_a_hostile_host_is_not_repeated(server):
    got, _, body = server.raw(b'GET / HTTP/1.1\r\nHost: <script>"x\r\nAccept: text/html\r\n'
                              b"Connection: close\r\n\r\n")
    assert got in (400, 421)
    assert b"<script>" not in body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST:1234"])
def test_the_names_of_this_machine_are_registered(server, host):
    assert server.request("GET", "/activate", headers={"Host": host}).status_code in (200, 303)


def test_probes_answer_to_any_host(server):
    for path in ("/healthz", "/readyz"):
        assert server.get(path, headers={"Host": "10.0.0.7"}).status_code == 200


def test_ipv6_loopback_answers_where_there_is_one(server):
    try:
        socket.create_connection(("::1", server.port), timeout=5).close()
    except OSError:
        pytest.skip("no IPv6 here")
    assert server.get("/healthz", host="[::1]").status_code == 200


def test_the_client_cannot_smuggle_parameters(server):
    """No header but the listed ones reaches a child; Proxy, above all, does not."""
    answer = server.get("/healthz", headers={"Proxy": "http://evil.example", "Request-Id": "mine",
                                             "Remote-Addr": "6.6.6.6"})
    assert answer.status_code == 200
    assert answer.headers["X-Request-Id"] != "mine"


def test_clients_beyond_the_limit_get_503_with_retry_after():
    with StoppedServer(max_clients=16) as server:
        server.start()
        head = (b"POST /auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n"
                b"Content-Type: application/json\r\n\r\n12345")
        held = []
        [answer] = await_that(lambda: hold_one_more(server, head, held) and refused(server), "the limit")
        assert answer.headers["Retry-After"] == "1"
        assert_contract(assert_json(answer), "SERVICE_UNAVAILABLE")
        for connection in held:
            connection.close()
        await_that(lambda: server.get("/api/user").status_code == 401, "room again")


def hold_one_more(server, head, held):
    """One at each look: a look takes a place as well, and whoever comes at that moment is refused for it."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.sendall(head)
    held.append(connection)
    return True


def refused(server):
    """The refusal in a list, because an error's answer is false by itself."""
    answer = server.get("/api/user")
    return [answer] if answer.status_code == 503 else []


def outward_address():
    """An address of this machine that is not loopback; None where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        address = probe.getsockname()[0]
    return None if address.startswith("127.") else address


def test_a_flood_from_one_address_is_429_but_not_from_loopback():
    address = outward_address()
    if address is None:
        pytest.skip("this machine has loopback alone")
    with StoppedServer(listen_address="0.0.0.0", requests_per_second_per_address=1) as server:
        server.start()
        headers = {"Host": "127.0.0.1"}
        answers = [server.get("/api/user", headers=headers, host=address) for _ in range(12)]
        flooded = [answer for answer in answers if answer.status_code == 429]
        assert flooded
        assert_contract(flooded[0].json(), "TOO_MANY_REQUESTS")
        assert flooded[0].headers["Retry-After"] == "1"
        assert all(server.get("/api/user").status_code == 401 for _ in range(12))


@pytest.fixture(scope="module")
def behind_proxy():
    """The tests are the proxy: they say who the client is."""
    with StoppedServer(trusted_proxies="127.0.0.1", passwords_per_second_per_address=1,
                       passwords_per_second_per_site=4, max_clients_per_address=70) as started:
        yield started.start()


def statuses(server, path, addresses, method="POST"):
    return [server.request(method, path, headers={"X-Forwarded-For": address}).status_code for address in addresses]


def test_passwords_are_limited_by_address_and_by_ipv6_network(behind_proxy):
    path = "/sign-in/password"
    assert 429 not in statuses(behind_proxy, path, ["198.51.100.1"] * 8)
    assert statuses(behind_proxy, path, ["198.51.100.1"] * 8)[-1] == 429
    assert 429 not in statuses(behind_proxy, path, ["198.51.100.2"])
    # 64 addresses of one /64, written as nginx writes them, with zeros left out before and behind the cut.
    for network in ("2001:db8:1:2:3::", "2001:db8:1::"):
        assert 429 in statuses(behind_proxy, path, [f"{network}{i:x}" for i in range(1, 20)])
        assert 429 in statuses(behind_proxy, path, [f"{network}ffff"])
    # A site has its own: each of these is of a network of its own.
    assert 429 in statuses(behind_proxy, path, [f"2001:db8:1:{i:x}::1" for i in range(0x100, 0x140)])
    assert 429 not in statuses(behind_proxy, path, ["2001:db8:2::1"])
    # Of NAT64 and Teredo each is an IPv4 address of its own, however near they look.
    assert 429 not in statuses(behind_proxy, path, [f"64:ff9b::c633:65{i:02x}" for i in range(1, 20)])
    assert 429 not in statuses(behind_proxy, path, [f"2001:0:4136:e378:8000:63bf:39cc:9a{i:02x}" for i in range(1, 20)])
    assert 429 in statuses(behind_proxy, path, ["64:ff9b::c633:6401"] * 19)
    assert 429 in statuses(behind_proxy, path, [f"2001:0:4136:e378:8000:{i:x}:39cc:9b01" for i in range(1, 20)])


def test_passwords_are_limited_by_ipv6_site():
    """Each from a network of its own, of one /48."""
    with StoppedServer(trusted_proxies="127.0.0.1", passwords_per_second_per_site=4) as server:
        server.start()  # and twice that at once
        networks = [f"2001:db8:5:{i:x}::1" for i in range(1, 61)]
        assert 429 in statuses(server, "/sign-in/password", networks)
        assert 429 in statuses(server, "/set-password/save", networks)
        assert 429 not in statuses(server, "/sign-in/password", ["2001:db8:6::1", "198.51.100.1"])
        assert 429 not in statuses(server, "/activate", networks, "GET")


IMAGE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}


@pytest.mark.parametrize("path, addresses", [
    ("/sign-in/password", ["198.51.100.3"] * 60), ("/set-password/save", ["198.51.100.4"] * 60),
    ("/sign-in/password", [f"2001:db8:3:{i:x}::1" for i in range(60)]),
    ("/set-password/save", [f"2001:db8:4:{i:x}::1" for i in range(60)])], ids=str)
def test_what_other_sites_make_browsers_ask_for_takes_no_password_of_their_network(behind_proxy, path, addresses):
    """Images, scripts and forms: the pool refuses them before it hashes (worker.PasswordPages)."""
    def ask(method, address, **headers):
        return behind_proxy.request(method, path, headers={"X-Forwarded-For": address, **headers}).status_code

    for address in addresses[:12]:  # above a burst of passwords, below one of pages (40)
        assert ask("GET", address, **IMAGE) != 429
        assert ask("GET", address) != 429  # a browser that does not say what for
        assert ask("POST", address, **{**IMAGE, "Sec-Fetch-Site": "same-site"}) == 415  # refused for its type, or 403
        # A browser that says it by Origin alone: for the pool to judge, and counted apart.
        assert ask("POST", address, Origin="https://ads.example") in (415, 429)
    # Theirs is whole: as many as the burst are let in, and then no more.
    sites = ({"Sec-Fetch-Site": "same-origin"}, {}, {"Sec-Fetch-Site": "none"})
    statuses = [ask("POST", address, **sites[number % 3]) for number, address in enumerate(addresses)]
    assert 429 not in statuses[:6], statuses
    assert 429 in statuses[6:], statuses


def burst(server, addresses, **headers):
    """The statuses of a request of each, sent without waiting; None: of who names nobody."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    data = "".join("GET /api/user HTTP/1.1\r\nHost: " + server.url.removeprefix("http://") + "\r\n" + more +
                   (f"X-Forwarded-For: {address}\r\n\r\n" if address else "\r\n") for address in addresses).encode()
    statuses = pipelined(socket.create_connection(("127.0.0.1", server.port)), data, 1, answers=len(addresses))[1]
    assert len(statuses) == len(addresses) and set(statuses) <= {401, 429}
    return statuses


@pytest.fixture(scope="module")
def slow():
    """One request a second of an address, and the tests are the proxy."""
    with StoppedServer(trusted_proxies="127.0.0.1", requests_per_second_per_address=1) as started:
        yield started.start()


def networks():
    """The addresses of each network of tests/networks.h. nginx cannot invert the address in one of Teredo, so that has
    a share of its own beside the IPv4 address's."""
    found = {}
    text = (ROOT / "tests/networks.h").read_text(encoding="utf-8")
    for address, network in re.findall(r'^ *Row\{"([^"]+)", "([^"]+)", "[^"]*"\},$', text, re.MULTILINE):
        found.setdefault(("teredo " if address.startswith("2001:0:") else "") + network, []).append(address)
    assert len(found) > 10 and "192.0.2.1" in found
    return found


# The first to use that server: its networks have asked for nothing yet.
def test_networks_are_those_of_the_pools(slow):
    all_of_them = networks()
    assert burst(slow, [addresses[0] for addresses in all_of_them.values()]) == [401] * len(all_of_them)
    for network, addresses in all_of_them.items():
        statuses = burst(slow, [addresses[0]] * 12 + addresses[1:])
        assert statuses[12:] == [429] * len(addresses[1:]), (network, statuses)


@pytest.mark.parametrize("claimed", ["127.0.0.9", "127.0.0.1", "::1", "::ffff:127.0.0.2", "127.0.0.1, 127.0.0.9", "unknown"])
def test_nobody_is_loopback_because_a_proxy_says_so(slow, claimed):
    assert 429 in burst(slow, [claimed] * 40)
    assert 429 not in burst(slow, [None] * 40)  # who speaks for itself is: probes, the machine's own


def test_loopback_is_exempt_whatever_header_it_sends_that_nobody_believes(server):
    with StoppedServer(trusted_proxies="192.0.2.1", requests_per_second_per_address=1) as other:
        other.start()
        assert 429 not in burst(other, ["198.51.100.1"] * 40)


# (the first uses up what there is, the second finds nothing left): nginx leaves the longest run of zeros out, so that one
# network has many spellings.
SAME_NETWORK = [
    ("2001:db8:a1::1", "2001:db8:a1:0:1:2:3:4"), ("2001:db8:a2:0:1:2:3:4", "2001:db8:a2::"),
    ("2001:db8::1", "2001:db8:0:0:1::"), ("2001:db8:0:0:5:0:0:6", "2001:db8:0:0:7::1"),
    ("2a01::6:1:2:3:4", "2a01:0:0:6::1"), ("2a02:0:5:6:1:2:3:4", "2a02:0:5:6::"), ("2a03::1", "2a03:0:0:0:1:2:3:4"),
    ("::5:1:2:3:4", "0:0:0:5::"), ("::2", "::1:2:3:4"), ("2001:DB8:A3::1", "2001:0db8:00a3:0000:1::1"),
    # An IPv4 address in each of its dresses (base/network.h).
    ("198.51.100.61", "::ffff:198.51.100.61"), ("64:ff9b::c633:643e", "198.51.100.62"), ("2002:c633:643f::1", "198.51.100.63"),
    ("2002:c633:6440:1::1", "2002:c633:6440:2::1")]
OTHER_NETWORK = [("2001:db8:b1::1", "2001:db8:b1:1::1"), ("2001:db8:0:1::1", "2001:db8:1::1"), ("2001:4860::1", "2001:4860:0:1::1"),
                 ("64:ff9b::c633:6450", "64:ff9b::c633:6451"), ("2001:0:1:2::10", "2001:0:1:2::11"), ("64:ff9b::1:2:3", "0.2.0.3")]
# Networks of one site, and the one whose zeros are left out together with those of its interface.
SAME_SITE = [("2001:db9:0:{:x}::1", "2001:db9::1"), ("2a04:0:0:{:x}::1", "2a04::1"), ("2001:db8:c1:{:x}::1", "2001:db8:c1::1"),
             ("2a05:0:5:{:x}::1", "2a05:0:5::1"), ("2001:dba:0:{:x}:1:2:3:4", "2001:dba:0:0:1::")]


@pytest.mark.parametrize("first, second", SAME_NETWORK)
def test_a_network_has_one_share_however_it_is_written(slow, first, second):
    assert 429 in burst(slow, [first] * 12 + [second] * 3)[-3:], "a share of its own"  # which would be three at once


@pytest.mark.parametrize("first, second", OTHER_NETWORK)
def test_networks_that_look_alike_have_a_share_each(slow, first, second):
    statuses = burst(slow, [first] * 12 + [second] * 3)
    assert 429 in statuses[:12] and statuses[12:] == [401] * 3


@pytest.mark.parametrize("others, zero", SAME_SITE)
def test_a_site_has_one_share_however_it_is_written(slow, others, zero):
    statuses = burst(slow, [others.format(i + 1) for i in range(40)] + [zero] * 3)
    assert 401 in statuses and 429 in statuses[:40]
    assert 429 in statuses[-3:], "a share of its own"


# ---- what pages of other sites make their visitors' browsers send ----

FROM_PAGES = [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
              {"Origin": "https://ads.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1.ads.example"}]


@pytest.mark.parametrize("number, headers", enumerate(FROM_PAGES), ids=str)
def test_a_page_has_a_tenth_of_the_requests_and_takes_none_of_its_visitors_network(behind_proxy, number, headers):
    for address in (f"198.51.101.{number + 1}", f"2001:db8:d{number}::1"):
        seen = burst(behind_proxy, [address] * 200, **headers)  # of 200 a second and 400 in a burst, which people have
        assert 429 in seen and 401 in seen
        for ours in ({}, {"Origin": behind_proxy.url}, {"Sec-Fetch-Site": "none"},
                     {"Sec-Fetch-Site": "same-origin", "Origin": "null"}):
            assert 429 not in burst(behind_proxy, [address] * 60, **ours)


def test_pages_in_all_networks_of_a_site_have_a_tenth_of_its_requests(behind_proxy):
    networks = [f"2001:db8:e1:{i:x}::1" for i in range(1000)]
    assert 429 in burst(behind_proxy, networks, **FROM_PAGES[0])
    assert 429 not in burst(behind_proxy, networks[:60])


def test_bodies_that_pages_let_drip_leave_the_places_of_their_visitors_network(behind_proxy):
    """Of 70 places a page has seven; a body is waited for as long as a byte comes every five seconds."""
    address, held = "198.51.102.1", []
    mine, page = {"X-Forwarded-For": address}, {"X-Forwarded-For": address, **FROM_PAGES[0]}
    head = half_a_request(address).replace(b"\r\n", b"\r\nSec-Fetch-Site: cross-site\r\nOrigin: https://ads.example\r\n", 1)
    for _ in range(100):
        hold_one_more(behind_proxy, head, held)
    await_that(lambda: hold_one_more(behind_proxy, head, held) and
               behind_proxy.get("/api/user", headers=page).status_code == 503, "the limit of pages")
    assert behind_proxy.get("/api/user", headers=mine).status_code == 401
    assert behind_proxy.get("/api/user", headers={**mine, "Sec-Fetch-Site": "same-origin"}).status_code == 401
    for connection in held:
        connection.close()
    await_that(lambda: behind_proxy.get("/api/user", headers=page).status_code == 401, "room again")


def test_nobody_but_a_trusted_proxy_says_who_the_client_is(server):
    assert 429 not in statuses(server, "/activate", ["198.51.100.1"] * 30, "GET")
    server.get("/nothing-forwarded", headers={"X-Forwarded-For": "198.51.100.77"})
    log = server.data / "log/access.log"
    line = await_that(lambda: [x for x in log.read_text().splitlines() if "nothing-forwarded" in x], "the line")
    assert "127.0.0.1" in line[0] and "198.51.100.77" not in line[0]


def half_a_request(address):
    return (f"POST /auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {address}\r\n"
            "Content-Length: 10\r\nContent-Type: application/json\r\n\r\n12345").encode()


def drips(server, headers):
    """The status of a request whose body comes at once, but need not."""
    return server.request("POST", "/auth/token", headers=headers, data="{}").status_code


def test_slow_requests_of_an_ipv6_site_leave_room_for_the_others(behind_proxy):
    """Of networks enough of one /48 that no /64 has its own limit (a fifth of 70); the site has twice that."""
    held = []

    def hold_one():
        return hold_one_more(behind_proxy, half_a_request(f"2001:db8:7:{len(held) % 15 + 1:x}::1"), held)

    for _ in range(20):
        hold_one()
    here, other = {"X-Forwarded-For": "2001:db8:7:ff::1"}, {"X-Forwarded-For": "2001:db8:8:ff::1"}
    await_that(lambda: hold_one() and drips(behind_proxy, here) == 503, "the limit")
    assert len(held) < 4 * 70
    assert drips(behind_proxy, other) == 415
    assert behind_proxy.get("/api/user", headers=here).status_code == 401  # nothing of this can be stretched
    for connection in held:
        connection.close()
    await_that(lambda: drips(behind_proxy, here) == 415, "room again")


def test_slow_requests_of_an_ipv6_provider_leave_room_for_the_others(behind_proxy):
    """Of sites enough of one /32 that none has its own limit; all of them have twice what a network has of all."""
    held = []

    def hold_one():
        return hold_one_more(behind_proxy, half_a_request(f"2001:db9:{len(held) % 35 + 1:x}::1"), held)

    for _ in range(120):
        hold_one()
    here, other = {"X-Forwarded-For": "2001:db9:ff::1"}, {"X-Forwarded-For": "2001:dba:ff::1"}
    await_that(lambda: hold_one() and drips(behind_proxy, here) == 503, "the limit")
    assert drips(behind_proxy, other) == 415
    page = {"Sec-Fetch-Site": "cross-site"}  # has shares of its own in networks and sites alone
    assert drips(behind_proxy, {**here, **page}) == 503
    assert behind_proxy.get("/api/user", headers=here).status_code == 503
    assert behind_proxy.get("/api/user", headers=other).status_code == 401
    for connection in held:
        connection.close()
    await_that(lambda: drips(behind_proxy, here) == 415, "room again")


def test_slow_requests_of_one_address_leave_room_for_the_others(behind_proxy):
    head = half_a_request("198.51.100.9")
    held = []
    mine, other = {"X-Forwarded-For": "198.51.100.9"}, {"X-Forwarded-For": "198.51.100.10"}
    await_that(lambda: hold_one_more(behind_proxy, head, held) and drips(behind_proxy, mine) == 503, "the limit")
    assert len(held) < 70
    assert drips(behind_proxy, other) == 415
    assert behind_proxy.get("/healthz", headers=mine).status_code == 200
    assert behind_proxy.get("/api/user", headers=mine).status_code == 401
    for connection in held:
        connection.close()
    await_that(lambda: drips(behind_proxy, mine) == 415, "room again")
