"""The administrative commands against a running server: what they say, print and exit with."""

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest
from harness import BIN, Browser, Server

OK, FAILED, USAGE, NOT_FOUND, CONFLICT, UNAVAILABLE = range(6)


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1) as server:
        yield server


@pytest.fixture(name="org")
def org_fixture(server, request):
    """An organization of this test's own."""
    slug = re.sub("[^a-z0-9]+", "-", request.node.name.lower())[:60].strip("-")
    ok(server, "org", "create", slug, "--name", "Überall AG")
    return slug


def ok(server, *arguments, stdin=None):
    """What a successful command prints with --json."""
    return json.loads(server.latchkey("--json", *arguments, stdin=stdin).stdout)


def refused(server, code, *arguments, stdin=""):
    """The one line of a command that fails with this exit code."""
    done = server.latchkey(*arguments, check=False, stdin=stdin)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert done.stdout == ""
    return done.stderr


def token_of(link):
    return link.split("token=")[1]


# ---- organizations ----

def test_an_organization_lives_from_create_to_delete(server):
    made = ok(server, "org", "create", "globex", "--name", "Globex 日本")
    assert made["status"] == "active" and re.fullmatch(r"[0-9a-f-]{36}", made["id"])
    assert "globex" in [org["slug"] for org in ok(server, "org", "list")]
    assert ok(server, "org", "update", "globex", "--name", "Globex")["name"] == "Globex"
    assert ok(server, "org", "delete", "globex", "--yes") == {"deleted": "globex"}
    assert "no organization globex" in refused(server, NOT_FOUND, "org", "show", "globex")


def test_a_taken_slug_is_a_conflict(server, org):
    assert "exists already" in refused(server, CONFLICT, "org", "create", org)


def test_wrong_words_are_wrong_use(server):
    assert "no slug" in refused(server, USAGE, "org", "create", "Not A Slug")
    assert "nothing to change" in refused(server, USAGE, "org", "update", "acme")
    assert "control characters" in refused(server, USAGE, "org", "create", "evil", "--name", "a\x1b[2J")
    refused(server, USAGE, "org", "update", "acme", "--suspend", "--activate")
    refused(server, USAGE, "org", "create")
    refused(server, USAGE, "nonsense")


def test_long_lists_come_in_pages(server):
    for i in range(3):
        ok(server, "org", "create", f"page-{i}")
    first = server.latchkey("org", "list", "--after", "page", "--limit", "2").stdout
    assert "page-1" in first and "page-2" not in first and "--after page-1" in first
    assert [org["slug"] for org in ok(server, "org", "list", "--after", "page-1", "--limit", "1")] == ["page-2"]


def test_the_platform_stays(server):
    assert "part of the server" in refused(server, FAILED, "org", "delete", "platform", "--yes")


def test_delete_asks_on_a_terminal_and_refuses_without_one(server, org):
    assert "--yes" in refused(server, USAGE, "org", "delete", org)
    assert answer_on_terminal(server, b"n\n", "org", "delete", org) == FAILED
    assert ok(server, "org", "show", org)["slug"] == org
    assert answer_on_terminal(server, b"y\n", "org", "delete", org) == OK
    refused(server, NOT_FOUND, "org", "show", org)


def answer_on_terminal(server, answer, *arguments):
    master, terminal = pty.openpty()
    with subprocess.Popen([BIN / "latchkey", "--data", server.data, *arguments], stdin=terminal, stdout=terminal,
                          stderr=terminal, env=server.environment) as process:
        os.close(terminal)
        os.write(master, answer)
        code = process.wait(20)
    os.close(master)
    return code


def test_a_suspended_organization_gets_no_codes(server, org):
    ok(server, "service", "create", "--org", org, "--slug", "cli")
    server.authorize_device(f"{org}-cli")
    ok(server, "org", "update", org, "--suspend")
    answer = server.post("/oauth/device_authorization", {"client_id": f"{org}-cli"})
    assert answer.status_code in (400, 401, 403), answer.text
    ok(server, "org", "update", org, "--activate")
    server.authorize_device(f"{org}-cli")


# ---- services and plans ----

def test_a_public_client_can_ask_for_a_code_at_once(server, org):
    made = ok(server, "service", "create", "--org", org, "--slug", "cli", "--sdk")
    assert made["client_id"] == f"{org}-cli" and made["access_token_lifetime_s"] == 24 * 3600
    assert "client_secret" not in made
    server.authorize_device(made["client_id"])


def test_a_confidential_clients_secret_is_shown_once_and_can_be_replaced(server, org):
    def authorize(secret):
        return server.post("/oauth/device_authorization", {}, auth=(made["client_id"], secret)).status_code

    made = ok(server, "service", "create", "--org", org, "--slug", "api", "--confidential")
    assert len(made["client_secret"]) == 43
    assert authorize(made["client_secret"]) == 200
    assert "client_secret" not in ok(server, "service", "show", "--org", org, "api")
    renewed = ok(server, "service", "update", "--org", org, "api", "--new-secret")
    assert authorize(made["client_secret"]) == 401
    assert authorize(renewed["client_secret"]) == 200


def test_a_disabled_client_is_refused_until_it_is_enabled(server, org):
    client_id = ok(server, "service", "create", "--org", org, "--slug", "cli")["client_id"]
    assert ok(server, "service", "update", "--org", org, "cli", "--disable-client")["client_disabled"] is True
    assert server.post("/oauth/device_authorization", {"client_id": client_id}).status_code in (400, 401)
    ok(server, "service", "update", "--org", org, "cli", "--enable-client")
    server.authorize_device(client_id)


def test_a_service_keeps_what_is_not_named(server, org):
    ok(server, "service", "create", "--org", org, "--slug", "web", "--name", "Web",
       "--resource", "https://a.example/api", "--resource", "https://b.example")
    changed = ok(server, "service", "update", "--org", org, "web", "--access-token-lifetime", "600")
    assert changed["name"] == "Web" and changed["access_token_lifetime_s"] == 600
    assert changed["resources"] == ["https://a.example/api", "https://b.example"]
    assert ok(server, "service", "update", "--org", org, "web", "--no-resources")["resources"] == []


def test_service_input_is_checked(server, org):
    create = ("service", "create", "--org", org, "--slug", "x")
    assert "client_id" in refused(server, CONFLICT, *create, "--client-id", "acme-cli")
    assert "client_id" in refused(server, USAGE, *create, "--client-id", "a b")
    refused(server, USAGE, *create, "--access-token-lifetime", "999999999")
    assert "no organization" in refused(server, NOT_FOUND, "service", "list", "--org", "nobody")


def test_a_plan_lives_from_create_to_delete(server, org):
    ok(server, "service", "create", "--org", org, "--slug", "cli")
    place = ("--org", org, "--service", "cli")
    made = ok(server, "plan", "create", *place, "--name", "pro", "--price-cents", "900", "--currency", "EUR",
              "--feature", "sync", "--feature", "export, all")
    assert made["features"] == ["sync", "export, all"] and made["currency"] == "eur"
    assert "exists" in refused(server, CONFLICT, "plan", "create", *place, "--name", "pro")
    assert ok(server, "plan", "update", *place, "pro", "--name", "team", "--no-features")["features"] == []
    assert [plan["name"] for plan in ok(server, "plan", "list", *place)] == ["team"]
    assert "still has plans" in refused(server, CONFLICT, "service", "delete", "--org", org, "cli", "--yes")
    ok(server, "plan", "delete", *place, "team", "--yes")
    ok(server, "service", "delete", "--org", org, "cli", "--yes")


# ---- people ----

def set_password(server, link, password):
    browser = Browser(server)
    assert browser.open("/set-password?token=" + token_of(link)).status_code == 200
    return browser.submit("/set-password/save", password=password, repeated=password)


def test_an_invited_user_sets_a_password_and_signs_in(server, org):
    client_id = ok(server, "service", "create", "--org", org, "--slug", "cli")["client_id"]
    invited = ok(server, "user", "invite", "--org", org, "Bob@Example.com")
    assert invited["email"] == "bob@example.com" and len(token_of(invited["link"])) == 64
    assert invited["link"].startswith(server.url + "/set-password?token=")
    assert set_password(server, invited["link"], "correct horse battery").status_code == 200
    server.sign_in_device(client_id, email="bob@example.com", password="correct horse battery")


def test_inviting_again_makes_no_second_user_and_ends_the_first_link(server, org):
    first = ok(server, "user", "invite", "--org", org, "bob@example.com")
    second = ok(server, "user", "invite", "--org", org, "bob@example.com")
    assert first["user_id"] == second["user_id"]
    assert Browser(server).open("/set-password?token=" + token_of(first["link"])).status_code != 200
    assert Browser(server).open("/set-password?token=" + token_of(second["link"])).status_code == 200


def test_reset_is_for_users_who_are_there(server, org):
    assert "no user" in refused(server, NOT_FOUND, "user", "reset", "--org", org, "nobody@example.com")
    ok(server, "user", "create", "--org", org, "bob@example.com")
    assert "token=" in ok(server, "user", "reset", "--org", org, "bob@example.com")["link"]


def test_a_password_from_standard_input_signs_in(server, org):
    client_id = ok(server, "service", "create", "--org", org, "--slug", "cli")["client_id"]
    made = ok(server, "user", "create", "--org", org, "--email", "carl@example.com", "--password-stdin",
              stdin="a good password\n")
    assert made["has_password"] is True
    server.sign_in_device(client_id, email="carl@example.com", password="a good password")


def test_user_input_is_checked(server, org):
    create = ("user", "create", "--org", org)
    assert "password" in refused(server, USAGE, *create, "a@b.c", "--password-stdin", stdin="short\n")
    for nothing in ("", "\n", "\r\n", "\na good password\n"):
        assert "no password" in refused(server, USAGE, *create, "a@b.c", "--password-stdin", stdin=nothing)
    assert ok(server, "user", "list", "--org", org) == [], "no user without a password came of it"
    assert "e-mail" in refused(server, USAGE, *create, "nobody")
    assert "platform" in refused(server, USAGE, *create, "a@b.c", "--owner")
    ok(server, *create, "a@b.c")
    assert "exists" in refused(server, CONFLICT, *create, "A@B.C")


def test_disabling_a_user_ends_the_grants(server, org):
    client_id = ok(server, "service", "create", "--org", org, "--slug", "cli")["client_id"]
    ok(server, "user", "create", "--org", org, "eve@example.com", "--password-stdin", stdin="a good password")
    tokens = server.sign_in_device(client_id, email="eve@example.com", password="a good password")
    ok(server, "user", "update", "--org", org, "eve@example.com", "--disable")
    assert server.get("/api/user", tokens["access_token"]).status_code == 401
    assert ok(server, "user", "update", "--org", org, "eve@example.com", "--enable")["status"] == "active"


def test_a_user_moves_to_a_new_address_and_goes(server, org):
    ok(server, "user", "create", "--org", org, "old@example.com")
    moved = ok(server, "user", "update", "--org", org, "old@example.com", "--new-email", "New@example.com")
    assert moved["email"] == "new@example.com"
    assert "unlocked_at" in ok(server, "user", "unlock", "--org", org, "new@example.com")
    ok(server, "user", "delete", "--org", org, "new@example.com", "--yes")
    assert ok(server, "user", "list", "--org", org) == []


def test_the_last_platform_owner_stays(server):
    owner = server.demo["OWNER_EMAIL"]
    assert "last platform owner" in refused(server, CONFLICT, "user", "delete", "--org", "platform", owner, "--yes")
    ok(server, "user", "create", "--org", "platform", "second@platform.example", "--owner")
    ok(server, "user", "delete", "--org", "platform", "second@platform.example", "--yes")


def test_a_subscription_lives_from_create_to_delete(server, org):
    ok(server, "service", "create", "--org", org, "--slug", "cli")
    for plan in ("pro", "team"):
        ok(server, "plan", "create", "--org", org, "--service", "cli", "--name", plan)
    ok(server, "user", "create", "--org", org, "bob@example.com")
    place = ("--org", org, "--user", "bob@example.com", "--service", "cli")
    made = ok(server, "subscription", "create", *place, "--plan", "pro", "--period-end", "2027-01-01T01:00:00+01:00")
    assert (made["status"], made["current_period_end"]) == ("active", "2027-01-01T00:00:00Z")
    assert "already" in refused(server, CONFLICT, "subscription", "create", *place, "--plan", "team")
    assert "use the plan" in refused(server, CONFLICT, "plan", "delete", "--org", org, "--service", "cli", "pro", "--yes")
    changed = ok(server, "subscription", "update", *place, "--plan", "team", "--status", "past_due")
    assert (changed["plan"], changed["status"], changed["current_period_end"]) == (
        "team", "past_due", "2027-01-01T00:00:00Z")
    assert [row["plan"] for row in ok(server, "subscription", "list", "--org", org)] == ["team"]
    assert "no time" in refused(server, USAGE, "subscription", "update", *place, "--period-end", "tomorrow")
    ok(server, "subscription", "delete", *place, "--yes")
    assert "no subscription" in refused(server, NOT_FOUND, "subscription", "show", *place)


# ---- grants ----

def test_grants_are_listed_and_revoked(server):
    user = ("--org", "acme", "--user", server.demo["DEMO_EMAIL"])
    ok(server, "grant", "revoke", *user)
    first, second = server.sign_in_device(), server.sign_in_device()
    live = ok(server, "grant", "list", *user)
    assert len(live) == 2 and {grant["service"] for grant in live} == {"cli"}
    ok(server, "grant", "revoke", "--org", "acme", live[1]["id"])  # newest first
    assert server.get("/api/user", first["access_token"]).status_code == 401
    assert server.get("/api/user", second["access_token"]).status_code == 200
    assert ok(server, "grant", "revoke", *user) == {"revoked": 1}
    assert server.get("/api/user", second["access_token"]).status_code == 401
    assert ok(server, "grant", "list", *user) == []
    assert len(ok(server, "grant", "list", *user, "--all")) >= 2


def test_grants_and_subscriptions_of_an_organization_come_in_pages(server, org):
    client_id = ok(server, "service", "create", "--org", org, "--slug", "cli")["client_id"]
    ok(server, "plan", "create", "--org", org, "--service", "cli", "--name", "pro")
    people = ["ann@example.com", "bob@example.com", "cid@example.com"]
    for email in people:
        ok(server, "user", "create", "--org", org, email, "--password-stdin", stdin="a good password")
        ok(server, "subscription", "create", "--org", org, "--user", email, "--service", "cli", "--plan", "pro")
        server.sign_in_device(client_id, email=email, password="a good password")
    ok(server, "grant", "revoke", "--org", org, "--user", people[1])
    for noun, expected in (("grant", [people[2], people[0]]), ("subscription", people)):
        assert [row["email"] for row in ok(server, noun, "list", "--org", org)] == expected
        pages, after = [], []
        while page := ok(server, noun, "list", "--org", org, "--limit", "1", *after):
            pages += page
            after = ["--after", page[-1]["id"]]
        assert [row["email"] for row in pages] == expected
        told = server.latchkey(noun, "list", "--org", org, "--limit", "1")
        assert "--after " + pages[0]["id"] in told.stdout + told.stderr
        assert [row["email"] for row in ok(server, noun, "list", "--org", org, "--user", people[0])] == [people[0]]
        assert "--after" in refused(server, USAGE, noun, "list", "--org", org, "--after", "x")
    assert len(ok(server, "grant", "list", "--org", org, "--all")) == 3


def test_a_grant_of_another_organization_is_not_found(server, org):
    tokens = server.sign_in_device()
    grant = ok(server, "grant", "list", "--org", "acme", "--user", server.demo["DEMO_EMAIL"])[0]["id"]
    refused(server, NOT_FOUND, "grant", "revoke", "--org", org, grant)
    assert server.get("/api/user", tokens["access_token"]).status_code == 200


def test_revoke_wants_one_subject(server):
    assert "either" in refused(server, USAGE, "grant", "revoke", "--org", "acme")
    assert "UUID" in refused(server, USAGE, "grant", "revoke", "--org", "acme", "x")


# ---- status, keys, help ----

def test_status_knows_the_processes_and_the_writer(server):
    status = ok(server, "status")
    assert status["serving"] is True and status["writer"]["state"] == "serving"
    counts = {process["name"]: process["processes"] for process in status["processes"]}
    assert counts["writer"] == 1 and counts["api"] == 5
    assert all(process["pss_bytes"] > 0 for process in status["processes"])
    assert status["database_bytes"] > 0 and status["writer"]["records"] > 0
    assert server.latchkey("status").stdout.startswith("Serving " + server.url)


def test_keys_are_those_of_the_jwks(server):
    listed = {key["kid"]: key["alg"] for key in ok(server, "keys", "list")}
    published = {key["kid"]: key["alg"] for key in server.get("/.well-known/jwks.json").json()["keys"]}
    assert listed == published and sorted(listed.values()) == ["ES256", "RS256"]


def test_every_subcommand_has_help_with_an_example(server):
    def subcommands(*path):
        text = server.latchkey(*path, "--help").stdout
        assert not path or re.search(r"\nExamples?:\n  ", text), path
        block = re.search(r"\nSubcommands:\n((?:  .*\n)+)", text)
        for name in re.findall(r"^  (\S+)", block.group(1), re.M) if block else []:
            subcommands(*path, name)

    subcommands()


def test_a_result_that_cannot_be_written_is_no_success(server):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([BIN / "latchkey", "--data", server.data, "org", "list"], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=20, check=False)
    assert done.returncode == UNAVAILABLE and "standard output" in done.stderr


def test_a_folder_without_a_server_says_what_to_do(server, tmp_path):
    def alone(*arguments):
        return subprocess.run([BIN / "latchkey", "--data", tmp_path, *arguments],
                              env=server.environment, capture_output=True, text=True, timeout=20, check=False)

    listing = alone("org", "list")
    assert listing.returncode == UNAVAILABLE and "latchkey init" in listing.stderr
    creating = alone("org", "create", "acme")
    assert creating.returncode == UNAVAILABLE and "latchkey run" in creating.stderr
    assert alone("status").returncode == UNAVAILABLE


def test_the_page_about_the_settings_is_what_the_program_knows(server):
    page = subprocess.run([Path(__file__).parents[2] / "tools/configuration-page", "--check"],
                          input=server.latchkey("--json", "settings").stdout, text=True, timeout=60, check=False)
    assert page.returncode == 0, "run: latchkey --json settings | tools/configuration-page"

