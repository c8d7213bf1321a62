"""The audit log of a whole server: what a flow leaves in it, who did it, and that tampering shows."""

import json
import os
import signal
import sqlite3
import subprocess

import pytest
from harness import BIN, Browser, Server, await_that


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1, audit_seal_s=1) as server:
        yield server


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def exported(server, *filters):
    return lines(server.latchkey("audit", "export", *filters).stdout)


def newest(server):
    rows = exported(server)
    return rows[-1]["sequence"] if rows else 0


def after(server, sequence, *filters):
    return exported(server, "--after", str(sequence), *filters)


def events(rows):
    return [row["event"] for row in rows]


def test_a_whole_flow_leaves_exactly_its_events(server):
    start = newest(server)
    server.latchkey("org", "create", "flow", "--name", "Flow")
    server.latchkey("service", "create", "--org", "flow", "--slug", "app", "--name", "App", "--client-id", "flow-app")
    server.latchkey("user", "create", "--org", "flow", "--email", "kim@flow.example", "--password-stdin",
                    stdin="the password of kim")
    server.latchkey("keys", "create", "--org", "flow")
    codes = server.authorize_device("flow-app")
    browser = Browser(server)
    browser.enter_code(codes["user_code"])
    browser.sign_in("kim@flow.example", "not the password")
    browser.sign_in("nobody@flow.example", "not the password")
    browser.sign_in("kim@flow.example", "the password of kim")
    server.poll(codes["device_code"], "flow-app")  # pending: leaves nothing
    browser.decide("approve")
    tokens = server.poll(codes["device_code"], "flow-app").json()
    assert server.get("/api/user", tokens["access_token"]).status_code == 200
    refreshed = server.refresh(tokens["refresh_token"], "flow-app").json()
    refused = server.authorize_device("flow-app")
    browser.enter_code(refused["user_code"])
    browser.decide("deny")
    grant = json.loads(server.latchkey("--json", "grant", "list", "--org", "flow").stdout)[0]["id"]
    server.latchkey("grant", "revoke", "--org", "flow", grant)
    server.latchkey("user", "update", "--org", "flow", "kim@flow.example", "--disable")
    server.latchkey("service", "update", "--org", "flow", "app", "--disable-client")
    server.latchkey("org", "update", "flow", "--suspend")

    rows = after(server, start)
    assert events(rows) == [
        "organization.created", "service.created", "user.created", "key.created", "key.created",
        "sign_in.failed", "sign_in.failed", "sign_in.succeeded", "device.approved", "device.redeemed", "device.refused",
        "grant.revoked", "user.updated", "service.updated", "organization.updated"]
    assert {row["org"] for row in rows} == {"flow"}
    assert [row["sequence"] for row in rows] == list(range(start + 1, start + 1 + len(rows)))
    wrong, unknown, right, approved, redeemed, denied = rows[5:11]
    assert (wrong["detail"], wrong["actor"], wrong["email"]) == ("reason=wrong_password", "nobody", "kim@flow.example")
    assert (unknown["detail"], unknown["user_id"]) == ("reason=no_such_user", None)
    assert (right["actor"], right["address"], right["detail"]) == ("user", "127.0.0.1", "amr=pwd")
    assert approved["actor_id"] == approved["user_id"] == wrong["user_id"]
    assert (approved["address"], redeemed["address"]) == ("127.0.0.1", "127.0.0.1")
    assert redeemed["detail"] == "device_code=" + approved["subject_id"]
    assert redeemed["subject_id"] == grant
    assert denied["actor"] == "user"
    operator = [row for row in rows if row["actor"] == "operator"]
    assert events(operator) == ["organization.created", "service.created", "user.created", "key.created", "key.created",
                                "grant.revoked", "user.updated", "service.updated", "organization.updated"]
    assert {row["actor_name"].split(" (")[1] for row in operator} == {f"uid {os.geteuid()})"}
    assert rows[11]["email"] == "kim@flow.example", "whose grant it was"
    text = json.dumps(rows)
    for secret in ("not the password", "the password of kim", "nobody@", codes["user_code"], codes["device_code"],
                   tokens["access_token"], tokens["refresh_token"], refreshed["refresh_token"]):
        assert secret not in text


def test_the_request_id_is_that_of_the_answer(server):
    start = newest(server)
    browser = Browser(server)
    browser.open("/sign-in?org=acme")
    page = browser.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"])
    ids = [answer.headers.get("X-Request-Id") for answer in [*page.history, page]]
    assert after(server, start)[0]["request_id"] in ids


def test_a_flood_of_wrong_passwords_is_bounded_by_the_guess_limit(server):
    with Server(password_attempts_per_account=3, password_attempts_per_address=5) as small:
        start = newest(small)
        browser = Browser(small)
        browser.open("/sign-in?org=acme")
        for _ in range(6):
            browser.sign_in(small.demo["DEMO_EMAIL"], "wrong")
        rows = after(small, start)
        assert [row["detail"] for row in rows] == ["reason=wrong_password"] * 2 + ["reason=wrong_password account_locked"]
        for number in range(6):
            browser.sign_in(f"nobody{number}@acme.example", "wrong")
        assert len(after(small, start)) == 5, "the address is out of guesses"


def test_sudo_names_who_typed_the_command(server):
    start = newest(server)
    environment = {**os.environ, "SUDO_USER": "carol", "LATCHKEY_DATA_DIR": str(server.data)}
    done = subprocess.run([BIN / "latchkey", "user", "unlock", "--org", "acme", server.demo["DEMO_EMAIL"]],
                          env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    row, = after(server, start)
    assert (row["event"], row["actor_name"]) == ("user.updated", f"carol (uid {os.geteuid()})")


def test_filters_choose_by_organization_event_user_and_time(server):
    start = newest(server)
    browser = Browser(server)
    browser.open("/sign-in?org=acme")
    browser.sign_in(server.demo["DEMO_EMAIL"], "wrong")
    browser.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"])
    server.latchkey("org", "create", "filtered", "--name", "F")
    assert events(after(server, start)) == ["sign_in.failed", "sign_in.succeeded", "organization.created"]
    assert events(after(server, start, "--org", "filtered")) == ["organization.created"]
    assert events(after(server, start, "--event", "sign_in.failed")) == ["sign_in.failed"]
    mine = after(server, start, "--org", "acme", "--user", server.demo["DEMO_EMAIL"])
    assert events(mine) == ["sign_in.failed", "sign_in.succeeded"]
    assert after(server, start, "--until", "2020-01-01T00:00:00Z") == []
    assert len(after(server, start, "--since", "2020-01-01T00:00:00Z")) == 3
    for arguments, code in ((["--event", "nonsense"], 2), (["--user", "kim@flow.example"], 2), (["--org", "nowhere"], 3),
                            (["--since", "yesterday"], 2)):
        assert server.latchkey("audit", "export", *arguments, check=False).returncode == code, arguments


def test_the_log_of_a_deleted_organization_is_found_by_its_id(server):
    server.latchkey("org", "create", "gone", "--name", "G")
    identity = json.loads(server.latchkey("--json", "org", "show", "gone").stdout)["id"]
    server.latchkey("org", "delete", "gone", "--yes")
    rows = exported(server, "--org", identity)
    assert events(rows) == ["organization.created", "organization.deleted"]
    assert rows[0]["org"] == identity and rows[0]["detail"] == "slug=gone"


def test_tail_shows_the_newest_last_and_follows(server):
    shown = server.latchkey("audit", "tail", "--limit", "3").stdout.splitlines()
    assert len(shown) == 3
    follower = subprocess.Popen([BIN / "latchkey", "--data", server.data, "--json", "audit", "tail", "--limit", "0",
                                 "--follow", "--org", "acme"], stdout=subprocess.PIPE, text=True)
    try:
        await_that(lambda: "latchkey.db" in "".join(os.readlink(f"/proc/{follower.pid}/fd/{fd}")
                                                  for fd in os.listdir(f"/proc/{follower.pid}/fd")),
                   "the follower has opened the database")
        # It may not have looked yet at what was newest: what comes is shown in any case, once.
        server.latchkey("user", "create", "--org", "acme", "followed@acme.example")
        server.latchkey("org", "create", "unfollowed", "--name", "U")
        server.latchkey("user", "delete", "--org", "acme", "followed@acme.example", "--yes")
        seen = []
        while "user.deleted" not in seen:
            seen.append(json.loads(follower.stdout.readline())["event"])
        assert seen in (["user.created", "user.deleted"], ["user.deleted"])
    finally:
        follower.send_signal(signal.SIGINT)
        assert follower.wait(timeout=20) == -signal.SIGINT
        follower.stdout.close()


def verify(server, *arguments, check=True):
    done = server.latchkey("--json", "audit", "verify", *arguments, check=check)
    return done.returncode, json.loads(done.stdout)


def test_the_writer_seals_when_idle_and_tampering_shows(server, tmp_path):
    server.latchkey("org", "create", "sealed", "--name", "S")
    await_that(lambda: verify(server)[1]["unsealed_rows"] == 0, "all rows are sealed")
    code, report = verify(server)
    assert (code, report["holds"], report["broken"]) == (0, True, [])
    assert report["sealed_through"] == newest(server)
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps(report))
    server.latchkey("org", "update", "sealed", "--name", "S2")
    await_that(lambda: verify(server)[1]["unsealed_rows"] == 0, "all rows are sealed")
    assert verify(server, "--against", str(heads))[0] == 0
    assert "the chain" not in server.latchkey("audit", "verify").stderr

    server.stop()
    database = sqlite3.connect(server.data / "latchkey.db")
    sequence, = database.execute("SELECT max(sequence) FROM audit_events WHERE detail = 'slug=sealed'").fetchone()
    database.execute("UPDATE audit_events SET actor_name = 'mallory (uid 0)' WHERE sequence = ?", (sequence,))
    database.commit()
    code, report = verify(server, check=False)
    assert (code, report["holds"]) == (1, False)
    broken, = report["broken"]
    assert broken["org"] == "sealed" and broken["first_sequence"] <= sequence <= broken["last_sequence"]
    told = server.latchkey("audit", "verify", check=False)
    assert told.returncode == 1 and "BROKEN" in told.stdout and "backup" in told.stderr

    # Who deletes the beginning, as if it had gone for its age, is found by a head that was kept elsewhere alone.
    database.execute("CREATE TEMP TABLE kept AS SELECT * FROM audit_events")
    former, = database.execute("SELECT pruned_through FROM audit_state").fetchone()
    database.execute("DELETE FROM audit_events")
    database.execute("UPDATE audit_state SET pruned_through = sealed_through")
    database.commit()
    assert verify(server)[0] == 0
    code, report = verify(server, "--against", str(heads), check=False)
    assert code == 1 and "before audit_retention_days were over" in report["broken"][0]["what"]
    old = json.loads(heads.read_text())
    for head in old["organizations"]:
        head["sealed_at"] = "2020-01-01T00:00:00Z"
    (tmp_path / "old.json").write_text(json.dumps(old))
    assert verify(server, "--against", str(tmp_path / "old.json"))[0] == 0, "it may have gone for its age"
    database.execute("INSERT INTO audit_events SELECT * FROM kept")
    database.execute("UPDATE audit_state SET pruned_through = ?", (former,))
    database.commit()

    # Who seals the edited log anew is found by a head that was kept elsewhere, and by nothing else.
    database.execute("DELETE FROM audit_seals")
    database.execute("UPDATE audit_state SET sealed_through = 0")
    database.commit()
    database.close()
    server.start()
    await_that(lambda: verify(server)[1]["unsealed_rows"] == 0, "all rows are sealed anew")
    assert verify(server)[0] == 0
    code, report = verify(server, "--against", str(heads), check=False)
    assert code == 1 and "kept head" in report["broken"][0]["what"]
