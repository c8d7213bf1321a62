"""What a client of another make sends, and what it gets: headers of every answer, conditional requests, addresses as
people type them, cookies beside ours, a form of another visit."""

import re
import sqlite3

import pytest
import requests
from harness import Browser, Server

ROUTES = ["/", "/activate", "/activate/", "/activate/confirm", "/activate/result", "/sign-in", "/sign-in?org=acme",
          "/sign-in/password", "/sign-out", "/forgot-password?org=acme", "/set-password", "/set-password/save",
          "/assets/latchkey.css", "/healthz", "/readyz", "/metrics", "/oauth/token", "/oauth/device_authorization",
          "/auth/token", "/auth/device/code", "/auth/device/verify", "/api/user", "/api/subscription",
          "/api/auth/refresh", "/api/auth/logout", "/.well-known/jwks.json", "/.well-known/openid-configuration",
          "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration/o/acme",
          "/o/acme/.well-known/jwks.json", "/o/acme/oauth/token", "/o/acme/activate", "/o/acme/ACTIVATE", "/o/acme/nope",
          "/o", "/nope", "/oauth/nope", "/.latchkey/api"]


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(user_code_attempts_per_session=1000, user_code_attempts_per_address=1000) as server:
        yield server


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE"])
def test_every_answer_forbids_sniffing_and_has_a_policy(server, method):
    for path in ROUTES:
        for options in ({}, {"data": b"x" * 20000}, {"headers": {"X-Long": "A" * 20000}}, {"headers": {"Host": "evil.example"}}):
            answer = server.request(method, path, **options)
            assert answer.headers["X-Content-Type-Options"] == "nosniff", (method, path, answer.status_code)
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy, (method, path, policy)
            assert "base-uri 'none'" in policy, (method, path, policy)


def test_answers_with_a_token_forbid_it_too(server):
    token = server.sign_in_device()["access_token"]
    for answer in (server.get("/api/user", token), server.get("/api/subscription", token), server.device_code()):
        assert answer.status_code == 200 and answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/.well-known/jwks.json", "/.well-known/openid-configuration",
                                  "/.well-known/oauth-authorization-server", "/assets/latchkey.css"])
def test_whoever_has_the_document_is_told_so(server, path):
    etag = server.get(path).headers["ETag"]
    for known in (etag, "W/" + etag, f'"other", W/{etag}', f'"a,b" ,{etag}, "c"', "*"):
        answer = server.get(path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b""), known
        assert answer.headers["ETag"] == etag
    for other in ('"other"', etag.strip('"'), 'W/"other"', etag[:-1]):
        assert server.get(path, headers={"If-None-Match": other}).status_code == 200, other


@pytest.mark.parametrize("typed,address", [
    ("/activate/", "/activate"), ("/Activate", "/activate"), ("/ACTIVATE//", "/activate"),
    ("/Activate/Confirm", "/activate/confirm"), ("/sign-in/", "/sign-in"), ("/Sign-In", "/sign-in"),
    ("/set-password/", "/set-password"), ("/forgot-password/", "/forgot-password"), ("/sign-out/", "/sign-out"),
    ("/o/acme/activate/", "/o/acme/activate"), ("/o/acme/Activate", "/o/acme/activate"),
])
def test_an_address_as_people_type_it_leads_to_the_page(server, typed, address):
    for query in ("", "?user_code=BCDF-2345&utm=1&utm=2", "?next=//evil.example/%0D%0AX:y"):
        for host in ("127.0.0.1", "evil.example"):
            answer = server.request("GET", typed + query, headers={"Host": host})
            assert answer.status_code == 308, answer.text
            assert answer.headers["Location"] == address + query, "the host that was asked for, and no other"
    assert server.request("POST", typed, data={"a": "b"}).status_code == 308, "method and form are kept"


def test_what_is_no_page_is_not_found(server):
    for path in ("/activates", "/activate/x", "//evil.example/activate/x", "/o/a%0d%0ab/activate/", "/oauth/token/", "/o/ac/me/activate/"):
        answer = server.request("GET", path)
        assert answer.status_code == 404 and "Location" not in answer.headers, path


def test_unknown_parameters_are_nothing_on_a_page(server):
    for more in ("utm=1&utm=2", "x=100%", "%zz=%ff", "x=%00"):
        page = server.get("/activate?user_code=BCDF-2345&" + more)
        assert page.status_code == 200 and 'value="BCDF-2345"' in page.text, more
        assert server.request("GET", "/o/acme/activate?user_code=BCDF-2345&" + more).status_code == 303, more


def test_without_a_host_the_public_address_answers(server):
    status, _, body = server.raw(b"GET /.well-known/openid-configuration HTTP/1.0\r\n\r\n")
    assert status == 200 and server.url.encode() in body
    status, _, body = server.raw(b"POST /oauth/device_authorization HTTP/1.0\r\nContent-Length: 18\r\n"
                                 b"Content-Type: application/x-www-form-urlencoded\r\n\r\nclient_id=acme-cli")
    assert status == 200 and b"device_code" in body
    assert server.raw(b"GET http://evil.example/api/user HTTP/1.0\r\n\r\n")[0] == 421, "a host named by the line"
    for host in (b"_", b"no_name.example", b"[2001:db8::1]", b"192.0.2.7", b"plain"):
        status, _, body = server.raw(b"GET /api/user HTTP/1.1\r\nConnection: close\r\nHost: " + host + b"\r\n\r\n")
        assert status == 421 and b"domain create" not in body, "a name that could be no domain"


def test_no_number_of_other_cookies_hides_ours(server):
    browser = Browser(server)
    browser.open("/activate")
    for i in range(100):
        browser.session.cookies.set(f"other{i}", "x", path="/")
    others = "; ".join(f"a{i}=1" for i in range(100))
    ours = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.session.cookies if cookie.name.endswith("lk-pre"))
    token = re.search(r'name="csrf" value="([^"]+)"', browser.page.text).group(1)
    code = server.authorize_device()["user_code"]
    for cookies in (f"{others}; {ours}", f"$Version=1;{others};{ours}", f"lk-pre=broken; novalue; =; {others}; {ours}"):
        answer = server.request("POST", "/activate", data={"csrf": token, "user_code": code}, headers={"Cookie": cookies})
        assert answer.status_code == 303, cookies


def test_the_older_of_two_tabs_works_at_the_second_press(server):
    code = server.authorize_device()["user_code"]
    browser = Browser(server)
    older = browser.open("/activate")
    browser.session.cookies.clear()  # as if both had been opened at once
    browser.open("/activate")
    browser.page = older
    refused = browser.submit("/activate", user_code=code.lower())
    assert refused.status_code == 403 and f'value="{code.lower()}"' in refused.text
    assert "/sign-in" in browser.submit("/activate", user_code=code).url
    browser.session.cookies.clear()  # the browser is started again
    refused = browser.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"])
    assert refused.status_code == 403 and server.demo["DEMO_EMAIL"] in refused.text
    assert server.demo["DEMO_PASSWORD"] not in refused.text
    assert "/activate/confirm" in browser.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"]).url
    for name in [cookie.name for cookie in browser.session.cookies if cookie.name.endswith("lk-pre")]:
        del browser.session.cookies[name]
    refused = browser.decide("approve")
    assert refused.status_code == 403 and "/activate/confirm" in refused.text
    assert "status=approved" in browser.decide("approve").url


@pytest.mark.parametrize("sent", [b"WDJB%09MJHT", b"%0aWDJBMJHT%0d%0a", b"WDJB%E2%80%94MJHT", b"W%E2%80%8BDJBMJHT%00"])
def test_what_is_not_of_the_alphabet_of_user_codes_is_dropped(server, sent):
    """Looked up, and so answered as any code that is not live."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    plain = server.post("/auth/device/verify", b"user_code=WDJB-MJHT", headers=form)
    answer = server.post("/auth/device/verify", b"user_code=" + sent, headers=form)
    assert (answer.status_code, answer.json()["error"]) == (plain.status_code, plain.json()["error"])
    text = requests.utils.unquote(sent.decode())
    answer = server.post("/auth/device/verify", json={"user_code": text})
    assert (answer.status_code, answer.json()["error"]) == (plain.status_code, plain.json()["error"])
    assert server.get("/activate?user_code=" + sent.decode()).status_code == 200


def test_a_live_code_is_found_whatever_stands_between(server):
    code = server.authorize_device()["user_code"]
    for typed in (code.replace("-", "\t"), f"\n{code}\r\n", code.replace("-", "\u2013"), f"\ufeff{code}",
                  "".join(chr(ord(c) + 0xfee0) if c.isalnum() else c for c in code)):
        assert server.post("/auth/device/verify", json={"user_code": typed}).status_code == 200, ascii(typed)
        assert "/sign-in" in Browser(server).enter_code(typed).url, ascii(typed)


KNOWN = ["client_id", "client_secret", "client_assertion", "client_assertion_type", "grant_type", "device_code",
         "refresh_token", "scope", "resource", "org", "service", "user_code"]
JSON_ENDPOINTS = ["/oauth/device_authorization", "/auth/device/code", "/oauth/token", "/auth/token", "/api/auth/refresh",
                  "/auth/device/verify", "/o/acme/oauth/token"]


@pytest.mark.parametrize("path", JSON_ENDPOINTS)
def test_a_known_parameter_that_is_no_text_is_refused(server, path):
    for name in KNOWN:
        for value in (["https://api.acme.example"], ["a", "b"], [], {}, {"a": ["b"]}):
            if (name, value) == ("resource", ["a", "b"]):
                continue  # test_two_resources_are_one_too_many
            answer = server.post(path, json={"client_id": "acme-cli", name: value})
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), (name, value, answer.text)


def test_a_token_is_never_wider_than_asked_for(server):
    resource = ["https://api.acme.example"]
    codes = server.authorize_device()
    server.decide(codes["user_code"])
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": codes["device_code"],
             "client_id": "acme-cli"}
    assert server.post("/oauth/token", json=grant | {"resource": resource}).json()["error"] == "invalid_request"
    tokens = server.post("/oauth/token", json=grant | {"resource": None, "unknown": resource}).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": "acme-cli"}
    assert server.post("/oauth/token", json=refresh | {"resource": resource}).json()["error"] == "invalid_request"
    for path in ("/api/auth/refresh",):
        assert server.post(path, json={"refresh_token": tokens["refresh_token"], "resource": resource}).status_code == 400
        narrower = server.post(path, json={"refresh_token": tokens["refresh_token"], "resource": resource[0]})
        assert narrower.json()["error"] == "invalid_target", "not the service's, and not passed over"
    assert server.post("/oauth/token", json=refresh).status_code == 200


def test_two_resources_are_one_too_many(server):
    two = [("resource", "https://a.example"), ("resource", "https://b.example")]
    fields = [("client_id", "acme-cli"), ("grant_type", "refresh_token"), ("refresh_token", "x"), ("user_code", "x")]
    for resources in (two, [two[0], two[0]]):
        for path in JSON_ENDPOINTS:
            form = server.post(path, fields + resources)
            array = server.post(path, json=dict(fields) | {"resource": [value for _, value in resources]})
            for answer in (form, array):
                assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target"), (path, answer.text)
            assert form.json()["error_description"] == array.json()["error_description"]
    answer = server.post("/oauth/device_authorization", b'{"client_id":"acme-cli","resource":"a","resource":"b"}',
                         headers={"Content-Type": "application/json"})
    assert answer.json()["error"] == "invalid_target"
    assert server.post("/oauth/device_authorization", [("client_id", "acme-cli"), ("scope", "a"), ("scope", "b")]).json()["error"] == "invalid_request"


def test_what_is_not_utf8_in_a_user_agent_is_not_stored(server):
    agent = b"M\xfcller \x01 1.0 \xe2\x82\xac"
    codes = server.post("/oauth/device_authorization", {"client_id": "acme-cli"}, headers={"User-Agent": agent}).json()
    browser = Browser(server)
    browser.session.headers["User-Agent"] = agent
    browser.enter_code(codes["user_code"])
    assert "/activate/confirm" in browser.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"]).url
    assert "Mller" in browser.page.text
    for kind in ("Origin", "Host", "Accept", "Authorization", "Cookie", "If-None-Match", "Sec-Fetch-Site"):
        answer = server.request("GET", "/activate", headers={kind: b"http://m\xfcller.example"})
        assert answer.status_code in (200, 400, 403, 421), kind
    assert server.pids("latchkey-writer") and server.get("/readyz").status_code == 200
    with sqlite3.connect(f"file:{server.data}/latchkey.db?mode=ro", uri=True) as database:
        database.text_factory = bytes
        for table, column in (("sessions", "user_agent"), ("device_codes", "device_name")):
            for (text,) in database.execute(f"SELECT {column} FROM {table}"):
                assert text.isascii(), (table, text)
