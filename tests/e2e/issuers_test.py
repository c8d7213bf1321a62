"""Issuers: the platform's, an organization's below /o/ORG and a domain of it, each with its own keys, behind real nginx."""

import json
import re

import jwt  # Debian's python3-jwt
import pytest
import requests
from harness import DEVICE_GRANT, Server, await_that

DOMAIN = "login.acme.example"


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1) as server:
        server.latchkey("domain", "create", "--org", "acme", DOMAIN)
        for slug, issuer in (("path", "organization"), ("own", DOMAIN)):
            server.latchkey("service", "create", "--org", "acme", "--slug", slug, "--issuer", issuer)
        server.latchkey("org", "create", "other")
        yield server


class At:
    """Asks the server as a client of one issuer would; a domain by its Host."""

    def __init__(self, server, reference, client_id):
        self.server, self.client_id = server, client_id
        self.host = reference[2:] if reference.startswith("//") else f"127.0.0.1:{server.port}"
        self.prefix = "" if reference.startswith("//") else reference
        self.issuer = f"http://{self.host}:{server.port}" if reference.startswith("//") else server.url + reference

    def ask(self, method, path, token=None, **kwargs):
        headers = {"Host": self.host, **({"Authorization": "Bearer " + token} if token else {})}
        return requests.request(method, self.server.url + self.prefix + path, headers=headers, timeout=20, **kwargs)

    def authorize_device(self):
        return self.ask("POST", "/oauth/device_authorization", data={"client_id": self.client_id, "scope": "openid"})

    def token(self, **params):
        return self.ask("POST", "/oauth/token", data={"client_id": self.client_id, **params})

    def sign_in(self):
        codes = self.authorize_device().json()
        self.server.decide(codes["user_code"])
        answer = self.token(grant_type=DEVICE_GRANT, device_code=codes["device_code"])
        assert answer.status_code == 200, answer.text
        return answer.json()

    def jwks(self):
        return self.ask("GET", "/.well-known/jwks.json").json()["keys"]


@pytest.fixture(name="issuers", scope="module")
def issuers_fixture(server):
    return {"platform": At(server, "", "acme-cli"), "path": At(server, "/o/acme", "acme-path"),
            "domain": At(server, "//" + DOMAIN, "acme-own")}


def verified(token, issuer, algorithm, audience):
    kid = jwt.get_unverified_header(token)["kid"]
    keys = [key for key in issuer.jwks() if key["kid"] == kid]
    assert len(keys) == 1, "signed with a key of its issuer's JWKS"
    return jwt.decode(token, jwt.PyJWK(keys[0]).key, algorithms=[algorithm], audience=audience, issuer=issuer.issuer)


@pytest.mark.parametrize("name", ["platform", "path", "domain"])
def test_metadata_names_its_issuer_and_addresses_below_it(issuers, name):
    issuer = issuers[name]
    for document in ("openid-configuration", "oauth-authorization-server"):
        metadata = issuer.ask("GET", "/.well-known/" + document).json()
        assert metadata["issuer"] == issuer.issuer
        assert metadata["token_endpoint"] == issuer.issuer + "/oauth/token"
        assert metadata["jwks_uri"] == issuer.issuer + "/.well-known/jwks.json"


def test_metadata_of_a_path_is_also_where_rfc_8414_puts_it(server, issuers):
    for document in ("openid-configuration", "oauth-authorization-server"):
        answer = server.get(f"/.well-known/{document}/o/acme")
        assert answer.json()["issuer"] == issuers["path"].issuer
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert server.get(f"/.well-known/{document}/o/nobody").status_code == 404


def test_each_jwks_holds_the_keys_of_its_owner(server, issuers):
    platform, path, domain = ({key["kid"] for key in issuers[name].jwks()} for name in ("platform", "path", "domain"))
    assert len(platform) == len(path) == 2
    assert path == domain, "an organization's keys sign for all its issuers"
    assert not platform & path
    listed = json.loads(server.latchkey("--json", "keys", "list", "--org", "acme").stdout)
    assert {key["kid"] for key in listed} == path


@pytest.mark.parametrize("name,service", [("platform", "cli"), ("path", "path"), ("domain", "own")])
def test_a_device_signs_in_and_its_tokens_are_of_that_issuer(issuers, name, service):
    issuer = issuers[name]
    tokens = issuer.sign_in()
    claims = verified(tokens["access_token"], issuer, "ES256", f"acme/{service}")
    assert claims["aud"] == [issuer.issuer, f"acme/{service}"]
    assert verified(tokens["id_token"], issuer, "RS256", issuer.client_id)["org"] == "acme"
    user = issuer.ask("GET", "/api/user", tokens["access_token"])
    assert (user.status_code, user.json()["service"]) == (200, service)
    refreshed = issuer.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.status_code == 200, refreshed.text
    by_sdk = issuer.ask("POST", "/api/auth/refresh", json={"refresh_token": refreshed.json()["refresh_token"]})
    assert by_sdk.status_code == 200, by_sdk.text
    assert issuer.ask("POST", "/api/auth/logout", tokens["access_token"]).status_code == 204


def test_what_one_issued_is_nothing_to_the_others(issuers):
    tokens = {name: issuer.sign_in() for name, issuer in issuers.items()}
    for name, issued in tokens.items():
        for other, issuer in issuers.items():
            if other == name:
                continue
            assert issuer.ask("GET", "/api/user", issued["access_token"]).status_code == 401
            assert issuer.ask("GET", "/api/subscription", issued["access_token"]).status_code == 401
            assert issuer.ask("POST", "/api/auth/logout", issued["access_token"]).status_code == 401
            assert issuer.ask("POST", "/api/auth/refresh",
                              json={"refresh_token": issued["refresh_token"]}).status_code == 401
            stranger = At(issuer.server, "", issuers[name].client_id)
            stranger.host, stranger.prefix = issuer.host, issuer.prefix
            refused = stranger.token(grant_type="refresh_token", refresh_token=issued["refresh_token"])
            assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client")
            assert stranger.authorize_device().json()["error"] == "invalid_client"


def test_a_verification_uri_below_a_path_leads_to_the_pages(server, issuers):
    codes = issuers["path"].authorize_device().json()
    assert codes["verification_uri"] == server.url + "/o/acme/activate"
    page = requests.get(codes["verification_uri_complete"], timeout=20)
    assert page.url == f"{server.url}/activate?user_code={codes['user_code']}"
    assert codes["user_code"] in page.text
    assert requests.get(server.url + "/o/acme/sign-in", timeout=20).status_code == 404


@pytest.mark.parametrize("typed, path", [
    ("abcd-2345", "/activate?user_code=ABCD-2345"), ("%EF%BC%A1BCD%202345", "/activate?user_code=ABCD-2345"),
    ("A" * 6000, "/activate"), ("%C3%A4" * 1200, "/activate"), ("-" * 6000, "/activate"), ("ABCD", "/activate"), ("", "/activate")],
    ids=lambda value: value[:20])
def test_a_path_leads_to_the_pages_with_a_code_and_nothing_else(server, typed, path):
    answer = requests.get(server.url + "/o/acme/activate?user_code=" + typed, timeout=20, allow_redirects=False)
    assert (answer.status_code, answer.headers.get("Location")) == (303, path)


def test_pages_of_a_domain_are_its_organizations_alone(server, issuers):
    domain = issuers["domain"]
    page = domain.ask("GET", "/sign-in")
    assert page.status_code == 200
    assert "Acme" in page.text
    assert domain.ask("GET", "/sign-in", params={"org": "other"}).status_code == 404
    assert server.get("/sign-in", params={"org": "other"}).status_code == 200
    code = issuers["platform"].authorize_device().json()["user_code"]
    found = domain.ask("POST", "/auth/device/verify", json={"user_code": code})
    assert found.json()["org_slug"] == "acme", "a code of the organization's, begun elsewhere"


def test_a_form_at_a_domain_comes_from_the_domain(server, issuers):
    domain, page = issuers["domain"], issuers["domain"].ask("GET", "/activate")
    csrf = re.search(r'name="csrf" value="([^"]*)"', page.text).group(1)

    def status_of(origin):
        headers = {"Host": DOMAIN, "Origin": origin, "Cookie": page.headers["Set-Cookie"].split(";")[0]}
        data = {"csrf": csrf, "user_code": "BBBB-BBBB"}
        return requests.post(server.url + "/activate", headers=headers, data=data, timeout=20).status_code

    assert status_of(domain.issuer) == 400, "a wrong code, no forged form"
    assert status_of(server.url) == 403, "the platform's pages send no forms to a domain"


def test_a_password_link_is_not_used_at_another_organizations_domain(server, issuers):
    for org, status in (("other", 400), ("acme", 200)):
        invited = server.latchkey("--json", "user", "invite", "--org", org, "--email", "bob@bob.example").stdout
        token = re.search(r"token=([\w-]+)", invited).group(1)
        assert issuers["domain"].ask("GET", "/set-password", params={"token": token}).status_code == status


def test_the_platform_has_no_other_issuer(server):
    for path in ("/o/platform/.well-known/jwks.json", "/o/platform/.well-known/openid-configuration"):
        assert server.get(path).status_code == 404
    refused = server.latchkey("service", "create", "--org", "platform", "--slug", "x", "--issuer", "organization",
                              check=False)
    assert refused.returncode == 2
    assert "one issuer" in refused.stderr


@pytest.mark.parametrize("path", ["/o", "/.well-known/openid-configuration/o", "/.well-known/oauth-authorization-server/o"])
def test_no_redirect_repeats_the_host(server, path):
    answer = server.request("GET", path, headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"


def test_a_user_code_below_a_path_is_in_no_log(server):
    too_large = b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5f5e0ff\r\nx"
    answer = server.raw(b"GET /o/acme/activate?user_code=TOLD-2345 HTTP/1.1\r\nHost: 127.0.0.1\r\n" + too_large)
    assert answer[0] == 413, "which nginx itself answers, and logs elsewhere"
    assert "Access-Control-Allow-Origin" not in answer[1], "a page"
    later = server.raw(b"GET /o/acme/x?after=it HTTP/1.1\r\nHost: 127.0.0.1\r\n" + too_large)
    assert later[0] == 413
    await_that(lambda: "/o/acme/x?after=it" in server.nginx_errors(), "the later line in the log")
    assert "TOLD-2345" not in server.log() + server.nginx_errors()


def test_an_unknown_host_is_told_the_command(server):
    answer = requests.get(server.url + "/api/user", headers={"Host": "evil.example"}, timeout=20)
    assert (answer.status_code, answer.json()["error_code"]) == (421, "MISDIRECTED_REQUEST")
    page = requests.get(server.url + "/activate", headers={"Host": "evil.example", "Accept": "text/html"}, timeout=20)
    assert page.status_code == 421
    assert "latchkey domain create" in page.text and "evil.example" in page.text
    assert page.headers["Content-Security-Policy"]
    for path in ("/healthz", "/readyz"):
        assert requests.get(server.url + path, headers={"Host": "evil.example"}, timeout=20).status_code == 200


def test_a_domain_comes_and_goes_without_a_restart(server):
    host = {"Host": "new.acme.example"}
    assert requests.get(server.url + "/activate", headers=host, timeout=20).status_code == 421
    server.latchkey("domain", "create", "--org", "acme", "New.Acme.example")
    assert requests.get(server.url + "/activate", headers=host, timeout=20).status_code == 200
    taken = server.latchkey("domain", "create", "--org", "other", "new.acme.example", check=False)
    assert taken.returncode == 4 and "already" in taken.stderr
    server.latchkey("domain", "delete", "--org", "acme", "new.acme.example", "--yes")
    assert requests.get(server.url + "/activate", headers=host, timeout=20).status_code == 421
    used = server.latchkey("domain", "delete", "--org", "acme", DOMAIN, "--yes", check=False)
    assert used.returncode == 4 and "issuer of a service" in used.stderr


@pytest.mark.parametrize("host", ["https://login.example", "login.example:8080", "localhost", "192.0.2.1", "a..b", "-a.b"])
def test_what_is_no_domain_is_refused(server, host):
    refused = server.latchkey("domain", "create", "--org", "acme", "--", host, check=False)
    assert refused.returncode == 2, refused.stderr
    assert "is no domain" in refused.stderr


def test_an_unknown_issuer_of_a_service_is_refused(server):
    refused = server.latchkey("service", "create", "--org", "acme", "--slug", "x", "--issuer", "login.other.example",
                              check=False)
    assert refused.returncode == 3
    assert "no domain login.other.example of acme" in refused.stderr


@pytest.mark.parametrize("name", ["path", "domain"])
def test_a_suspended_organization_is_over_at_its_own_issuer_until_it_is_active_again(server, issuers, name):
    issuer = issuers[name]
    tokens = issuer.sign_in()

    def refresh():
        return issuer.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    def user():
        return issuer.ask("GET", "/api/user", token=tokens["access_token"])

    server.latchkey("org", "update", "acme", "--suspend")
    try:
        assert issuer.authorize_device().json()["error"] == "unauthorized_client"
        assert refresh().json()["error"] == "unauthorized_client"
        assert user().status_code == 401
        assert issuer.jwks()  # what was signed can be verified on
    finally:
        server.latchkey("org", "update", "acme", "--activate")
    await_that(lambda: issuer.authorize_device().status_code == 200, "the organization is active again", 2)
    assert user().status_code == 200 and refresh().status_code == 200
