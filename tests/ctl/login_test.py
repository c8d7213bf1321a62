"""`latchkey login` against a running server, with a person who decides in a browser."""

import json
import re
import signal
import subprocess

import pytest
from harness import BIN, Server


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1) as server:
        yield server


class Login:
    """A login under way: its user code is known when it is made."""

    def __init__(self, server, *arguments):
        self.process = subprocess.Popen([BIN / "latchkey", "--data", server.data, *arguments], env=server.environment,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.instructions = ""
        while "Waiting" not in self.instructions:
            line = self.process.stderr.readline()
            assert line, self.instructions
            self.instructions += line
        self.user_code = re.search(r"\n  ([A-Z0-9]{4}-[A-Z0-9]{4})\n", self.instructions).group(1)

    def end(self):
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


def test_an_approved_login_shows_who_and_what_plan(server):
    login = Login(server, "login")
    assert server.url + "/activate?user_code=" + login.user_code in login.instructions
    server.decide(login.user_code)
    code, out, _ = login.end()
    assert code == 0
    assert "Signed in as " + server.demo["DEMO_EMAIL"] in out
    assert re.search(r"plan: +pro", out) and re.search(r"features: +sync, export", out)


def test_json_holds_tokens_that_work(server):
    login = Login(server, "--json", "login", "--no-qr")
    server.decide(login.user_code)
    code, out, _ = login.end()
    assert code == 0
    signed_in = json.loads(out)
    assert signed_in["user"]["email"] == server.demo["DEMO_EMAIL"]
    assert server.get("/api/user", signed_in["access_token"]).status_code == 200
    assert server.refresh(signed_in["refresh_token"]).status_code == 200


def test_a_refused_login_says_so(server):
    login = Login(server, "login")
    server.decide(login.user_code, "deny")
    code, out, err = login.end()
    assert code == 1 and out == ""
    assert "refused" in err


def test_ctrl_c_ends_it_quietly(server):
    login = Login(server, "login")
    login.process.send_signal(signal.SIGINT)
    code, out, err = login.end()
    assert (code, out, err.strip()) == (130, "", "")


def test_the_qr_code_is_drawn_where_it_is_asked_for(server):
    login = Login(server, "login", "--qr")
    login.process.send_signal(signal.SIGINT)
    login.end()
    assert "█▀" in login.instructions or "▄" in login.instructions
    assert "\x1b" not in login.instructions  # no terminal: no colours


def refused(server, *arguments):
    done = server.latchkey("login", *arguments, check=False)
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_an_unknown_client_is_not_found(server):
    code, err = refused(server, "--client-id", "nobody")
    assert code == 3 and "the server says" in err


def test_no_server_at_the_address(server):
    code, err = refused(server, "--url", "http://127.0.0.1:1", "--client-id", "x")
    assert code == 5 and "http://127.0.0.1:1" in err


def test_another_address_of_the_server_is_named(server):
    code, err = refused(server, "--url", server.url.replace("127.0.0.1", "localhost"), "--client-id", "acme-cli")
    assert code == 4 and server.url in err


def test_the_administrators_client_signs_an_owner_in(server):
    login = Login(server, "login", "--client-id", "platform-admin-cli")
    server.decide(login.user_code, email=server.demo["OWNER_EMAIL"], password=server.demo["OWNER_PASSWORD"])
    code, out, err = login.end()
    assert code == 0, err
    assert server.demo["OWNER_EMAIL"] in out
