"""Every row of the polling table (docs/api.md), through nginx, as form and as JSON."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import DEVICE_GRANT, Server, await_that


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1) as server:
        server.latchkey("service", "create", "--org", "acme", "--slug", "daemon", "--name", "Daemon",
                        "--client-id", "acme-daemon")
        yield server


def error(answer):
    body = answer.json()
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert body["timestamp"] and body["error_description"]
    return answer.status_code, body["error"], body["error_code"]


def test_undecided_is_pending_then_approved_gives_tokens_that_work(server):
    codes = server.authorize_device(scope="openid email")
    assert codes["expires_in"] == 900 and codes["interval"] == 1
    assert codes["verification_uri_complete"] == codes["verification_uri"] + "?user_code=" + codes["user_code"]
    assert error(server.poll(codes["device_code"])) == (400, "authorization_pending", "DEVICE_CODE_PENDING")
    page = server.decide(codes["user_code"])
    assert page.status_code == 200 and "status=approved" in page.url
    answer = server.poll(codes["device_code"])
    assert answer.headers["Pragma"] == "no-cache" and answer.headers["Cache-Control"] == "no-store"
    tokens = answer.json()
    assert tokens["token_type"] == "Bearer" and tokens["expires_in"] == 3600
    assert tokens["scope"] == "openid email"
    user = server.get("/api/user", tokens["access_token"]).json()
    assert (user["email"], user["org"], user["service"]) == ("alice@acme.example", "acme", "cli")
    assert server.get("/api/subscription", tokens["access_token"]).json()["plan"] == "pro"
    claims = json.loads(base64.urlsafe_b64decode(tokens["access_token"].split(".")[1] + "=="))
    assert claims["iss"] == server.url and server.url in claims["aud"] and claims["sub"] == user["id"]
    assert claims["plan"] == "pro" and claims["is_platform_owner"] is False
    id_claims = json.loads(base64.urlsafe_b64decode(tokens["id_token"].split(".")[1] + "=="))
    assert id_claims["aud"] == "acme-cli" and id_claims["email"] == "alice@acme.example"


def test_the_jwks_verifies_both_tokens(server):
    import jwt  # Debian's python3-jwt
    tokens = server.sign_in_device(scope="openid")
    keys = {key["kid"]: jwt.PyJWK(key).key for key in server.get("/.well-known/jwks.json").json()["keys"]}
    for token, algorithm, audience in ((tokens["access_token"], "ES256", server.url),
                                       (tokens["id_token"], "RS256", "acme-cli")):
        header = jwt.get_unverified_header(token)
        assert header["alg"] == algorithm
        jwt.decode(token, keys[header["kid"]], algorithms=[algorithm], audience=audience, issuer=server.url)


def test_too_fast_is_slow_down_and_the_interval_grows(server):
    code = server.authorize_device()["device_code"]
    assert error(server.poll(code))[1] == "authorization_pending"
    # interval 1 s less 1 s of slack is never too fast; a server that tells 5 s is
    with Server(poll_interval_s=5) as slow:
        code = slow.authorize_device()["device_code"]
        assert error(slow.poll(code))[1] == "authorization_pending"
        answer = slow.poll(code)
        assert error(answer) == (400, "slow_down", "SLOW_DOWN") and answer.headers["Retry-After"] == "10"
        assert slow.poll(code).headers["Retry-After"] == "15"


def test_a_steady_client_never_gets_slow_down(server):
    code = server.authorize_device()["device_code"]
    for _ in range(4):
        assert error(server.poll(code))[1] == "authorization_pending"
        time.sleep(1)  # the interval it was told


def test_refused_is_access_denied(server):
    codes = server.authorize_device()
    page = server.decide(codes["user_code"], "deny")
    assert page.status_code == 200 and "status=denied" in page.url
    assert error(server.poll(codes["device_code"])) == (400, "access_denied", "ACCESS_DENIED")


def test_a_code_is_used_once(server):
    codes = server.authorize_device()
    server.decide(codes["user_code"])
    assert server.poll(codes["device_code"]).status_code == 200
    assert error(server.poll(codes["device_code"])) == (400, "invalid_grant", "INVALID_GRANT")


def test_a_late_replay_ends_the_grant(server):
    codes = server.authorize_device()
    server.decide(codes["user_code"])
    token = server.poll(codes["device_code"]).json()["access_token"]
    time.sleep(1.1)  # the replay margin: sooner it may have been in flight
    assert error(server.poll(codes["device_code"]))[1] == "invalid_grant"
    assert error(server.get("/api/user", token)) == (401, "invalid_token", "UNAUTHORIZED")


def test_unknown_and_foreign_codes_are_invalid_grant(server):
    assert error(server.poll("x" * 64))[:2] == (400, "invalid_grant")
    code = server.authorize_device()["device_code"]
    assert error(server.poll(code, "acme-daemon"))[:2] == (400, "invalid_grant")
    changed = code[:-2] + ("AA" if code[-2:] != "AA" else "BB")
    assert error(server.poll(changed))[:2] == (400, "invalid_grant")


def test_missing_repeated_and_unknown_parameters(server):
    client = server.demo["DEMO_CLIENT_ID"]
    assert error(server.post("/oauth/token", {"client_id": client}))[:2] == (400, "invalid_request")
    assert error(server.post("/oauth/token", {"grant_type": DEVICE_GRANT}))[:2] == (400, "invalid_request")
    assert error(server.post("/oauth/token", {"grant_type": DEVICE_GRANT, "client_id": client}))[1] == "invalid_request"
    assert error(server.post("/oauth/token", {"grant_type": "password", "client_id": client}))[1] == "unsupported_grant_type"
    assert error(server.post("/oauth/token", [("client_id", client), ("client_id", client)]))[1] == "invalid_request"


def test_unknown_client_and_wrong_secret(server):
    assert error(server.poll("x", "nobody")) == (400, "invalid_client", "INVALID_CLIENT")
    answer = server.post("/oauth/token", {"grant_type": DEVICE_GRANT, "device_code": "x"}, auth=("acme-cli", "guess"))
    assert error(answer) == (401, "invalid_client", "INVALID_CLIENT")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_confidential_client_authenticates_by_basic_or_post(server):
    made = server.latchkey("--json", "service", "create", "--org", "acme", "--slug", "vault", "--name", "Vault",
                           "--client-id", "acme-vault", "--confidential")
    secret = json.loads(made.stdout)["client_secret"]
    data = {"client_id": "acme-vault"}
    assert server.post("/oauth/device_authorization", data).status_code == 401
    assert server.post("/oauth/device_authorization", {**data, "client_secret": secret}).status_code == 200
    assert server.post("/oauth/device_authorization", auth=("acme-vault", secret)).status_code == 200
    both = server.post("/oauth/device_authorization", {**data, "client_secret": secret}, auth=("acme-vault", secret))
    assert error(both)[:2] == (400, "invalid_request")


def test_basic_with_an_empty_password_beside_client_id(server):
    answer = server.post("/oauth/device_authorization", {"client_id": "acme-cli"}, auth=("acme-cli", ""))
    assert answer.status_code == 200


def test_expired_is_told_apart_from_unknown():
    with Server(device_code_s=60) as server:
        # Time passes in the database, not in the test: the code's end is moved into the past by its own clock.
        import sqlite3
        codes = server.authorize_device()
        server.stop()
        with sqlite3.connect(server.data / "latchkey.db") as database:
            changed = database.execute("UPDATE device_codes SET expires_at = created_at WHERE user_code = ?", (codes["user_code"],))
            assert changed.rowcount == 1
        server.start()
        assert error(server.poll(codes["device_code"])) == (400, "expired_token", "DEVICE_CODE_EXPIRED")


def test_of_a_hundred_redeemers_one_wins_and_its_tokens_work(server):
    codes = server.authorize_device()
    server.decide(codes["user_code"])
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _: server.poll(codes["device_code"]), range(100)))
    winners = [a for a in answers if a.status_code == 200]
    assert len(winners) == 1
    assert {error(a)[:2] for a in answers if a is not winners[0]} == {(400, "invalid_grant")}
    token = winners[0].json()["access_token"]
    assert server.get("/api/user", token).status_code == 200
    assert server.refresh(winners[0].json()["refresh_token"]).status_code == 200


def test_json_bodies_work_alike(server):
    answer = server.post("/auth/device/code", json={"client_id": "acme-cli", "org": "acme", "service": "cli"})
    assert answer.status_code == 200
    codes = answer.json()
    verified = server.post("/auth/device/verify", json={"user_code": codes["user_code"].lower().replace("-", " ")})
    assert verified.json() == {"org_slug": "acme", "service_slug": "cli", "available_providers": ["password"]}
    pending = server.post("/auth/token", json={"grant_type": DEVICE_GRANT, "device_code": codes["device_code"],
                                               "client_id": "acme-cli"})
    assert error(pending)[1] == "authorization_pending"
    wrong = server.post("/auth/device/code", json={"client_id": "acme-cli", "org": "acme", "service": "daemon"})
    assert wrong.status_code == 400


def test_a_pending_poll_never_writes(server):
    code = server.authorize_device()["device_code"]
    before = json.loads(server.latchkey("--json", "status").stdout)
    for _ in range(20):
        server.poll(code)
    after = json.loads(server.latchkey("--json", "status").stdout)
    assert after["writer"]["records"] == before["writer"]["records"]


def test_metadata_names_only_what_is_served(server):
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        answer = server.get(path)
        metadata = answer.json()
        assert metadata["issuer"] == server.url
        assert server.post(metadata["device_authorization_endpoint"].removeprefix(server.url),
                           {"client_id": "acme-cli"}).status_code == 200
        assert server.get(metadata["jwks_uri"].removeprefix(server.url)).status_code == 200
        assert "authorization_endpoint" not in metadata
        again = server.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304 and not again.content


def test_a_suspended_organization_ends_at_once(server):
    server.latchkey("org", "create", "short", "--name", "Short")
    server.latchkey("service", "create", "--org", "short", "--slug", "s", "--name", "S", "--client-id", "short-s")
    assert server.post("/oauth/device_authorization", {"client_id": "short-s"}).status_code == 200
    server.latchkey("org", "update", "short", "--suspend")
    assert error(server.post("/oauth/device_authorization", {"client_id": "short-s"}))[1] == "unauthorized_client"
    server.latchkey("org", "update", "short", "--activate")
    await_that(lambda: server.post("/oauth/device_authorization", {"client_id": "short-s"}).status_code == 200,
                    "the organization is active again", 2)
