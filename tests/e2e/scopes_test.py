"""What a scope gives: the address in access tokens, ID tokens and /api/user with `email` alone, the client's default and what
it may ask for, and the page of approval that says so."""

import base64
import json

import pytest
from harness import DEVICE_GRANT, Browser, Server

ALICE = "alice@acme.example"


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1) as server:
        make = ("service", "create", "--org", "acme", "--slug")
        server.latchkey(*make, "sdk", "--sdk")
        server.latchkey(*make, "api", "--resource", "https://api.acme.example")
        server.latchkey(*make, "tight", "--allowed-scope", "openid profile", "--default-scope", "profile")
        server.latchkey(*make, "own", "--issuer", "organization")
        server.latchkey(*make, "short", "--no-refresh-token", "--access-token-lifetime", "7200")
        yield server


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.parametrize("scope", ["", "openid", "openid profile offline_access"])
def test_without_the_scope_nobody_is_told_the_address(server, scope):
    tokens = server.sign_in_device(scope=scope)
    access = claims(tokens["access_token"])
    assert "email" not in access
    assert (access["org"], access["service"], access["plan"]) == ("acme", "cli", "pro")
    assert access["is_platform_owner"] is False and access["sub"]
    user = server.get("/api/user", tokens["access_token"]).json()
    assert set(user) == {"id", "org", "service"}
    if "openid" in scope:
        assert "email" not in claims(tokens["id_token"])
    again = server.refresh(tokens["refresh_token"]).json()
    assert "email" not in claims(again["access_token"])


def test_with_the_scope_all_three_tell_it_and_a_refresh_may_drop_it(server):
    tokens = server.sign_in_device(scope="openid email")
    assert claims(tokens["access_token"])["email"] == ALICE
    assert claims(tokens["id_token"])["email"] == ALICE
    assert server.get("/api/user", tokens["access_token"]).json()["email"] == ALICE
    narrowed = server.refresh(tokens["refresh_token"], scope="openid").json()
    assert narrowed["scope"] == "openid"
    assert "email" not in claims(narrowed["access_token"]) and "email" not in claims(narrowed["id_token"])
    assert "email" not in server.get("/api/user", narrowed["access_token"]).json()
    whole = server.refresh(narrowed["refresh_token"]).json()
    assert claims(whole["access_token"])["email"] == ALICE, "the grant still has it"


def test_a_token_for_a_resource_tells_no_more(server):
    for scope, told in (("openid", None), ("email", ALICE)):
        tokens = server.sign_in_device("acme-api", scope=scope, resource="https://api.acme.example")
        access = claims(tokens["access_token"])
        assert access["aud"] == ["https://api.acme.example"] and access.get("email") == told
        assert server.get("/api/user", tokens["access_token"]).status_code == 401


def test_a_service_for_the_sdk_is_told_the_address_as_ever(server):
    tokens = server.sign_in_device("acme-sdk")
    assert tokens["scope"] == "email"
    assert server.get("/api/user", tokens["access_token"]).json()["email"] == ALICE
    assert server.sign_in_device("acme-sdk", scope="openid")["scope"] == "openid", "who asks gets what was asked for"


def test_a_client_gets_no_scope_that_it_may_not_ask_for(server):
    def ask(scope):
        return server.post("/oauth/device_authorization", {"client_id": "acme-tight", "scope": scope})

    assert server.sign_in_device("acme-tight")["scope"] == "profile"
    assert server.sign_in_device("acme-tight", scope="openid email")["scope"] == "openid"
    refused = ask("email")
    assert refused.status_code == 400 and refused.json()["error"] == "invalid_scope"
    assert "openid profile" in refused.json()["error_description"]
    shown = json.loads(server.latchkey("--json", "service", "show", "--org", "acme", "tight").stdout)
    assert (shown["default_scope"], shown["allowed_scope"]) == ("profile", "openid profile")
    update = ("service", "update", "--org", "acme", "tight")
    assert server.latchkey(*update, "--default-scope", "email", check=False).returncode != 0, "more than is allowed"
    assert server.latchkey(*update, "--default-scope", "mail", check=False).returncode != 0, "no scope of ours"
    server.latchkey(*update, "--all-scopes", "--no-default-scope")
    assert "scope" not in server.sign_in_device("acme-tight")
    assert ask("email").status_code == 200


def test_a_scope_taken_from_the_client_is_gone_from_what_runs(server):
    server.latchkey("service", "create", "--org", "acme", "--slug", "taken")
    tokens = server.sign_in_device("acme-taken", scope="openid email")
    codes = server.authorize_device("acme-taken", scope="openid email")
    server.decide(codes["user_code"])
    server.latchkey("service", "update", "--org", "acme", "taken", "--allowed-scope", "openid")
    redeemed = server.poll(codes["device_code"], "acme-taken").json()
    assert redeemed["scope"] == "openid" and "email" not in claims(redeemed["access_token"])
    refused = server.refresh(tokens["refresh_token"], "acme-taken", scope="email")
    assert refused.json()["error"] == "invalid_scope"
    again = server.refresh(tokens["refresh_token"], "acme-taken").json()
    assert again["scope"] == "openid" and "email" not in claims(again["access_token"])


def test_an_issuer_of_an_organization_tells_the_same(server):
    def tokens_of(scope):
        codes = server.post("/o/acme/oauth/device_authorization", {"client_id": "acme-own", "scope": scope}).json()
        server.decide(codes["user_code"])
        return server.post("/o/acme/oauth/token", {"grant_type": DEVICE_GRANT, "device_code": codes["device_code"],
                                                   "client_id": "acme-own"}).json()

    for scope, told in (("openid", None), ("email", ALICE)):
        tokens = tokens_of(scope)
        assert claims(tokens["access_token"]).get("email") == told
        assert server.get("/o/acme/api/user", tokens["access_token"]).json().get("email") == told


def test_metadata_names_the_scopes_that_there_are(server):
    for document in ("/.well-known/openid-configuration", "/o/acme/.well-known/openid-configuration"):
        metadata = server.get(document, None).json()
        assert metadata["scopes_supported"] == ["openid", "profile", "email", "offline_access"]
        assert {"sub", "email"} <= set(metadata["claims_supported"])


def page_of(server, client_id, **more):
    codes = server.authorize_device(client_id, **more)
    browser = Browser(server)
    browser.open("/sign-in?org=acme")
    browser.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"])
    return browser.open("/activate/confirm?user_code=" + codes["user_code"]).text


def test_the_page_of_approval_says_what_the_app_may_do_where_and_for_how_long(server):
    page = page_of(server, "acme-api", scope="openid email", resource="https://api.acme.example")
    for part in ("See your e-mail address", "Know that it is you", "https://api.acme.example", "180 days"):
        assert part in page, part
    page = page_of(server, "acme-short")
    assert "2 hours" in page and "e-mail address</li>" not in page and "<dt>Only at</dt>" not in page


def test_a_page_of_ones_own_is_told_the_same(server):
    codes = server.authorize_device("acme-api", scope="email", resource="https://api.acme.example")
    told = server.post("/auth/device/verify", {"user_code": codes["user_code"]}).json()
    assert (told["scope"], told["resource"], told["access_lifetime"]) == ("email", "https://api.acme.example", 180 * 86400)
