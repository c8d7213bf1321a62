"""One rule for what an address is and when two are equal: at the command line, in a file and on the sign-in page."""

import json
import re
import unicodedata

import pytest
from harness import Browser, Server

PASSWORD = "eine lange Losung ohne Reim"
CONFLICT, USAGE, NOT_FOUND = 4, 2, 3
# What is typed, in ways that are one address.
SAME = {
    "case": ["ann@acme.example", "ANN@ACME.EXAMPLE", " Ann@Acme.Example "],
    "umlaut": ["jürgen@acme.example", "JÜRGEN@acme.example", unicodedata.normalize("NFD", "Jürgen@acme.example")],
    "domain": ["u@bücher.example", "u@xn--bcher-kva.example", "U@BÜCHER.example", "u@XN--BCHER-KVA.EXAMPLE",
               unicodedata.normalize("NFD", "u@bücher.example")],
    "greek": ["ΣΊΣΥΦΟΣ@x.example", "σίσυφος@x.example"],
    "script": ["用户@例え.example"],
    "marks": ["o'brien+x/y=1@x.example", "O'Brien+X/Y=1@x.example"],
}
NONE = ["a,b@x.example", "<a@x.example>", "a@x.", "a@x.example.", "mailto:a@x.example", "a\u202e@x.example",
        "Alice <a@x.example>", "a@[127.0.0.1]", "a@x_y.example", "a b@x.example", "\uff21@x.example", "a\u200b@x.example",
        "a" * 65 + "@x.example", "a@" + "b" * 64 + ".example", "a@xn--a.example", "a@b@x.example", "a@"]


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server() as server:
        yield server


def browser_takes(tag, value):
    """What the HTML standard lets a person send with this input."""
    kind = re.search(r'type="([^"]*)"', tag).group(1)
    assert kind in ("text", "email") and "pattern=" not in tag, tag
    most = int(re.search(r'maxlength="(\d+)"', tag).group(1))
    address = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*")
    return len(value) <= most and (kind == "text" or address.fullmatch(value) is not None)


def sign_in(server, email):
    """The page after a sign-in by it."""
    browser = Browser(server)
    page = browser.open("/sign-in?org=acme").text
    assert browser_takes(re.search(r'<input[^>]*name="email"[^>]*>', page).group(0), email), email
    return browser.sign_in(email, PASSWORD)


@pytest.mark.parametrize("forms", SAME.values(), ids=SAME)
def test_forms_of_one_address_are_one_account_everywhere(server, forms):
    made = json.loads(server.latchkey("--json", "user", "create", "--org", "acme", "--email", forms[0],
                                      "--password-stdin", stdin=PASSWORD + "\n").stdout)
    kept = made["email"]
    for form in [*forms, kept]:
        again = server.latchkey("user", "create", "--org", "acme", "--email", form, check=False)
        assert again.returncode == CONFLICT, again.stderr
        shown = json.loads(server.latchkey("--json", "user", "show", "--org", "acme", form).stdout)
        assert shown["id"] == made["id"]
        counted = json.loads(server.latchkey("--json", "user", "import", "-", "--org", "acme", "--dry-run",
                                             stdin=json.dumps({"email": form})).stdout)
        assert (counted["there_already"], counted["imported"]) == (1, 0)
        page = sign_in(server, form)
        assert page.status_code == 200 and "Sign out" in page.text, (form, page.status_code)
    events = server.latchkey("audit", "export", "--org", "acme", "--user", forms[-1], "--event", "sign_in.succeeded")
    assert len(events.stdout.splitlines()) == len(forms) + 1


def test_twice_in_a_file_in_two_forms_is_twice(server):
    rows = "email\n" + "\n".join(["müller@x.example", unicodedata.normalize("NFD", "MÜLLER@x.example")]) + "\n"
    for options in (["--dry-run"], []):
        done = server.latchkey("--json", "user", "import", "-", "--org", "acme", *options, check=False, stdin=rows)
        counted = json.loads(done.stdout)
        assert (counted["imported"], counted["refused"], done.returncode) == (1, 1, 1), options
        assert "twice" in done.stderr


@pytest.mark.parametrize("address", NONE)
def test_what_is_no_address_is_refused_everywhere(server, address):
    for command in (("user", "create", "--org", "acme", "--email", address),
                    ("user", "show", "--org", "acme", address),
                    ("user", "update", "--org", "acme", "alice@acme.example", "--new-email", address)):
        done = server.latchkey(*command, check=False)
        assert done.returncode == USAGE and "is no e-mail address" in done.stderr, (command, done.stderr)
    done = server.latchkey("user", "import", "-", "--org", "acme", check=False, stdin=json.dumps({"email": address}))
    assert done.returncode == 1 and "is no e-mail address" in done.stderr
    assert Browser(server).open("/sign-in?org=acme").status_code == 200
    browser = Browser(server)
    browser.open("/sign-in?org=acme")
    page = browser.sign_in(address, PASSWORD)
    assert page.status_code == 403 or "is not right" in page.text
