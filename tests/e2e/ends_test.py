"""What ends what: docs/security.md has the table, this is its test. Each thing that is begun, against each act that
ends something, through the whole server. A new thing gets a line in Begun.checks, a new act one in ACTS; what is in
flight when the act comes is in tests/store/ends_conformance_test.cc."""

import json

import pytest
from harness import DEVICE_GRANT, Browser, Server

API = "https://api.example"
OLD_PASSWORD, NEW_PASSWORD = "a horse of the old battery", "quite another long sentence"


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1) as server:
        yield server


class Begun:
    """A tenant of its own, with one user who has begun everything that can be begun."""

    def __init__(self, server, org):
        self.server, self.org, self.client, self.email = server, org, f"{org}-app", f"sam@{org}.example"
        server.latchkey("org", "create", org)
        server.latchkey("service", "create", "--org", org, "--slug", "app", "--client-id", self.client, "--resource", API,
                        "--shared-resource")
        server.latchkey("user", "create", "--org", org, "--email", self.email, "--password-stdin", stdin=OLD_PASSWORD)
        self.sign_in_form = Browser(server)
        self.sign_in_form.open(f"/sign-in?org={org}")
        self.browser = Browser(server)
        self.code = server.authorize_device(self.client)
        self.first_code = server.authorize_device(self.client)
        self.browser.enter_code(self.first_code["user_code"])
        self.browser.sign_in(self.email, OLD_PASSWORD)
        self.browser.decide("approve")
        self.first_grant = self.poll(self.first_code).json()
        self.json_grant = self.grant()
        self.resource_grant = self.grant(resource=API)
        self.approved = self.approve()
        self.approved_for_resource = self.approve(resource=API)
        self.form = self.confirm_page()
        self.form_for_resource = self.confirm_page(resource=API)
        self.link_form = Browser(server)
        self.link = self.new_link()
        self.link_form.open(self.link)

    def approve(self, **more):
        codes = self.server.authorize_device(self.client, **more)
        self.browser.enter_code(codes["user_code"])
        page = self.browser.decide("approve")
        assert "status=approved" in page.url, page.text
        return codes

    def poll(self, codes):
        return self.server.poll(codes["device_code"], self.client)

    def grant(self, **more):
        answer = self.poll(self.approve(**more))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def confirm_page(self, **more):
        tab = Browser(self.server)
        tab.session.cookies.update(self.browser.session.cookies)
        tab.enter_code(self.server.authorize_device(self.client, **more)["user_code"])
        assert 'action="/activate/confirm"' in tab.page.text
        return tab

    def new_link(self):
        made = self.server.latchkey("--json", "user", "reset", "--org", self.org, self.email).stdout
        return json.loads(made)["link"].removeprefix(self.server.url)

    def refreshes(self, tokens):
        return self.server.refresh(tokens["refresh_token"], self.client).status_code == 200

    def approves(self, tab):
        return "status=approved" in tab.decide("approve").url

    def refreshes_by_json(self):
        answer = self.server.post("/api/auth/refresh", json={"refresh_token": self.json_grant["refresh_token"]})
        return answer.status_code == 200

    def opens_and_sets_a_password(self):
        opens = Browser(self.server).open(self.link).status_code == 200
        page = self.link_form.submit("/set-password/save", password=NEW_PASSWORD, repeated=NEW_PASSWORD)
        sets = "Your password is set" in page.text
        assert opens == sets, page.text
        return sets

    def signs_in(self):
        page = self.sign_in_form.submit("/sign-in/password", email=self.email, password=OLD_PASSWORD)
        return page.status_code == 200 and 'name="password"' not in page.text

    def checks(self):
        """Whether each is still good, in an order in which no answer changes the next."""
        return {
            "device code": lambda: self.poll(self.code).json()["error"] == "authorization_pending",
            "access token": lambda: self.server.get("/api/user", self.first_grant["access_token"]).status_code == 200,
            "sign-in": lambda: 'action="/sign-out"' in self.browser.open("/").text,
            "form": lambda: self.approves(self.form),
            "form for a resource": lambda: self.approves(self.form_for_resource),
            "approval": lambda: self.poll(self.approved).status_code == 200,
            "approval for a resource": lambda: self.poll(self.approved_for_resource).status_code == 200,
            "refresh": lambda: self.refreshes(self.first_grant),
            "refresh by JSON": self.refreshes_by_json,
            "refresh for a resource": lambda: self.refreshes(self.resource_grant),
            "sign-in form": self.signs_in,
            "password link": self.opens_and_sets_a_password,
        }

    # ---- what ends ----

    def user(self, verb, *options):
        self.server.latchkey("user", verb, "--org", self.org, self.email, *options)

    def delete_and_import(self):
        """With the same id."""
        listed = json.loads(self.server.latchkey("--json", "user", "list", "--org", self.org).stdout)
        one = {"email": self.email, "id": next(user["id"] for user in listed if user["email"] == self.email)}
        self.user("delete", "--yes")
        self.server.latchkey("user", "import", "-", "--org", self.org, "--format", "jsonl", stdin=json.dumps(one) + "\n")

    def service(self, *options):
        self.server.latchkey("service", "update", "--org", self.org, "app", *options)

    def organization(self, *options):
        self.server.latchkey("org", "update", self.org, *options)

    def set_new_password(self):
        browser = Browser(self.server)
        browser.open(self.new_link())
        page = browser.submit("/set-password/save", password=NEW_PASSWORD, repeated=NEW_PASSWORD)
        assert "Your password is set" in page.text, page.text

    def log_out(self):
        out = self.server.post("/api/auth/logout", headers={"Authorization": "Bearer " + self.first_grant["access_token"]})
        assert out.status_code == 204, out.text


BEGUN = ("device code", "access token", "sign-in", "form", "form for a resource", "approval", "approval for a resource",
         "refresh", "refresh by JSON", "refresh for a resource", "sign-in form", "password link")
TOKENS = {"access token", "refresh", "refresh by JSON", "refresh for a resource"}
APPROVALS = {"approval", "approval for a resource"}
FORMS = {"form", "form for a resource"}
OF_THE_USER = {*TOKENS, *APPROVALS, *FORMS, "sign-in", "password link"}
OF_THE_CLIENT = {*TOKENS, *APPROVALS, *FORMS, "device code"}

# What is done, and what of BEGUN it ends. All else goes on.
ACTS = {
    "nothing": (lambda _: None, set()),
    "new password": (Begun.set_new_password, {*OF_THE_USER, "sign-in form"}),
    "user disabled": (lambda b: b.user("update", "--disable"), {*OF_THE_USER, "sign-in form"}),
    "user disabled and enabled": (lambda b: (b.user("update", "--disable"), b.user("update", "--enable")), OF_THE_USER),
    "grants revoked": (lambda b: b.server.latchkey("grant", "revoke", "--org", b.org, "--user", b.email), OF_THE_USER),
    "user deleted": (lambda b: b.user("delete", "--yes"), {*OF_THE_USER, "sign-in form"}),
    "user deleted and imported": (Begun.delete_and_import, {*OF_THE_USER, "sign-in form"}),
    "e-mail changed": (lambda b: b.user("update", "--new-email", "right@x.example"),
                       {*APPROVALS, "password link", "sign-in form"}),
    "newer link": (Begun.new_link, {"password link"}),
    "account unlocked": (lambda b: b.user("unlock"), set()),
    "signed out in the browser": (lambda b: b.browser.open("/") and b.browser.submit("/sign-out", org=b.org),
                                  {"sign-in", *FORMS}),
    "logged out by token": (Begun.log_out, {"access token", "refresh"}),
    "resource taken away": (lambda b: b.service("--no-resources"),
                            {"form for a resource", "approval for a resource", "refresh for a resource"}),
    "refresh right taken away": (lambda b: b.service("--no-refresh-token"),
                                 {"refresh", "refresh by JSON", "refresh for a resource"}),
    "client disabled": (lambda b: b.service("--disable-client"), OF_THE_CLIENT),
    "client disabled and enabled": (lambda b: (b.service("--disable-client"), b.service("--enable-client")), set()),
    "service deleted": (lambda b: b.server.latchkey("service", "delete", "--org", b.org, "app", "--yes"), OF_THE_CLIENT),
    "organization suspended": (lambda b: b.organization("--suspend"), set(BEGUN)),
    "organization suspended and activated": (lambda b: (b.organization("--suspend"), b.organization("--activate")), set()),
}


@pytest.fixture(scope="module", name="outcome")
def outcome_fixture(server):
    """What is still good after an act, once for all of its cells."""
    known = {}

    def outcome(act):
        if act not in known:
            begun = Begun(server, f"tenant-{len(known)}")
            ACTS[act][0](begun)
            known[act] = {name: check() for name, check in begun.checks().items()}
            assert tuple(known[act]) == BEGUN
        return known[act]

    return outcome


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("begun", BEGUN)
def test_what_ends_what(outcome, begun, act):
    assert outcome(act)[begun] == (begun not in ACTS[act][1])


def test_a_new_secret_ends_the_old_one_and_nothing_else(server):
    server.latchkey("org", "create", "secrets")
    made = server.latchkey("--json", "service", "create", "--org", "secrets", "--slug", "daemon", "--confidential").stdout
    old = json.loads(made)["client_secret"]
    server.latchkey("user", "create", "--org", "secrets", "--email", "sam@secrets.example", "--password-stdin",
                    stdin=OLD_PASSWORD)

    def ask(path, secret, **fields):
        return server.post(path, {"client_id": "secrets-daemon", "client_secret": secret, **fields})

    def approved():
        codes = ask("/oauth/device_authorization", old).json()
        server.decide(codes["user_code"], email="sam@secrets.example", password=OLD_PASSWORD)
        return {"grant_type": DEVICE_GRANT, "device_code": codes["device_code"]}

    grant = ask("/oauth/token", old, **approved()).json()
    begun = approved(), {"grant_type": "refresh_token", "refresh_token": grant["refresh_token"]}
    done = server.latchkey("--json", "service", "update", "--org", "secrets", "daemon", "--new-secret").stdout
    new = json.loads(done)["client_secret"]
    assert server.get("/api/user", grant["access_token"]).status_code == 200
    for fields in begun:
        assert ask("/oauth/token", old, **fields).json()["error"] == "invalid_client"
        assert ask("/oauth/token", new, **fields).status_code == 200


def test_what_was_begun_at_a_domain_goes_nowhere_without_it(server):
    server.latchkey("org", "create", "hosts")
    server.latchkey("domain", "create", "--org", "hosts", "login.hosts.example")
    server.latchkey("user", "create", "--org", "hosts", "--email", "sam@hosts.example", "--password-stdin",
                    stdin=OLD_PASSWORD)
    made = server.latchkey("--json", "user", "reset", "--org", "hosts", "sam@hosts.example").stdout
    link = "/set-password?" + json.loads(made)["link"].split("?")[1]
    at_domain = {"headers": {"Host": "login.hosts.example"}}
    assert server.request("GET", link, **at_domain).status_code == 200
    server.latchkey("domain", "delete", "--org", "hosts", "login.hosts.example", "--yes")
    for path in (link, "/sign-in", "/activate"):
        assert server.request("GET", path, **at_domain).status_code == 421, path
    assert server.request("GET", link).status_code == 200, "the link is the user's, not the host's"
