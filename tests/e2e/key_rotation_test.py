"""Signing keys that change under load: no request fails, and a relying party that keeps its copy of the JWKS for as long
as Cache-Control says verifies every token it is given."""

import json
import re
import threading
import time

import jwt  # Debian's python3-jwt
import pytest
from harness import Server, await_that

MAX_AGE_S = 1  # so that a successor is published for two seconds alone
PUBLISH_S = 2 * MAX_AGE_S
AUDIENCES = {"ES256": "acme/cli", "RS256": "acme-cli"}  # of access tokens and of ID tokens


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1, jwks_max_age_s=MAX_AGE_S, refreshes_per_grant=0,
                refreshes_per_account=0) as server:
        yield server


class RelyingParty:
    """Verifies by a copy of the JWKS, fetched anew only when Cache-Control lets it: the least helpful of those that
    keep to the rules."""

    def __init__(self, server):
        self.server = server
        self.copy, self.good_until = [], 0.0

    def fetch(self):
        answer = self.server.get("/.well-known/jwks.json")
        assert answer.status_code == 200, answer.text
        max_age = int(re.search(r"max-age=(\d+)", answer.headers["Cache-Control"]).group(1))
        assert max_age == MAX_AGE_S, "the setting says so"
        self.copy, self.good_until = answer.json()["keys"], time.monotonic() + max_age
        return self.copy

    def verify(self, token):
        """The kid of a token that its copy verifies."""
        if time.monotonic() > self.good_until:
            self.fetch()
        return verify(token, self.copy, self.server.url)


def verify(token, keys, issuer):
    header = jwt.get_unverified_header(token)
    found = [key for key in keys if key["kid"] == header["kid"]]
    assert found, f"no key {header['kid']} among {[key['kid'] for key in keys]}"
    jwt.decode(token, jwt.PyJWK(found[0]).key, algorithms=[header["alg"]], audience=AUDIENCES[header["alg"]],
               issuer=issuer)
    return header["kid"]


class Load(threading.Thread):
    """A device that refreshes without a pause, and the relying party that gets its tokens."""

    def __init__(self, server):
        super().__init__()
        self.server, self.party = server, RelyingParty(server)
        self.tokens = server.sign_in_device(scope="openid")
        self.failure, self.kids, self.requests, self.seen = None, set(), 0, []
        self.over = threading.Event()

    def run(self):
        try:
            while not self.over.is_set():
                self.turn()
        except BaseException as failure:  # pylint: disable=broad-except
            self.failure = failure

    def turn(self):
        answer = self.server.refresh(self.tokens["refresh_token"])
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        for kind in ("access_token", "id_token"):
            if kind in self.tokens:
                self.kids.add(self.party.verify(self.tokens[kind]))
                self.seen.append(self.tokens[kind])
        user = self.server.get("/api/user", self.tokens["access_token"])
        assert user.status_code == 200, user.text
        self.requests += 2


def keys_of(server, *place):
    return json.loads(server.latchkey("--json", "keys", "list", *place).stdout)


def rotate(server, *options):
    done = server.latchkey("--json", "keys", "rotate", *options)
    return [(step["alg"], step["action"]) for step in json.loads(done.stdout)]


def current(server):
    return {key["alg"]: key["kid"] for key in keys_of(server) if key["state"] == "current"}


def without_next(server):
    for key in keys_of(server):
        if key["state"] == "next":
            server.latchkey("keys", "retire", f"--kid={key['kid']}", "--yes")


def test_keys_rotate_under_load_and_every_token_is_verified_before_and_after(server):
    before = current(server)
    loads = [Load(server) for _ in range(4)]
    for load in loads:
        load.start()
    policy = ("--every", "0s", "--publish-for", f"{PUBLISH_S}s")

    def both_are_new():
        rotate(server, *policy)
        return not set(before.values()) & set(current(server).values())

    try:
        await_that(lambda: all(load.requests > 20 for load in loads), "load")
        assert rotate(server, *policy) == [("ES256", "published"), ("RS256", "published")]
        published_at = time.monotonic()
        patient = ("--every", "0s", "--publish-for", "1h")  # however slow this machine is
        assert rotate(server, *patient) == [("ES256", "waits"), ("RS256", "waits")], "not known to all yet"
        await_that(both_are_new, "two new keys")
        assert time.monotonic() - published_at > PUBLISH_S - 0.5
        after = current(server)
        await_that(lambda: all(after["ES256"] in load.kids for load in loads), "tokens of the new key")
    finally:
        for load in loads:
            load.over.set()
        for load in loads:
            load.join(20)
    for load in loads:
        assert load.failure is None, load.failure
        assert before["ES256"] in load.kids
    keys = RelyingParty(server).fetch()
    tokens = [token for load in loads for token in load.seen]
    assert len(tokens) > 100
    for token in tokens[:: max(1, len(tokens) // 300)]:
        verify(token, keys, server.url)  # the former keys are still published
    assert "ERROR" not in server.log()


def test_a_timer_that_has_nothing_to_do_does_nothing(server):
    listed = keys_of(server)
    steps = json.loads(server.latchkey("--json", "keys", "rotate", "--all").stdout)
    assert {step["action"] for step in steps} == {"signs"}
    assert {step["organization"] for step in steps} == {"platform"}, "no other has keys"
    assert keys_of(server) == listed


def test_now_signs_at_once_and_says_what_breaks(server):
    without_next(server)
    former = current(server)
    done = server.latchkey("keys", "rotate", "--now", "--algorithm", "ES256")
    assert "refuses tokens" in done.stdout and f"{MAX_AGE_S} s" in done.stdout
    now = current(server)
    assert now["ES256"] != former["ES256"] and now["RS256"] == former["RS256"]
    token = server.sign_in_device()["access_token"]
    assert jwt.get_unverified_header(token)["kid"] == now["ES256"], "without a restart"
    assert former["ES256"] in {key["kid"] for key in RelyingParty(server).fetch()}


def test_a_leaked_key_is_published_no_more_and_its_successor_signs(server):
    leaked = current(server)["ES256"]
    tokens = server.sign_in_device()
    assert verify(tokens["access_token"], RelyingParty(server).fetch(), server.url) == leaked
    refused = server.latchkey("keys", "retire", f"--kid={leaked}", check=False)
    assert refused.returncode == 2 and "--yes" in refused.stderr
    done = server.latchkey("keys", "retire", f"--kid={leaked}", "--yes")
    assert "published no more" in done.stdout and "a new key signs" in done.stdout
    keys = RelyingParty(server).fetch()
    assert leaked not in {key["kid"] for key in keys + keys_of(server)}
    with pytest.raises(AssertionError, match="no key"):
        verify(tokens["access_token"], keys, server.url)
    assert server.get("/api/user", tokens["access_token"]).status_code == 200, "we know it by its row"
    fresh = server.refresh(tokens["refresh_token"]).json()
    assert verify(fresh["access_token"], keys, server.url) == current(server)["ES256"]


def test_a_key_that_does_not_sign_goes_alone(server):
    without_next(server)
    rotate(server, "--every", "0s", "--algorithm", "RS256")
    following = [key for key in keys_of(server) if key["state"] == "next"]
    assert [key["alg"] for key in following] == ["RS256"]
    signing = current(server)
    server.latchkey("keys", "retire", f"--kid={following[0]['kid']}", "--yes")
    assert current(server) == signing
    assert following[0]["kid"] not in {key["kid"] for key in keys_of(server)}


def test_an_organizations_keys_rotate_by_themselves(server):
    server.latchkey("domain", "create", "--org", "acme", "login.acme.example")
    platform = current(server)
    assert rotate(server, "--org", "acme", "--now") == [
        (alg, action) for alg in ("ES256", "RS256") for action in ("published", "signs_now", "retired")]
    assert len(keys_of(server, "--org", "acme")) == 4
    assert current(server) == platform
    steps = json.loads(server.latchkey("--json", "keys", "rotate", "--all").stdout)
    assert {step["organization"] for step in steps} == {"acme", "platform"}


def test_wrong_use_says_what_is_allowed(server):
    for options, words in ((("--every", "90"), "90d"), (("--publish-for", "1s"), "at least 2s"),
                           (("--org", "acme", "--all"), "excludes"), (("--algorithm", "HS256"), "ES256")):
        done = server.latchkey("keys", "rotate", *options, check=False)
        assert done.returncode == 2 and words in done.stderr, done.stderr
    unknown = server.latchkey("keys", "retire", "nobody", "--yes", check=False)
    assert unknown.returncode == 3 and "keys list" in unknown.stderr
    server.latchkey("org", "create", "bare")
    bare = server.latchkey("keys", "rotate", "--org", "bare", check=False)
    assert bare.returncode == 3 and "keys create --org bare" in bare.stderr
