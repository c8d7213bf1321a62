"""A request that kills the child which takes it up (the bug is preloaded: faults/preload/poison.cc): it costs one child, its
network is shut out of both pools for a while, and nobody else sees anything."""

import json
import re

import pytest
from harness import Browser, Server, assert_json, await_that
from measure.own_server import children_of
from measure.preload import POISON
from prove.poisoner import MARKER, deaths

RESUMED = "198.51.100.66"  # dies when it goes on after the writer's answer


@pytest.fixture(scope="module", name="server")
def server_fixture():
    server = Server(trusted_proxies="127.0.0.1", poison=MARKER, poison_address=RESUMED)
    server.environment["LD_PRELOAD"] = str(server.bin / POISON)
    server.environment["ASAN_OPTIONS"] = "verify_asan_link_order=0:" + server.environment.get("ASAN_OPTIONS", "")
    with server:
        yield server


class Deaths:
    """Those since it was made."""

    def __init__(self, server):
        self._server, self._before = server, len(deaths(server.log()))

    def __call__(self):
        return deaths(self._server.log())[self._before:]

    def await_one(self, pool):
        """Waits for it, and for a child in its place: all of the pool serve again."""
        died = await_that(self, f"a death in {pool}")
        count = {"api": 4, "login": len(children_of(self._server.pid("login")))}[pool]
        await_that(lambda: len(children_of(self._server.pid(pool))) >= count, "a child in its place")
        return died


def ask(server, address, client_id="acme-cli"):
    return server.post("/oauth/device_authorization", {"client_id": client_id}, headers={"X-Forwarded-For": address})


def assert_shut_out(answer, most_s=10):
    assert answer.status_code == 503, answer.text
    assert 1 <= int(answer.headers["Retry-After"]) <= most_s
    return answer


def assert_dies(server, address, pool="api", client_id=MARKER):
    """Sends what a child dies of; its answer."""
    died = Deaths(server)
    answer = ask(server, address, client_id)
    assert answer.status_code == 500, answer.text
    assert assert_json(answer)["error"] == "server_error"
    assert len(died.await_one(pool)) == 1, "one request costs one child, though nginx sent it to a second one"
    return answer


def browser_from(server, address):
    browser = Browser(server)
    browser.session.headers.update({"X-Forwarded-For": address, "Accept": "text/html"})
    return browser


def test_a_request_costs_one_child_and_its_network_is_shut_out_of_both_pools(server):
    login = browser_from(server, "203.0.113.1")
    assert login.open("/sign-in?org=acme").status_code == 200
    assert_dies(server, "203.0.113.1")
    refused = assert_shut_out(ask(server, "203.0.113.1"))
    assert assert_json(refused)["error"] == "temporarily_unavailable"
    died = Deaths(server)
    for _ in range(8):
        assert_shut_out(ask(server, "203.0.113.1", MARKER))
    page = login.submit("/sign-in/password", email="alice@acme.example", password="wrong")  # the login pool
    assert "<h1>" in assert_shut_out(page).text
    assert_shut_out(login.open("/sign-in"))
    for other in ("203.0.113.2", "2001:db8::1"):
        assert ask(server, other).status_code == 200
    assert died() == []


def test_an_ipv6_network_is_its_64_and_a_mapped_address_is_ipv4(server):
    assert_dies(server, "2001:db8:7:1::1")
    assert_shut_out(ask(server, "2001:db8:7:1:ffff::9"))
    assert ask(server, "2001:db8:7:2::1").status_code == 200
    assert_dies(server, "::ffff:203.0.113.11")
    assert_shut_out(ask(server, "203.0.113.11"))


def test_an_exit_code_of_its_own_is_such_a_death(server):
    assert_dies(server, "203.0.113.20", client_id=MARKER + "-exit")
    assert_shut_out(ask(server, "203.0.113.20"))
    assert 'how="exit 3" address=203.0.113.20' in server.log()


def test_so_is_one_in_a_request_that_waited_for_the_writer(server):
    assert_dies(server, RESUMED, client_id="acme-cli")
    assert_shut_out(ask(server, RESUMED))


def test_a_death_in_the_login_pool_shuts_the_network_out_of_the_other(server):
    browser = browser_from(server, "203.0.113.30")
    browser.open("/sign-in?org=acme")
    died = Deaths(server)
    page = browser.submit("/sign-in/password", email=f"{MARKER}@acme.example", password="secret")
    assert page.status_code == 500 and "<h1>" in page.text
    assert [re.sub(r"-\d+$", "", name) for name in died.await_one("login")] == ["login"]
    assert_shut_out(ask(server, "203.0.113.30"))
    other = browser_from(server, "203.0.113.31")
    other.open("/sign-in?org=acme")
    assert other.submit("/sign-in/password", email=server.demo["DEMO_EMAIL"],
                        password=server.demo["DEMO_PASSWORD"]).status_code == 200


def test_log_audit_log_and_metrics_tell_of_it(server):
    before = server.get("/metrics").text
    request_id = assert_dies(server, "203.0.113.40").headers["X-Request-Id"]
    assert f"address=203.0.113.40 request_id={request_id}" in server.log()
    explained = " ".join(server.latchkey("explain", request_id).stdout.split())
    assert "child_died" in explained and "poisonous_request" in explained
    rows = await_that(lambda: [row for row in map(json.loads, server.latchkey(
        "audit", "export", "--org", "platform", "--event", "child.died").stdout.splitlines())
        if row["request_id"] == request_id], "the row of the audit log")
    assert len(rows) == 1 and rows[0]["address"] == "203.0.113.40", rows
    assert re.fullmatch(r"child=api-\d how=signal 6 \(Aborted\)", rows[0]["detail"]), rows
    assert server.latchkey("audit", "verify").returncode == 0
    status, top = (json.loads(server.latchkey("--json", *words).stdout) for words in (["status"], ["top", "--once"]))
    assert status["poison"]["deaths"] == top["poison"]["deaths"] == total(
        server.get("/metrics").text, "latchkey_child_deaths_at_work_total{") >= 1
    assert status["poison"]["requests_refused"] >= 1
    assert f"requests killed {status['poison']['deaths']} children" in server.latchkey("status").stdout
    assert f"{status['poison']['deaths']} children killed by requests" in server.latchkey("top", "--once").stdout
    after = server.get("/metrics").text
    for name in ('latchkey_child_deaths_at_work_total{pool="api",child="api-', "latchkey_requests_refused_total"
                 '{reason="poisonous_request"'):
        assert total(after, name) == total(before, name) + 1, name


def total(metrics, beginning):
    return sum(int(line.rsplit(" ", 1)[1]) for line in metrics.splitlines() if line.startswith(beginning))


def test_the_network_is_let_in_again_and_the_next_death_counts_double(server):
    assert_dies(server, "203.0.113.50")
    await_that(lambda: ask(server, "203.0.113.50").status_code == 200, "the end of ten seconds")
    died = Deaths(server)
    assert ask(server, "203.0.113.50", MARKER).status_code == 500
    died.await_one("api")
    refused = assert_shut_out(ask(server, "203.0.113.50"), most_s=20)
    assert int(refused.headers["Retry-After"]) > 10
