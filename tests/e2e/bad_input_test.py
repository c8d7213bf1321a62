"""Whatever a client sends: the status and JSON body of the contract, never a 500, never a hang."""

import base64
import os
import signal
import socket
import time

import pytest
import requests
from harness import Browser, Server, await_that

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(user_code_attempts_per_session=3, password_attempts_per_account=4) as server:
        yield server


def assert_error(answer, status, error_code):
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["Content-Type"].startswith("application/json")
    body = answer.json()
    assert body["error"] and body["timestamp"] and body["error_code"] == error_code
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize("body", [
    b"client_id=%", b"client_id=%zz", b"client_id=%ff", b"client_id=a%00b", b"client_id=x&client_id=y",
    b"&" * 5000, b"=" * 5000, b"a" * 16000, b"\x00\x01\x02", b"client_id", b"&".join(b"p%d=1" % i for i in range(100)),
])
def test_malformed_forms(server, body):
    answer = server.post("/oauth/device_authorization", body, headers=FORM)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] in ("invalid_request", "invalid_client")


@pytest.mark.parametrize("body", [
    b"{", b"[]", b"null", b'"text"', b'{"client_id":1', b'{"client_id":"a","client_id":"b"}', b"\xff\xfe{}",
    b'{"client_id":"\\ud800"}', b"[" * 16000, b'{"a":' * 3000, b'{"client_id":{"a":1}}', b'{"client_id":["acme-cli"]}',
])
def test_malformed_json(server, body):
    answer = server.post("/auth/device/code", body, headers=JSON)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] in ("invalid_request", "invalid_client")


def numbers():
    """JSON numbers of all lengths and exponents: a library that converts them has met its own assertion on some."""
    for exponent in (0, 1, 9, 307, 308, 309, 2147483638, 2147483639, 2147483647, 2147483648, 99999999999999999999):
        for fraction in ("", "." + "0" * 10 + "1", "." + "9" * 40, "." + "0" * 400 + "1"):
            for sign in ("e-", "e", "E+"):
                yield f"0{fraction}{sign}{exponent}"
                yield f"-1{fraction}{sign}{exponent}"


def encoded(text):
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def test_no_number_ends_a_child(server):
    """In bodies, in arrays, in the header and the claims of an assertion."""
    for number in numbers():
        bodies = [(path, ('{"a":%s}' % number).encode(), JSON) for path in
                  ("/oauth/token", "/oauth/device_authorization", "/auth/device/code",
                   "/auth/token", "/api/auth/refresh")]
        bodies.append(("/oauth/token", ("[%s]" % number).encode(), JSON))
        for header, claims in ((number, "1"), ("1", number)):
            jwt = ".".join((encoded('{"alg":"ES256","x":%s}' % header), encoded('{"exp":%s}' % claims), "AA"))
            bodies.append(("/oauth/token", "grant_type=refresh_token&refresh_token=x&client_assertion=" + jwt, FORM))
        for path, body, headers in bodies:
            answer = server.post(path, body, headers=headers)
            assert answer.status_code in (400, 401), (answer.status_code, path, body)
    assert "child_died" not in server.log(), server.log()[-2000:]


def test_wrong_type_method_size_path_and_host(server):
    assert_error(server.post("/oauth/token", b"<a/>", headers={"Content-Type": "text/xml"}), 415, "UNSUPPORTED_MEDIA_TYPE")
    wrong = server.get("/oauth/token")
    assert_error(wrong, 405, "METHOD_NOT_ALLOWED")
    assert wrong.headers["Allow"] == "POST"
    assert_error(requests.delete(server.url + "/api/user", timeout=5), 405, "METHOD_NOT_ALLOWED")
    assert_error(server.post("/oauth/token", b"a=" + b"x" * 20000, headers=FORM), 413, "PAYLOAD_TOO_LARGE")
    assert_error(server.get("/oauth/authorise"), 404, "NOT_FOUND")
    assert_error(server.get("/api/user/../../etc/passwd"), 404, "NOT_FOUND")
    assert_error(server.get("/api/user", headers={"Host": "evil.example"}), 421, "MISDIRECTED_REQUEST")


def test_a_body_of_no_length_is_accepted_where_none_is_needed(server):
    assert_error(server.post("/api/auth/logout", headers=JSON), 401, "UNAUTHORIZED")
    assert_error(server.post("/oauth/token", headers=JSON), 400, "INVALID_REQUEST")


def test_huge_and_strange_headers(server):
    assert server.get("/api/user", "x" * 30000).status_code in (400, 431, 494)
    assert_error(server.get("/api/user", headers={"Authorization": "Bearer \t\t"}), 401, "UNAUTHORIZED")
    assert server.get("/activate", headers={"Cookie": "; ".join(f"c{i}=v" for i in range(300))}).status_code == 200


def test_preflight_and_cors_on_the_api_but_never_on_pages(server):
    for path in ("/oauth/token", "/api/user", "/auth/device/code"):
        answer = requests.options(server.url + path, timeout=5, headers={
            "Origin": "https://app.example", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type"})
        assert answer.status_code == 204 and answer.headers["Access-Control-Allow-Origin"] == "*"
        allowed = answer.headers["Access-Control-Allow-Headers"].lower()
        assert all(name in allowed for name in ("authorization", "content-type"))
        assert int(answer.headers["Access-Control-Max-Age"]) > 0
    answer = server.get("/api/user", headers={"Origin": "https://app.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "www-authenticate" in answer.headers["Access-Control-Expose-Headers"].lower()
    assert "Access-Control-Allow-Origin" not in server.get("/activate").headers


def test_a_truncated_request_hangs_nothing(server):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port)) as s:
            s.sendall(b"POST /oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                      b"Content-Length: 500\r\n\r\n{")
    start = time.monotonic()
    assert server.get("/healthz").status_code == 200
    assert time.monotonic() - start < 5  # as long as nginx waits for the rest of one of them


def test_the_log_names_the_request_that_the_answer_names(server):
    answer = server.get("/api/user")
    await_that(lambda: answer.headers["X-Request-Id"] in (server.data / "log/access.log").read_text(),
                    "the access log names it", 5)


def test_user_codes_are_guessed_only_so_often(server):
    browser = Browser(server)
    for _ in range(3):
        assert "not valid" in browser.enter_code("ABCD-2345").text
    good = server.authorize_device()["user_code"]
    page = browser.enter_code(good)
    assert page.status_code == 429 and "Too many wrong codes" in page.text
    other = Browser(server)
    assert "/sign-in" in other.enter_code(good).url, "another browser is not held up"


def test_passwords_are_guessed_only_so_often_and_an_operator_unlocks(server):
    server.latchkey("user", "create", "--org", "acme", "--email", "bob@acme.example", "--password-stdin",
                    stdin="correct horse battery")
    code = server.authorize_device()["user_code"]

    def sign_in(password):
        browser = Browser(server)
        browser.enter_code(code)
        return browser.sign_in("bob@acme.example", password)

    for _ in range(4):
        assert "/activate/confirm" not in sign_in("wrong password").url
    assert "/activate/confirm" not in sign_in("correct horse battery").url, "locked"
    server.latchkey("user", "unlock", "--org", "acme", "--email", "bob@acme.example")
    assert "/activate/confirm" in sign_in("correct horse battery").url


def test_a_form_without_its_csrf_token_is_refused(server):
    codes = server.authorize_device()
    browser = Browser(server)
    browser.enter_code(codes["user_code"])
    browser.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"])
    forged = browser.session.post(server.url + "/activate/confirm", timeout=5, data={
        "csrf": "x", "user_code": codes["user_code"], "decision": "approve", "org": "acme"})
    assert forged.status_code == 403
    cross_site = browser.submit  # the right token, but the browser says that another site sent it
    browser.session.headers["Sec-Fetch-Site"] = "cross-site"
    assert cross_site("/activate/confirm", decision="approve").status_code == 403
    assert server.poll(codes["device_code"]).json()["error"] == "authorization_pending"


def test_pages_carry_their_protection(server):
    headers = server.get("/activate").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY" and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store"


def test_with_the_writer_down_reads_go_on_and_writes_are_503_until_it_is_back():
    with Server(record_deadline_ms=1500, heartbeat_old_ms=500, request_budget_ms=3000) as server:
        token = server.sign_in_device()["access_token"]
        writer = server.pids("latchkey-writer")[0]
        os.kill(writer, signal.SIGSTOP)  # alive for the supervisor, silent for everybody else
        try:
            for _ in range(3):  # ours, within the budget: nginx's own would be another body
                answer = server.post("/oauth/device_authorization", {"client_id": "acme-cli"})
                assert_error(answer, 503, "SERVICE_UNAVAILABLE")
                assert answer.headers["Retry-After"]
            assert server.get("/api/user", token).status_code == 200
            assert server.get("/readyz").status_code == 503
            assert server.get("/healthz").status_code == 200
        finally:
            os.kill(writer, signal.SIGCONT)
        await_that(lambda: server.post("/oauth/device_authorization", {"client_id": "acme-cli"}).status_code == 200,
                        "writes work again", 5)
