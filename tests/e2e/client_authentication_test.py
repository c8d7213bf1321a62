"""How a client proves itself (RFC 6749 §2.3, RFC 7523), and for which API it asks a token (RFC 8707)."""

import base64
import json
import time
import uuid

import jwt  # Debian's python3-jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from harness import DEVICE_GRANT, Server

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
API = "https://api.acme.example"


def jwk(key, kid):
    algorithm = jwt.algorithms.ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else jwt.algorithms.RSAAlgorithm
    made = {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig"}
    if "x" in made:  # Debian 12's PyJWT leaves zeros out of one key in 128, against RFC 7518 section 6.2.1.2
        point = key.public_key().public_numbers()
        made |= {name: base64url(getattr(point, name).to_bytes(32, "big")) for name in ("x", "y")}
    return made


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Keys:
    p256 = ec.generate_private_key(ec.SECP256R1())
    rsa2048 = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    stranger = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module", name="server")
def server_fixture(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps({"keys": [jwk(Keys.p256, "a"), jwk(Keys.rsa2048, "b")]}))
    with Server(poll_interval_s=1) as server:
        server.latchkey("service", "create", "--org", "acme", "--slug", "sync", "--jwks", jwks,
                        "--resource", API, "--resource", "https://files.acme.example")
        secret = server.latchkey("--json", "service", "create", "--org", "acme", "--slug", "daemon",
                                 "--confidential").stdout
        server.secret = json.loads(secret)["client_secret"]
        server.folder_of_keys = folder
        yield server


def assertion(server, key=Keys.p256, algorithm="ES256", headers=None, **claims):
    now = int(time.time())
    payload = {"iss": "acme-sync", "sub": "acme-sync", "aud": server.url, "jti": str(uuid.uuid4()),
               "iat": now, "exp": now + 60, **claims}
    return jwt.encode({k: v for k, v in payload.items() if v is not None}, key, algorithm=algorithm, headers=headers)


def ask(server, text, **more):
    return server.post("/oauth/device_authorization",
                       {"client_assertion_type": JWT_BEARER, "client_assertion": text, **more})


def refused(answer, status=401, error="invalid_client"):
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json()["error_description"]


def test_a_signed_assertion_proves_the_client(server):
    assert ask(server, assertion(server)).status_code == 200
    assert ask(server, assertion(server), client_id="acme-sync").status_code == 200
    assert ask(server, assertion(server, Keys.rsa2048, "RS256", {"kid": "b"})).status_code == 200
    assert ask(server, assertion(server, aud=[server.url])).status_code == 200


def test_an_assertion_is_good_once(server):
    text = assertion(server)
    assert ask(server, text).status_code == 200
    assert "used before" in refused(ask(server, text))


@pytest.mark.parametrize("claims", [{"aud": "https://other.example"}, {"aud": None}, {"iss": "acme-cli"},
                                    {"sub": "acme-cli"}, {"jti": None}, {"exp": None}, {"exp": 1_700_000_000},
                                    {"exp": 4_000_000_000}, {"nbf": 4_000_000_000}])
def test_an_assertion_with_a_wrong_claim_is_refused(server, claims):
    refused(ask(server, assertion(server, **claims)))


def test_an_assertion_must_be_signed_by_a_key_of_that_client(server):
    refused(ask(server, assertion(server, Keys.stranger)))
    refused(ask(server, assertion(server, headers={"kid": "b"})))
    refused(ask(server, assertion(server, None, "none")))
    # The public key taken for a shared secret, the oldest trick there is.
    refused(ask(server, assertion(server, "a" * 64, "HS256")))
    head, _, rest = assertion(server).partition(".")
    refused(ask(server, head + "." + rest[:-8] + "AAAAAAAA"))
    for broken in ("x", "a.b.c", "..", head + "."):
        refused(ask(server, broken))


def test_two_methods_at_once_and_another_kind_of_assertion_are_invalid_requests(server):
    refused(ask(server, assertion(server), client_secret="x"), 400, "invalid_request")
    basic = {"Authorization": "Basic " + base64.b64encode(b"acme-daemon:" + server.secret.encode()).decode()}
    answer = server.post("/oauth/device_authorization", {"client_assertion_type": JWT_BEARER,
                                                         "client_assertion": assertion(server)}, headers=basic)
    refused(answer, 400, "invalid_request")
    answer = server.post("/oauth/device_authorization", {"client_assertion_type": "urn:other",
                                                         "client_assertion": assertion(server)})
    refused(answer, 400, "invalid_request")


def test_a_client_with_keys_has_no_secret_and_one_with_a_secret_no_keys(server):
    refused(server.post("/oauth/device_authorization", {"client_id": "acme-sync"}))
    refused(server.post("/oauth/device_authorization", {"client_id": "acme-sync", "client_secret": "guess"}))
    refused(ask(server, assertion(server, iss="acme-daemon", sub="acme-daemon")))
    good = server.post("/oauth/device_authorization", {"client_id": "acme-daemon", "client_secret": server.secret})
    assert good.status_code == 200


def test_new_keys_end_the_old_ones_at_once(server):
    jwks = server.folder_of_keys / "new.json"
    try:
        jwks.write_text(json.dumps({"keys": [jwk(Keys.stranger, "c")]}))
        server.latchkey("service", "update", "--org", "acme", "sync", "--jwks", jwks)
        refused(ask(server, assertion(server)))
        assert ask(server, assertion(server, Keys.stranger)).status_code == 200
    finally:
        server.latchkey("service", "update", "--org", "acme", "sync", "--jwks", server.folder_of_keys / "jwks.json")


def test_the_command_refuses_files_that_hold_no_public_keys(server):
    path = server.folder_of_keys / "bad.json"
    private = {**jwk(Keys.p256, "a"), "d": "c2VjcmV0"}
    for text, reason in [("{", "JSON"), ('{"keys":[]}', "no key"), (json.dumps({"keys": [private]}), "private"),
                         ('{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"BB"}]}', "key 1")]:
        path.write_text(text)
        done = server.latchkey("service", "update", "--org", "acme", "sync", "--jwks", path, check=False)
        assert done.returncode != 0 and reason in done.stderr, done.stderr


# ---- resource ----

def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def token_for(server, resource_then=None, resource_now=None):
    codes = ask(server, assertion(server), **({"resource": resource_then} if resource_then else {})).json()
    server.decide(codes["user_code"])
    return codes, redeem(server, codes, resource_now)


def redeem(server, codes, resource=None):
    return server.post("/oauth/token", {"grant_type": DEVICE_GRANT, "device_code": codes["device_code"],
                                        "client_assertion_type": JWT_BEARER, "client_assertion": assertion(server),
                                        **({"resource": resource} if resource else {})})


def test_a_token_for_a_resource_is_for_that_alone(server):
    _, answer = token_for(server, API)
    tokens = answer.json()
    assert answer.status_code == 200, answer.text
    assert claims_of(tokens["access_token"])["aud"] == [API]
    assert server.get("/api/user", tokens["access_token"]).status_code == 401
    assert server.get("/api/subscription", tokens["access_token"]).status_code == 401
    again = server.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"],
                                         "client_assertion_type": JWT_BEARER, "client_assertion": assertion(server)})
    assert claims_of(again.json()["access_token"])["aud"] == [API], "the grant is limited to it"


def test_another_resource_is_an_invalid_target_and_leaves_the_code_good(server):
    refused(ask(server, assertion(server), resource="https://evil.example"), 400, "invalid_target")
    codes, answer = token_for(server, API, "https://files.acme.example")
    refused(answer, 400, "invalid_target")
    assert redeem(server, codes, API).status_code == 200


def test_a_grant_without_a_resource_may_choose_one_of_the_services_or_none(server):
    _, answer = token_for(server, None, "https://files.acme.example")
    assert claims_of(answer.json()["access_token"])["aud"] == ["https://files.acme.example"]
    _, answer = token_for(server)
    assert claims_of(answer.json()["access_token"])["aud"] == [server.url, "acme/sync"]
    assert server.get("/api/user", answer.json()["access_token"]).status_code == 200
