"""Settings whose effect shows in a run alone; the others: tests/base/settings_reach_test.cc."""

import json
from datetime import datetime, timezone

import pytest
from harness import Server


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(listen_address="127.0.0.2", password_link_s=120, login_children=3, api_children=2) as server:
        yield server


def test_nginx_listens_at_the_listen_address_and_nowhere_else(server):
    assert server.request("GET", "/healthz", host="127.0.0.2").status_code == 200
    with pytest.raises(OSError):
        server.request("GET", "/healthz")


def test_a_link_lives_as_long_as_password_link_s(server):
    link = json.loads(server.latchkey("--json", "user", "reset", "--org", "acme", server.demo["DEMO_EMAIL"]).stdout)
    left = datetime.fromisoformat(link["expires_at"].replace("Z", "+00:00")) - datetime.now(timezone.utc)
    assert 60 < left.total_seconds() <= 120


def test_pools_have_as_many_children_as_the_settings_say(server):
    status = json.loads(server.latchkey("--json", "status", check=False).stdout)
    counts = {process["name"]: process["processes"] for process in status["processes"]}
    assert (counts["api"], counts["login"]) == (1 + 2, 1 + 3)
