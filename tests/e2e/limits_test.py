"""Who may fill what, and whom that stops (docs/security.md): a flood of one leaves the others what is theirs."""

import json
import re
import threading
import time
import uuid

import jwt  # Debian's python3-jwt
import pytest
from client_authentication_test import JWT_BEARER, Keys, jwk
from harness import Browser, Server

WINDOW_S = 900
IMAGE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
VERIFY = "/auth/device/verify"


def retry_after(answer, most):
    left = int(answer.headers["Retry-After"])
    assert 0 < left <= most, answer.headers
    return left


# ---- what a web page makes its visitors' browsers do ----

@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(guess_window_s=WINDOW_S) as server:
        yield server


def test_images_on_another_sites_page_keep_nobody_from_connecting_a_device(server):
    for _ in range(30):
        assert server.get("/activate/confirm?user_code=WRNG-2345", headers=IMAGE).status_code == 403
        server.get("/activate/confirm?user_code=WRNG-2345")  # an old browser, which says nothing
    assert "Your device is connected" in server.decide(server.authorize_device()["user_code"]).text


def test_scripts_and_forms_of_another_site_keep_nobody_from_connecting_a_device(server):
    origin = {"Origin": "https://evil.example"}
    for path in (VERIFY, "/o/acme" + VERIFY):
        for _ in range(30):
            answer = server.post(path, {"user_code": "WRNG-2345"}, headers=origin)
            assert answer.status_code == 403 and answer.json()["error_code"] == "FORBIDDEN", answer.text
            assert "Access-Control-Allow-Origin" not in answer.headers
        preflight = server.request("OPTIONS", path, headers={**origin, "Access-Control-Request-Method": "POST"})
        assert preflight.status_code == 405 and "Access-Control-Allow-Origin" not in preflight.headers
    code = server.authorize_device()["user_code"]
    found = server.post(VERIFY, {"user_code": code})
    assert found.status_code == 200 and "acme" in found.text, found.text
    assert "Your device is connected" in server.decide(code).text


def test_pages_of_other_sites_get_a_part_of_the_device_codes_of_their_visitors_network():
    with Server(device_codes_per_client_and_address=8) as server:
        def ask(**headers):
            return server.post("/oauth/device_authorization", {"client_id": "acme-cli"}, headers=headers).status_code
        assert [ask(Origin="https://evil.example") for _ in range(3)] == [200] * 2 + [429]
        assert [ask(**{"Sec-Fetch-Site": "cross-site"}) for _ in range(1)] == [429]
        assert [ask() for _ in range(7)] == [200] * 6 + [429]


def test_a_link_to_the_confirm_page_leads_a_fresh_browser_to_its_end(server):
    code = server.authorize_device()["user_code"]
    browser = Browser(server)
    page = browser.session.get(server.url + "/activate/confirm?user_code=" + code, timeout=20,
                               headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
                                        "Sec-Fetch-Dest": "document"})
    assert page.status_code == 200 and f'value="{code}"' in page.text
    browser.page = page
    browser.submit("/activate")
    browser.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"])
    assert "Your device is connected" in browser.decide("approve").text


# ---- wrong codes in links, and who types a right one ----

CONFIRM = "/activate/confirm?user_code="


def spend_links(server):
    """Four fresh browsers of one address follow five links each."""
    for _ in range(4):
        stranger = Browser(server)
        stranger.open("/activate")
        assert [stranger.open(CONFIRM + "WRNG-2345").status_code for _ in range(5)] == [400] * 5


def confirms(page):
    return page.status_code == 200 and 'action="/activate/confirm"' in page.text


def test_wrong_codes_in_links_leave_the_form_to_who_types_a_right_one():
    with Server(guess_window_s=WINDOW_S) as server:
        email, password = server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"]
        spend_links(server)
        fresh = Browser(server)
        fresh.enter_code(server.authorize_device()["user_code"])
        assert confirms(fresh.sign_in(email, password)), "through the sign-in"
        assert "Your device is connected" in fresh.decide("approve").text
        codes = [server.authorize_device()["user_code"] for _ in range(2)]
        assert confirms(fresh.enter_code(codes[0])), "signed in"
        assert confirms(fresh.open(CONFIRM + codes[0])), "loaded again"
        fresh.submit("/sign-out")
        assert confirms(fresh.sign_in(email, password)), "as another person"
        # What the form did not find says that links are at their end, and the form goes on from there.
        page = fresh.open(CONFIRM + codes[1])
        assert page.status_code == 429 and f'value="{codes[1]}"' in page.text
        assert 'role="alert"' in page.text and "with this form" in page.text
        retry_after(page, WINDOW_S)
        assert confirms(fresh.submit("/activate"))
        assert "Your device is connected" in fresh.decide("approve").text


def test_what_a_form_found_is_of_no_use_to_another_browser():
    with Server(guess_window_s=WINDOW_S) as server:
        spend_links(server)
        code = server.authorize_device()["user_code"]
        mine, other = Browser(server), Browser(server)
        mine.enter_code(code)
        other.open("/activate")
        other.session.cookies.set("lk-code", mine.session.cookies["lk-code"])
        assert other.open(CONFIRM + code).status_code == 429
        assert "/sign-in" in mine.open(CONFIRM + code).url


def test_whose_form_is_spent_is_told_so_and_how_long():
    with Server(guess_window_s=WINDOW_S) as server:
        spend_links(server)
        for _ in range(4):
            stranger = Browser(server)
            for _ in range(5):
                stranger.enter_code("WRNG-2345")
        page = Browser(server).enter_code(server.authorize_device()["user_code"])
        assert page.status_code == 429 and "Too many wrong codes" in page.text
        retry_after(page, WINDOW_S)


def test_a_browser_without_cookies_is_told_so():
    with Server(guess_window_s=WINDOW_S) as server:
        code = server.authorize_device()["user_code"]
        page = Browser(server).open(CONFIRM + code)
        fields = {"csrf": re.search(r'name="csrf" value="([^"]*)"', page.text).group(1), "user_code": code}
        answer = server.post("/activate", fields)
        assert answer.status_code == 403 and "keeps no cookies" in answer.text


def test_beyond_the_global_budget_a_code_goes_on_with_its_organization():
    with Server(guess_window_s=WINDOW_S, user_code_attempts_global=10) as server:
        for _ in range(10):
            assert server.post(VERIFY, {"user_code": "WRNG-2345"}).status_code == 400
        code = server.authorize_device()["user_code"]
        browser = Browser(server)
        browser.open("/activate")
        page = browser.open(CONFIRM + code)
        assert page.status_code == 400 and "Name its organization" in page.text
        assert "/sign-in" in browser.submit("/activate", org="acme").url
        assert "/sign-in" in browser.open(CONFIRM + code).url, "what the form found is known"
        assert 'value="acme"' in Browser(server).open("/o/acme/activate?user_code=" + code).text
        browser.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"])
        assert "Your device is connected" in browser.decide("approve").text
        assert server.post(VERIFY, {"user_code": server.authorize_device()["user_code"], "org": "acme"}).status_code == 200


# ---- answers that tell how long ----

def test_a_limit_of_user_codes_tells_what_is_left_of_its_window():
    with Server(guess_window_s=WINDOW_S, user_code_attempts_per_address=2) as server:
        for _ in range(2):
            assert server.post(VERIFY, {"user_code": "WRNG-2345"}).status_code == 400
        assert retry_after(server.post(VERIFY, {"user_code": "WRNG-2345"}), WINDOW_S) > 60
        page = Browser(server).enter_code("WRNG-2345")
        assert page.status_code == 429
        assert retry_after(page, WINDOW_S) > 60


def test_an_account_signs_in_and_decides_so_often_a_minute():
    with Server(sign_ins_per_account=3, approvals_per_account=3) as server:
        minute = time.monotonic()
        browsers = [Browser(server) for _ in range(4)]
        for browser in browsers:
            browser.enter_code(server.authorize_device()["user_code"])
            page = browser.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"])
            is_limited = page.status_code == 429
            assert is_limited == (browser is browsers[3]), page.text
        assert "too often" in page.text
        retry_after(page, 60)
        answers = []
        for _ in range(2):
            for browser in browsers[:3]:
                browser.enter_code(server.authorize_device()["user_code"])
                answers.append(browser.decide("deny"))
        if time.monotonic() - minute < 50:  # else a new minute may have begun
            assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 3
            assert "too often" in answers[-1].text
            retry_after(answers[-1], 60)


# ---- tenants, sites, probes ----

def key_client(server, folder, org):
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps({"keys": [jwk(Keys.p256, "a")]}))
    server.latchkey("service", "create", "--org", org, "--slug", "keyed", "--jwks", jwks)
    return org + "-keyed"


def authenticate(server, client_id):
    now = int(time.time())
    text = jwt.encode({"iss": client_id, "sub": client_id, "aud": server.url, "jti": str(uuid.uuid4()), "iat": now,
                       "exp": now + 300}, Keys.p256, algorithm="ES256")
    return server.post("/oauth/token", {"client_assertion_type": JWT_BEARER, "client_assertion": text,
                                        "grant_type": "refresh_token", "refresh_token": "x"})


def test_a_client_that_asserts_too_often_is_refused_and_another_tenants_is_not(tmp_path):
    with Server(assertions_per_client=20) as server:
        server.latchkey("org", "create", "beta")
        flooding, other = key_client(server, tmp_path, "beta"), key_client(server, tmp_path, "acme")
        minute = time.monotonic()
        answers = [authenticate(server, flooding) for _ in range(60)]
        limited = [answer for answer in answers if answer.status_code == 429]
        assert limited and {answer.status_code for answer in answers} == {400, 429}  # the grant is rubbish
        if time.monotonic() - minute < 50:
            assert len(limited) == 40
        retry_after(limited[0], 60)
        assert limited[0].json()["error_code"] == "TOO_MANY_REQUESTS"
        assert {authenticate(server, other).json()["error"] for _ in range(20)} == {"invalid_grant"}


def test_a_flood_from_all_networks_of_a_site_leaves_the_quotas_of_others():
    limit = 2
    with Server(trusted_proxies="127.0.0.1", device_codes_per_client_and_address=limit,
                requests_per_second_per_address=0, max_clients_per_address=0) as server:
        def ask(address):
            return server.post("/oauth/device_authorization", {"client_id": "acme-cli"},
                               headers={"X-Forwarded-For": address})
        given = sum(ask(f"2001:db8:9:{network:x}::1").status_code == 200 for network in range(300))
        assert given == 16 * limit
        refused = ask("2001:db8:9:ffff::1")
        assert refused.status_code == 429
        retry_after(refused, WINDOW_S)
        # Far away, and by NAT64, where all of the IPv4 Internet has one /64.
        for address in ("192.0.2.77", "2001:db8:77::1", "64:ff9b::192.0.2.78"):
            assert [ask(address).status_code for _ in range(limit + 1)] == [200] * limit + [429], address


def test_however_many_ask_whether_it_is_ready_few_probes_are_committed(server):
    def records():
        text = server.get("/metrics").text
        return int(re.search(r"^latchkey_writer_records_total (\d+)", text, re.M).group(1))

    answers = []

    def ask():
        for _ in range(25):
            answers.append(server.get("/readyz").status_code)

    before, start = records(), time.monotonic()
    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    seconds = time.monotonic() - start
    assert answers == [200] * 200
    children = 4
    assert records() - before <= children * (seconds + 2)
