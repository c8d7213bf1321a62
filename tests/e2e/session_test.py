"""Tokens after they were issued: refresh, replay, logout, revocation, two tenants with the same e-mail."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import Browser, Server, await_that


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1) as server:
        yield server


def works(server, tokens):
    return server.get("/api/user", tokens["access_token"]).status_code == 200


def test_refresh_rotates_and_the_former_access_token_lives_on(server):
    first = server.sign_in_device()
    second = server.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert works(server, first) and works(server, second)
    third = server.refresh(second["refresh_token"]).json()
    assert works(server, third)


def test_a_lost_reply_is_repeated_with_the_same_successor(server):
    first = server.sign_in_device()
    lost = server.refresh(first["refresh_token"]).json()
    repeated = server.refresh(first["refresh_token"]).json()
    assert repeated["refresh_token"] == lost["refresh_token"]
    assert repeated["access_token"] != lost["access_token"]
    assert works(server, repeated) and works(server, lost)
    assert server.refresh(repeated["refresh_token"]).status_code == 200


def test_many_refreshes_at_once_all_get_the_same_successor(server):
    first = server.sign_in_device()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: server.refresh(first["refresh_token"]), range(16)))
    assert {a.status_code for a in answers} == {200}
    assert len({a.json()["refresh_token"] for a in answers}) == 1
    assert all(works(server, a.json()) for a in answers)


def test_reuse_after_the_successor_was_used_kills_the_family(server):
    first = server.sign_in_device()
    second = server.refresh(first["refresh_token"]).json()
    third = server.refresh(second["refresh_token"]).json()
    reuse = server.refresh(first["refresh_token"])
    assert (reuse.status_code, reuse.json()["error"]) == (400, "invalid_grant")
    assert not works(server, third)
    assert server.refresh(third["refresh_token"]).status_code == 400


def test_without_a_grace_a_second_use_kills_the_family():
    with Server(refresh_replay_grace_s=0) as server:
        first = server.sign_in_device()
        second = server.refresh(first["refresh_token"]).json()
        assert server.refresh(first["refresh_token"]).status_code == 400
        assert not works(server, second)


def test_scope_only_narrows(server):
    first = server.sign_in_device(scope="openid email")
    assert server.refresh(first["refresh_token"], scope="openid profile").json()["error"] == "invalid_scope"
    assert server.refresh(first["refresh_token"], scope="email").json()["scope"] == "email"


def test_the_json_api_refreshes_and_logs_out(server):
    first = server.sign_in_device()
    answer = server.post("/api/auth/refresh", json={"refresh_token": first["refresh_token"]})
    second = answer.json()
    assert answer.status_code == 200 and second["refresh_token"] and second["expires_in"]
    bad = server.post("/api/auth/refresh", json={"refresh_token": "x" * 64})
    assert bad.status_code == 401 and bad.json()["error_code"] == "UNAUTHORIZED"
    assert bad.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    out = server.post("/api/auth/logout", headers={"Authorization": "Bearer " + second["access_token"],
                                                   "Content-Type": "application/json"})
    assert out.status_code == 204 and not out.content
    assert not works(server, first) and not works(server, second)
    assert server.refresh(second["refresh_token"]).status_code == 400


def test_bearer_errors(server):
    bare = server.get("/api/user")
    assert bare.status_code == 401 and bare.headers["WWW-Authenticate"] == "Bearer"
    token = server.sign_in_device()["access_token"]
    for wrong in ("nonsense", token[:-1] + ("A" if token[-1] != "A" else "B"), token.split(".")[1], "." * 3, "x" * 7000):
        answer = server.get("/api/user", wrong)
        assert answer.status_code == 401, wrong
        assert answer.json()["error_code"] == "UNAUTHORIZED"
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_two_tenants_with_the_same_email_are_two_people(server):
    for org, password in (("north", "north-pole-is-cold"), ("south", "south-pole-is-cold")):
        server.latchkey("org", "create", org, "--name", org)
        server.latchkey("service", "create", "--org", org, "--slug", "app", "--name", "App", "--client-id", org + "-app")
        server.latchkey("user", "create", "--org", org, "--email", "sam@example.com", "--password-stdin", stdin=password)
    north = server.sign_in_device("north-app", "sam@example.com", "north-pole-is-cold")
    south = server.sign_in_device("south-app", "Sam@Example.com", "south-pole-is-cold")
    users = [server.get("/api/user", t["access_token"]).json() for t in (north, south)]
    assert users[0]["id"] != users[1]["id"] and [u["org"] for u in users] == ["north", "south"]
    # The other tenant's password opens nothing, and a sign-in there is none here.
    codes = server.authorize_device("north-app")
    browser = Browser(server)
    browser.enter_code(codes["user_code"])
    page = browser.sign_in("sam@example.com", "south-pole-is-cold")
    assert "/activate/confirm" not in page.url
    assert server.poll(codes["device_code"], "south-app").json()["error"] == "invalid_grant"
    assert server.refresh(north["refresh_token"], "south-app").json()["error"] == "invalid_grant"
    assert server.refresh(north["refresh_token"], "north-app").status_code == 200


def test_an_operator_revokes_grants(server):
    tokens = server.sign_in_device()
    grants = json.loads(server.latchkey("--json", "grant", "list", "--org", "acme", "--user",
                                          server.demo["DEMO_EMAIL"]).stdout)
    assert grants
    server.latchkey("grant", "revoke", "--org", "acme", "--user", server.demo["DEMO_EMAIL"])
    assert not works(server, tokens)
    again = server.sign_in_device()
    assert works(server, again)


def test_grants_survive_a_restart_of_everything(server):
    tokens = server.sign_in_device()
    server.stop()
    server.start()
    assert works(server, tokens)
    assert server.refresh(tokens["refresh_token"]).status_code == 200


def user_with_password(server, name, password):
    email = f"{name}@acme.example"
    server.latchkey("user", "create", "--org", "acme", "--email", email, "--password-stdin", stdin=password)
    return email


def set_password(server, email, password):
    """Opens the link that `latchkey user reset` prints, as its receiver would."""
    link = json.loads(server.latchkey("--json", "user", "reset", "--org", "acme", email).stdout)["link"]
    browser = Browser(server)
    browser.open(link.removeprefix(server.url))
    page = browser.submit("/set-password/save", password=password, repeated=password)
    assert page.status_code == 200, page.text


def test_a_new_password_ends_what_a_thief_had_begun(server):
    email = user_with_password(server, "mallory-was-here", "the-old-password")
    approved, signed_in = server.authorize_device(), server.authorize_device()
    server.decide(approved["user_code"], email=email, password="the-old-password")
    thief = Browser(server)
    thief.enter_code(signed_in["user_code"])
    thief.sign_in(email, "the-old-password")
    set_password(server, email, "a-new-password-now")
    answer = server.poll(approved["device_code"]).json()
    assert (answer["error"], answer["error_code"]) == ("access_denied", "ACCESS_DENIED")
    thief.decide("approve")
    assert server.poll(signed_in["device_code"]).json()["error"] == "authorization_pending"
    assert works(server, server.sign_in_device(email=email, password="a-new-password-now"))


def test_sign_ins_in_flight_do_not_outlive_a_new_password(server):
    """Passwords are checked for some time; meanwhile a new one is set."""
    email = user_with_password(server, "racer", "the-old-password")
    for turn in range(3):
        former, new = ("the-old-password" if turn == 0 else f"password-number-{turn}"), f"password-number-{turn + 1}"
        browsers = [Browser(server) for _ in range(6)]
        for browser in browsers:
            browser.open("/sign-in?org=acme")
        with ThreadPoolExecutor(len(browsers) + 1) as pool:
            attempts = [pool.submit(browser.sign_in, email, former) for browser in browsers]
            set_password(server, email, new)
            for attempt in attempts:
                attempt.result()
        for browser in browsers:
            page = browser.open("/sign-in?org=acme")
            assert 'name="password"' in page.text, "still signed in by the old password"


def test_no_secret_of_a_whole_flow_is_in_any_log(server):
    password = "a-password-to-look-for"
    email = user_with_password(server, "logged", password)
    codes = server.authorize_device()
    server.get("/activate?user_code=" + codes["user_code"])
    server.decide(codes["user_code"], email=email, password=password)
    tokens = server.poll(codes["device_code"]).json()
    rotated = server.refresh(tokens["refresh_token"]).json()
    server.get("/api/user", tokens["access_token"])
    server.post("/oauth/token", {"grant_type": "nothing", "device_code": codes["device_code"]})
    link = json.loads(server.latchkey("--json", "user", "reset", "--org", "acme", email).stdout)["link"]
    server.get(link.removeprefix(server.url))
    secrets = [password, codes["user_code"], codes["device_code"], tokens["access_token"], tokens["refresh_token"],
               rotated["access_token"], rotated["refresh_token"], link.split("token=")[1]]
    access_log = server.data / "log/access.log"
    await_that(lambda: access_log.read_text().count("/set-password ") or '"/set-password"' in access_log.read_text(),
                    "the last request is in the access log")
    for path in [server.log_path, *(server.data / "log").iterdir()]:
        text = path.read_text(errors="replace")
        for secret in secrets:
            assert secret not in text, f"{path.name} holds a secret"
