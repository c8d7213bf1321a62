"""What a new password must be, wherever one is set: on the page of a link and by the command."""

import json
import unicodedata

import pytest
from harness import Browser, Server

GOOD = "some words that nobody puts together"
REFUSED = [
    ("short", "too short"),
    ("1234567890", "Many people"),
    ("Password123", "Many people"),
    ("Basketball2026!", "Many people"),
    ("１２３４５６７８９０", "Many people"),
    ("acme-acme-2026", "names that everybody here knows"),
    ("wilma.flintstone", "names that everybody here knows"),
    ("LatchKey 2026", "names that everybody here knows"),
    ("Bedrock Quarry!!", "names that everybody here knows"),
    ("unassigned \u0378 here", "does not know"),
]
EMAIL = "wilma.flintstone@bedrock.example"


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(password_attempts_per_address=1000) as server:
        server.latchkey("service", "create", "--org", "acme", "--slug", "quarry", "--name", "Bedrock Quarry")
        yield server


def link_of(server, *arguments):
    link = json.loads(server.latchkey("--json", "user", *arguments).stdout)["link"]
    return link.replace(server.url, "")


def set_password(server, link, password, repeated=None):
    browser = Browser(server)
    browser.open(link)
    return browser.submit("/set-password/save", password=password, repeated=repeated or password).text


def signs_in(server, email, password):
    browser = Browser(server)
    browser.open("/sign-in?org=acme")
    return "not right" not in browser.sign_in(email, password).text


def test_the_page_says_what_is_wrong_and_the_link_still_holds(server):
    link = link_of(server, "invite", "--org", "acme", "--email", EMAIL)
    for password, says in REFUSED:
        assert says in set_password(server, link, password), password
    assert "Your password is set" in set_password(server, link, GOOD)
    assert signs_in(server, EMAIL, GOOD)


def test_the_command_asks_the_same(server):
    for number, (password, says) in enumerate(REFUSED):
        email = EMAIL if "wilma" in password else f"fred{number}@bedrock.example"
        if "wilma" in password:
            server.latchkey("user", "delete", "--org", "acme", EMAIL, "--yes", check=False)
        done = server.latchkey("user", "create", "--org", "acme", "--email", email, "--password-stdin", check=False,
                               stdin=password)
        assert done.returncode != 0 and says in done.stderr, (password, done.stderr)


def test_a_password_is_one_however_its_characters_are_composed(server):
    composed = unicodedata.normalize("NFC", "grüße aus dem süden")
    decomposed = unicodedata.normalize("NFD", composed)
    link = link_of(server, "invite", "--org", "acme", "--email", "barney@bedrock.example")
    assert "Your password is set" in set_password(server, link, decomposed, repeated=composed)
    assert signs_in(server, "barney@bedrock.example", composed)
    assert signs_in(server, "barney@bedrock.example", decomposed)
    server.latchkey("user", "create", "--org", "acme", "--email", "betty@bedrock.example", "--password-stdin",
                    stdin=decomposed)
    assert signs_in(server, "betty@bedrock.example", composed)
    assert not signs_in(server, "betty@bedrock.example", composed.replace("ü", "u"))


def test_a_password_that_grows_is_bounded_before_and_after(server):
    link = link_of(server, "invite", "--org", "acme", "--email", "dino@bedrock.example")
    assert "too long" in set_password(server, link, "\ufdfa" * 20)
    assert "too short" in set_password(server, link, "\ufdfa")
    assert not signs_in(server, "dino@bedrock.example", "\ufdfa" * 400)
