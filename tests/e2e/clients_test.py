"""Real clients: headless Chromium for the person, `latchkey login` and oidc-agent for the device, cgi-fcgi for the
operator."""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile

import pytest
from harness import Server, await_that
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1) as server:
        yield server


@pytest.fixture(name="chromium")
def chromium_fixture():
    profile = tempfile.mkdtemp(prefix="latchkey-chromium-")
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--disable-dev-shm-usage", "--window-size=390,844", "--user-data-dir=" + profile):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    driver = webdriver.Chrome(service=webdriver.chrome.service.Service("/usr/bin/chromedriver"), options=options)
    driver.set_page_load_timeout(20)
    yield driver
    driver.quit()
    shutil.rmtree(profile, ignore_errors=True)


def press(driver, selector):
    """Clicks and waits until another page is there."""
    old = driver.find_element(By.TAG_NAME, "html")
    driver.find_element(By.CSS_SELECTOR, selector).click()
    WebDriverWait(driver, 10).until(lambda d: d.find_element(By.TAG_NAME, "html") != old)


def approve_in(driver, server, url, user_code=None, decision="approve"):
    driver.get(url)
    if user_code:
        driver.find_element(By.NAME, "user_code").send_keys(user_code)
    press(driver, "form[action='/activate'] button[type=submit]")
    if driver.find_elements(By.NAME, "password"):
        driver.find_element(By.NAME, "email").clear()
        driver.find_element(By.NAME, "email").send_keys(server.demo["DEMO_EMAIL"])
        driver.find_element(By.NAME, "password").send_keys(server.demo["DEMO_PASSWORD"])
        press(driver, "form[action='/sign-in/password'] button[type=submit]")
    press(driver, f"button[name=decision][value={decision}]")


def test_a_person_approves_on_a_phone_without_javascript(server, chromium):
    codes = server.authorize_device()
    chromium.get(server.url + "/activate")
    assert chromium.find_element(By.CSS_SELECTOR, "label[for=user_code]").text
    approve_in(chromium, server, server.url + "/activate", codes["user_code"].lower())
    assert "status=approved" in chromium.current_url
    assert server.poll(codes["device_code"]).status_code == 200
    # Signed in by now: the link with the code needs no password, and refusing is as easy.
    codes = server.authorize_device()
    approve_in(chromium, server, codes["verification_uri_complete"], decision="deny")
    assert "status=denied" in chromium.current_url
    assert server.poll(codes["device_code"]).json()["error"] == "access_denied"


def test_the_confirm_page_tells_what_is_asked_and_by_whom(server, chromium):
    codes = server.authorize_device()
    chromium.get(codes["verification_uri_complete"])
    press(chromium, "form[action='/activate'] button[type=submit]")
    chromium.find_element(By.NAME, "email").send_keys(server.demo["DEMO_EMAIL"])
    chromium.find_element(By.NAME, "password").send_keys(server.demo["DEMO_PASSWORD"])
    press(chromium, "form[action='/sign-in/password'] button[type=submit]")
    text = chromium.find_element(By.TAG_NAME, "main").text
    for part in ("Acme CLI", "127.0.0.1", "python-requests", codes["user_code"], server.demo["DEMO_EMAIL"], "refuse"):
        assert part in text, f"{part} is not in: {text}"
    buttons = chromium.find_elements(By.CSS_SELECTOR, "button[name=decision]")
    sizes = [button.size for button in buttons]
    assert len(sizes) == 2 and sizes[0]["height"] == sizes[1]["height"] >= 44


def test_a_link_sets_a_password_once(server, chromium):
    done = server.latchkey("user", "invite", "--org", "acme", "--email", "carol@acme.example")
    link = re.search(re.escape(server.url) + r"/set-password\?token=\S+", done.stdout).group(0)
    chromium.get(link)
    fields = chromium.find_elements(By.CSS_SELECTOR, "input[type=password]")
    assert len(fields) == 2
    for field in fields:
        field.send_keys("a long enough password")
    press(chromium, "form[action='/set-password/save'] button[type=submit]")
    tokens = server.sign_in_device(email="carol@acme.example", password="a long enough password", scope="email")
    assert server.get("/api/user", tokens["access_token"]).json()["email"] == "carol@acme.example"
    chromium.get(link)
    assert not chromium.find_elements(By.CSS_SELECTOR, "input[type=password]"), "the link was used"


def test_latchkey_login_signs_a_terminal_in(server):
    process = subprocess.Popen([shutil.which("latchkey", path=str(server_bin())), "--data", server.data, "--json", "login"],
                               env=server.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seen = ""
    while not (code := re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", seen)):
        line = process.stderr.readline()
        assert line, "login ended: " + seen
        seen += line
    server.decide(code.group(0))
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    answer = json.loads(output)
    assert server.demo["DEMO_EMAIL"] in json.dumps(answer) and "pro" in json.dumps(answer)


def server_bin():
    from harness import BIN
    return BIN


def test_cgi_fcgi_asks_one_worker_from_the_shell(server):
    def ask(environment, body=""):
        done = subprocess.run(["cgi-fcgi", "-bind", "-connect", server.data / "run/api-1.sock"], input=body, text=True,
                              env={"PATH": os.environ["PATH"], **environment}, capture_output=True, timeout=10, check=True)
        return done.stdout

    healthy = ask({"REQUEST_METHOD": "GET", "DOCUMENT_URI": "/healthz"})
    assert healthy.startswith("Status: 200 OK") and '{"status":"ok"}' in healthy
    body = "client_id=acme-cli"
    codes = ask({"REQUEST_METHOD": "POST", "DOCUMENT_URI": "/oauth/device_authorization", "CONTENT_LENGTH": str(len(body)),
                 "CONTENT_TYPE": "application/x-www-form-urlencoded", "REMOTE_ADDR": "127.0.0.1"}, body)
    assert "Status: 200" in codes and json.loads(codes.split("\n\n")[1])["user_code"]
    assert "Status: 401" in ask({"REQUEST_METHOD": "GET", "DOCUMENT_URI": "/api/user"})


def listens(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


def test_oidc_agent_signs_in(server, chromium):
    """A third party's client: it reads the metadata, sends Basic with an empty password, polls, and asks for a scope."""
    folder = tempfile.mkdtemp(prefix="latchkey-oidc-")
    environment = {**os.environ, "HOME": folder, "OIDC_CONFIG_DIR": folder, "TMPDIR": folder}
    agent = subprocess.run(["oidc-agent", "--no-autoload", "--no-autoreauthenticate", "--no-webserver"], env=environment,
                           capture_output=True, text=True, timeout=20, check=True)
    environment.update(dict(re.findall(r"(OIDC_SOCK|OIDCD_PID)=([^;]+);", agent.stdout)))
    try:
        await_that(lambda: listens(environment["OIDC_SOCK"]), "oidc-agent listens")
        password = os.path.join(folder, "password")
        with open(password, "w", encoding="ascii") as file:
            file.write("agent-password")
        process = subprocess.Popen(
            ["oidc-gen", "--flow=device", "--issuer=" + server.url, "--client-id=acme-cli", "--client-secret=",
             "--redirect-uri=", "--scope=openid email offline_access", "--pub", "--no-url-call", "--prompt=none",
             "--pw-file=" + password, "--confirm-no", "--confirm-default", "demo"], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        seen = ""
        while not (code := re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", seen)):
            line = process.stdout.readline()
            assert line, "oidc-gen ended: " + seen
            seen += line
        approve_in(chromium, server, server.url + "/activate", code.group(0))
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 0, seen + output
        token = subprocess.run(["oidc-token", "demo"], env=environment, capture_output=True, text=True, timeout=20, check=True)
        user = server.get("/api/user", token.stdout.strip())
        assert user.json()["email"] == server.demo["DEMO_EMAIL"]
    finally:
        subprocess.run(["kill", environment.get("OIDCD_PID", "")], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)
