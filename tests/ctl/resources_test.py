"""Whose an API is (`--resource`): `aud` alone tells an API that a token is for it."""

import pytest
from harness import Server

API = "https://api.acme.example/v1"


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server() as server:
        for org in ("thief", "honest"):
            server.latchkey("org", "create", org)
            server.latchkey("service", "create", "--org", org, "--slug", "app")
        server.latchkey("domain", "create", "--org", "honest", "login.honest.example")
        server.latchkey("service", "create", "--org", "honest", "--slug", "api", "--resource", API)
        yield server


def ask(server, org, resource, *more, create=False):
    words = ["create", "--org", org, "--slug", "new"] if create else ["update", "--org", org, "app"]
    return server.latchkey("service", *words, "--resource", resource, *more, check=False)


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("resource", [API, "HTTPS://API.acme.example/V1"])
def test_a_resource_belongs_to_one_organization(server, resource, create):
    refused = ask(server, "thief", resource, create=create)
    assert refused.returncode != 0
    assert "resource of the organization honest" in refused.stderr and "--shared-resource" in refused.stderr


def test_its_own_organization_names_it_as_often_as_it_likes(server):
    assert ask(server, "honest", API).returncode == 0


def test_an_operator_may_share_what_looks_at_the_org(server):
    assert ask(server, "thief", API, "--shared-resource").returncode == 0


@pytest.mark.parametrize("resource", ["https://login.honest.example/api", "https://Login.Honest.Example"])
def test_nothing_lies_at_the_domain_of_another(server, resource):
    refused = ask(server, "thief", resource, "--shared-resource")
    assert refused.returncode != 0 and "domain of another organization" in refused.stderr
    assert ask(server, "honest", resource).returncode == 0


def test_this_server_is_nobodys(server):
    refused = ask(server, "thief", f"http://127.0.0.1:{server.port}/api", "--shared-resource")
    assert refused.returncode != 0 and "this server itself" in refused.stderr
