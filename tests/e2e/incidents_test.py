"""The incidents of docs/operations.md, each on a server of its own: how it shows, and what ends it. (A full disk:
faults/disk.py; an expired certificate: ctl/watch_test.py; a restored backup: ctl/backup_test.py, faults/backup.py.)"""

import os
import re
import signal

import pytest
from harness import DEVICE_GRANT, Browser, Server, assert_json, await_that


@pytest.fixture(name="server")
def server_fixture():
    with Server(poll_interval_s=1) as server:
        yield server


def doctor(server):
    return server.latchkey("doctor", check=False).stdout


def assert_unavailable(answer):
    assert answer.status_code == 503 and "Retry-After" in answer.headers, answer.text
    assert assert_json(answer)["error"] == "temporarily_unavailable"


def sign_in(server):
    """The whole way of a device; the answer to its redemption."""
    codes = server.authorize_device()
    browser = Browser(server)
    browser.enter_code(codes["user_code"])
    browser.sign_in(server.demo["DEMO_EMAIL"], server.demo["DEMO_PASSWORD"])
    browser.decide("approve")
    return server.post("/oauth/token", {"grant_type": DEVICE_GRANT, "client_id": server.demo["DEMO_CLIENT_ID"],
                                        "device_code": codes["device_code"]})


def kids(server):
    return {key["kid"] for key in server.get("/.well-known/jwks.json").json()["keys"]}


def test_a_writer_that_hangs_is_named_and_reads_go_on(server):
    token = sign_in(server).json()["access_token"]
    writer = server.pid("writer")
    os.kill(writer, signal.SIGSTOP)
    try:
        assert_unavailable(server.device_code())
        assert_unavailable(server.get("/readyz"))
        assert server.get("/api/user", token).status_code == 200
        await_that(lambda: "the writer is silent" in doctor(server), "doctor finds it")
        assert server.latchkey("status", check=False).returncode == 5
    finally:
        os.kill(writer, signal.SIGKILL)  # what `systemctl kill -s KILL latchkey-writer` does
    server.new_pid("writer", writer)
    await_that(lambda: server.device_code().status_code == 200, "the next writer serves")
    # Each child finds the writer again by itself, and keeps its last answer of readiness for a second.
    await_that(lambda: server.get("/readyz").status_code == 200, "every child says so")


def test_without_a_pool_nginx_answers_in_json_and_its_log_says_why(server):
    sockets = list(server.run.glob("api-*.sock"))
    for path in sockets:
        path.rename(f"{path}.away")
    os.kill(server.pid("nginx"), signal.SIGHUP)  # kept connections to children would serve on
    answers = []
    await_that(lambda: answers.append(server.device_code()) or answers[-1].status_code != 200, "nobody is reached")
    assert_unavailable(answers[-1])
    await_that(lambda: re.search(r"api-\d\.sock failed \(2: No such file", server.nginx_errors()), "nginx's line")
    explained = await_that(lambda: server.latchkey("explain", answers[-1].headers["X-Request-Id"], check=False).stdout,
                           "nginx's line in the access log")
    assert "nginx 503 of the pool" in explained, explained
    for path in sockets:
        os.rename(f"{path}.away", path)
    await_that(lambda: server.device_code().status_code == 200, "they are reached again")


def test_without_the_master_key_it_does_not_start_and_says_so(server):
    server.stop()
    key = server.data / "master.key"
    kept = key.read_bytes()
    key.unlink()
    refused = server.latchkey("run", "--background", check=False)
    assert refused.returncode == 1 and "master.key is missing" in refused.stderr
    assert server.processes() == []
    key.write_bytes(kept)
    key.chmod(0o600)
    server.start()
    assert sign_in(server).status_code == 200


def test_with_a_new_master_key_and_new_signing_keys_people_sign_in_again(server):
    before = sign_in(server).json()
    published = kids(server)
    server.stop()
    key = server.data / "master.key"
    key.write_bytes(os.urandom(32))
    server.start()
    refused = sign_in(server)
    assert_unavailable(refused)  # nothing can be signed
    explained = server.latchkey("explain", refused.headers["X-Request-Id"]).stdout
    assert "the master key does not open it" in " ".join(explained.split())
    assert "does not open 2 of the 2" in doctor(server)
    server.latchkey("keys", "rotate", "--now")
    after = sign_in(server)
    assert after.status_code == 200, after.text
    assert server.get("/api/user", after.json()["access_token"]).status_code == 200
    assert "does not open" not in doctor(server)
    assert published < kids(server)  # who verifies tokens from before still can
    # Grants are rows, not signatures.
    assert server.refresh(before["refresh_token"], server.demo["DEMO_CLIENT_ID"]).status_code == 200
