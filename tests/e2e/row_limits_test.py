"""How much one user, one client and all together may have alive, and what outlives a reboot."""

import json
import shutil
import time
import uuid

import jwt  # Debian's python3-jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from harness import DEVICE_GRANT, Browser, Server

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def events(server, event):
    shown = server.latchkey("--json", "audit", "tail", "--org", "acme", "--event", event).stdout
    return [json.loads(line) for line in shown.splitlines() if line.strip()]


def works(server, tokens):
    return server.get("/api/user", tokens["access_token"]).status_code == 200


def is_signed_in(browser):
    return 'name="password"' not in browser.open("/sign-in?org=acme").text


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1, grants_per_user=3, sessions_per_user=2, live_device_codes_per_client=6,
                live_device_codes=10) as server:
        server.latchkey("service", "create", "--org", "acme", "--slug", "other", "--client-id", "acme-other")
        yield server


def add_user(server, name):
    email = f"{name}@acme.example"
    server.latchkey("user", "create", "--org", "acme", "--email", email, "--password-stdin", stdin="a good long password")
    return {"email": email, "password": "a good long password"}


def signed_in(user, server):
    browser = Browser(server)
    browser.open("/sign-in?org=acme")
    browser.sign_in(user["email"], user["password"])
    assert is_signed_in(browser)
    return browser


def test_the_oldest_grant_of_a_user_ends_with_one_too_many(server):
    user, other = add_user(server, "grants"), add_user(server, "others")
    elsewhere = server.sign_in_device(**other)
    grants = [server.sign_in_device(**user) for _ in range(3)]
    assert all(works(server, tokens) for tokens in grants)
    grants.append(server.sign_in_device(**user))
    assert [works(server, tokens) for tokens in grants] == [False, True, True, True]
    assert server.refresh(grants[0]["refresh_token"]).json()["error"] == "invalid_grant"
    assert works(server, elsewhere)
    assert "reason=too_many" in json.dumps(events(server, "grant.revoked"))


def test_the_oldest_browser_of_a_user_is_signed_out_with_one_too_many(server):
    user = add_user(server, "browsers")
    browsers = [signed_in(user, server) for _ in range(3)]
    assert [is_signed_in(browser) for browser in browsers] == [False, True, True]
    assert "reason=too_many" in json.dumps(events(server, "session.ended"))


def ask(server, client="acme-cli"):
    return server.post("/oauth/device_authorization", {"client_id": client})


def fill(server, client):
    """Codes until it is refused, and the refusal."""
    codes = []
    while (answer := ask(server, client)).status_code == 200:
        codes.append(answer.json())
        assert len(codes) < 100
    return codes, answer


def test_a_client_that_fills_its_share_of_live_codes_stops_itself_alone():
    with Server(poll_interval_s=1, live_device_codes_per_client=6, live_device_codes=10) as server:
        server.latchkey("service", "create", "--org", "acme", "--slug", "other", "--client-id", "acme-other")
        codes, refusal = fill(server, "acme-cli")
        assert len(codes) == 6
        assert (refusal.status_code, refusal.json()["error"]) == (429, "temporarily_unavailable"), refusal.text
        assert int(refusal.headers["Retry-After"]) >= 1
        assert ask(server, "acme-other").status_code == 200
        server.decide(codes[0]["user_code"])
        assert server.poll(codes[0]["device_code"]).status_code == 200, "its old codes go on"
        assert ask(server).status_code == 200, "and a decided one makes room"
        assert ask(server).status_code == 429
        # All together have an end too, of which another client has its part until then.
        others, refusal = fill(server, "acme-other")
        assert len(others) == 3
        assert (refusal.status_code, refusal.json()["error"]) == (503, "temporarily_unavailable"), refusal.text
        assert int(refusal.headers["Retry-After"]) >= 1
        assert server.poll(others[0]["device_code"], "acme-other").json()["error"] == "authorization_pending"
        # Counted anew by the next writer.
        server.stop()
        server.start()
        assert ask(server).status_code == 429 and ask(server, "acme-other").status_code == 503


def test_all_grants_of_a_user_together_refresh_so_often_a_minute():
    with Server(poll_interval_s=1, refreshes_per_account=5) as server:
        user, other = add_user(server, "many"), add_user(server, "other")
        grants = [server.sign_in_device(**user) for _ in range(3)]
        elsewhere = server.sign_in_device(**other)
        minute = time.monotonic()
        answers = []
        for _ in range(2):
            for number, tokens in enumerate(grants):
                answer = server.refresh(tokens["refresh_token"])
                answers.append(answer.status_code)
                if answer.status_code == 200:
                    grants[number] = answer.json()
        refused = server.refresh(grants[0]["refresh_token"])
        if time.monotonic() - minute < 50:  # else a new minute may have begun
            assert answers == [200] * 5 + [429]
            assert (refused.status_code, refused.json()["error"]) == (429, "temporarily_unavailable"), refused.text
            assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert works(server, grants[0]), "a grant that must wait goes on"
        assert server.refresh(elsewhere["refresh_token"]).status_code == 200


HONEST = ("192.0.2.1", "203.0.113.9", "2001:db8:1234::1", "64:ff9b::198.51.7.7")


@pytest.mark.parametrize("room", ["live_device_codes_per_client", "live_device_codes"])
@pytest.mark.parametrize("networks", [1, 12])
def test_networks_that_flood_a_room_of_live_codes_leave_places_to_others(room, networks):
    """A site with as many networks as it likes, or a dozen IPv4 addresses, half of what they send as if a page of another
    site had a browser send it: after it whoever has no code yet gets one."""
    places = 160
    with Server(trusted_proxies="127.0.0.1", requests_per_second_per_address=0, max_clients_per_address=0,
                **{room: places}) as server:
        def ask_from(address, **headers):
            return server.post("/oauth/device_authorization", {"client_id": "acme-cli"},
                               headers={"X-Forwarded-For": address, **headers}).status_code

        def flood(number):
            address = f"2001:db8:77:{number:x}::1" if networks == 1 else f"198.51.100.{1 + number % networks}"
            return ask_from(address, **({"Sec-Fetch-Site": "cross-site"} if number % 2 else {}))

        answers = [flood(number) for number in range(2 * places)]
        assert set(answers) == {200, 429}
        assert answers[:networks] == [200] * networks
        assert answers.count(200) < (places / 8 if networks == 1 else places * 2 / 3)
        assert answers[-networks:] == [429] * networks
        assert [ask_from(address) for address in HONEST] == [200] * len(HONEST)
        # Counted anew by the next writer.
        server.stop()
        server.start()
        assert flood(0) == 429
        assert ask_from("192.0.2.2") == 200


# ---- what must outlive a reboot ----


def reboot(server):
    """The runtime directory is emptied."""
    server.stop()
    shutil.rmtree(server.data / "run", ignore_errors=True)
    server.start()


def test_a_reboot_forgets_no_wrong_password_of_an_account():
    with Server(password_attempts_per_account=3) as server:
        user = add_user(server, "guessed")

        def try_to_sign_in(password):
            browser = Browser(server)
            browser.open("/sign-in?org=acme")
            browser.sign_in(user["email"], password)
            return is_signed_in(browser)

        assert not any(try_to_sign_in("wrong") for _ in range(2))
        reboot(server)
        assert not try_to_sign_in("wrong")
        reboot(server)
        assert not try_to_sign_in(user["password"]), "locked, by wrong ones of two boots"
        server.latchkey("user", "unlock", "--org", "acme", user["email"])
        assert try_to_sign_in(user["password"])
        failed = json.dumps(events(server, "sign_in.failed"))
        assert failed.count("account_locked") == 1, failed


def test_a_reboot_forgets_no_assertion_that_something_was_issued_for(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [{**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())),
                                          "kid": "a", "use": "sig"}]}))
    with Server(poll_interval_s=1) as server:
        server.latchkey("service", "create", "--org", "acme", "--slug", "sync", "--jwks", jwks)

        def proof():
            now = int(time.time())
            claims = {"iss": "acme-sync", "sub": "acme-sync", "aud": server.url, "jti": str(uuid.uuid4()),
                      "iat": now, "exp": now + 240}
            return {"client_assertion_type": JWT_BEARER, "client_assertion": jwt.encode(claims, key, algorithm="ES256")}

        def refused(answer):
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text
            assert "used before" in answer.json()["error_description"]

        for_code, for_redemption, for_refresh = proof(), proof(), proof()
        codes = server.post("/oauth/device_authorization", for_code).json()
        server.decide(codes["user_code"])
        redeem = {"grant_type": DEVICE_GRANT, "device_code": codes["device_code"]}
        tokens = server.post("/oauth/token", {**redeem, **for_redemption}).json()
        refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        tokens = server.post("/oauth/token", {**refresh, **for_refresh}).json()
        refresh["refresh_token"] = tokens["refresh_token"]
        reboot(server)
        second = server.post("/oauth/device_authorization", proof()).json()
        server.decide(second["user_code"])
        redeem["device_code"] = second["device_code"]
        for used in (for_code, for_redemption, for_refresh):
            refused(server.post("/oauth/device_authorization", used))
        reboot(server)  # or the memory refuses them by now
        for used in (for_code, for_redemption, for_refresh):
            refused(server.post("/oauth/token", {**redeem, **used}))
        reboot(server)
        for used in (for_code, for_redemption, for_refresh):
            refused(server.post("/oauth/token", {**refresh, **used}))
        assert server.post("/oauth/token", {**refresh, **proof()}).status_code == 200
        assert server.post("/oauth/token", {**redeem, **proof()}).status_code == 200
