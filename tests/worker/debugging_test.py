"""The lines of docs/debugging.md, run as they stand there against a whole server: a child asked directly by
cgi-fcgi answers as it answers nginx."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from harness import Server, await_that

DOCUMENT = Path(__file__).parents[2] / "docs/debugging.md"


def shell_blocks():
    return re.findall(r"^```sh\n(.*?)^```", DOCUMENT.read_text(), re.S | re.M)


def block_with(text):
    found = [block for block in shell_blocks() if text in block]
    assert found, f"docs/debugging.md has no line with {text}"
    return found[0]


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server() as server:
        yield server


def ask(server, block, **variables):
    """Runs a block; the answer as (status, headers, body)."""
    done = subprocess.run(["sh", "-eu", "-c", block], capture_output=True, text=True, timeout=30, check=True,
                          env={"PATH": "/usr/bin:/bin", "DATA": str(server.data), **variables})
    head, body = done.stdout.replace("\r\n", "\n").split("\n\n", 1)
    headers = dict(line.split(": ", 1) for line in head.split("\n"))
    return int(headers["Status"].split()[0]), headers, body


def test_cgi_fcgi_is_there():
    assert shutil.which("cgi-fcgi"), "Debian's libfcgi-bin is missing"


def test_every_shell_block_of_the_page_gets_an_answer(server):
    assert len(shell_blocks()) == 5
    for block in shell_blocks():
        status, headers, _ = ask(server, block, TOKEN="none")
        assert status == (401 if "/api/user" in block else 200), block
        assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-Id"])


def test_health_is_the_same_as_through_nginx(server):
    _, _, body = ask(server, block_with("/healthz"))
    assert body == server.get("/healthz").text


def test_a_token_is_told_its_user(server):
    token = server.sign_in_device()["access_token"]
    _, _, body = ask(server, block_with("/api/user"), TOKEN=token)
    assert body == server.get("/api/user", token).text


def test_a_request_that_waited_too_long_is_refused_as_its_address_answers(server):
    old = f"{time.time() - 30:.3f}"
    for path in ("/healthz", "/oauth/token", "/o/acme/oauth/token"):
        block = block_with("/healthz").replace("/healthz", path)
        status, headers, body = ask(server, block, REQUEST_TIME=old, HTTP_ACCEPT="text/html")
        assert (status, json.loads(body)["error_code"]) == (503, "SERVICE_UNAVAILABLE")
    status, headers, body = ask(server, block_with("/healthz").replace("/healthz", "/activate"), REQUEST_TIME=old)
    assert status == 503
    assert headers["Content-Type"].startswith("text/html") and headers["Retry-After"]
    assert headers["X-Request-Id"] in body


def test_a_request_id_of_ones_own_comes_back(server):
    block = block_with("REQUEST_ID")
    _, headers, body = ask(server, block)
    assert headers["X-Request-Id"] == "0123456789abcdef0123456789abcdef"
    assert '"device_code"' in body


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:  # it ended meanwhile
        return []


def children(server, pool):
    """The pids of a pool's children."""
    return {pid for pid in server.pids("latchkey-worker")
            if any(word.startswith(pool + "-") for word in command_line(pid))}


def parents(server, pool):
    """The pid of a pool's parent, if there is one."""
    return {pid for pid in server.pids("latchkey-worker")
            if (line := command_line(pid)) and pool in line and "--child" not in line}


def tell(pids, signal):
    assert pids
    subprocess.run(["kill", "-" + signal, *map(str, pids)], check=True)


def test_a_reload_replaces_all_children_while_requests_go_on(server):
    before = children(server, "api")
    assert len(before) == 4
    tell(parents(server, "api"), "HUP")

    def replaced():
        assert server.get("/healthz").status_code == 200
        now = children(server, "api")
        return len(now - before) == 4
    await_that(replaced, "four new children serve")
    # nginx lets go of the connections to the old ones; until then they serve them.
    await_that(lambda: not children(server, "api") & before, "the old children ended", limit_s=25)
    assert server.get("/healthz").status_code == 200


def test_a_killed_child_is_seen_by_no_client(server):
    for victim in sorted(children(server, "api")):
        tell({victim}, "9")
        for _ in range(20):
            assert server.get("/api/user").status_code == 401
    await_that(lambda: len(children(server, "api")) == 4, "four children serve again")


def test_a_pool_that_is_stopped_and_started_lets_its_clients_wait_and_fails_none(server):
    old = parents(server, "api")
    tell(old, "TERM")

    def started_anew():
        assert server.get("/api/user").status_code == 401
        return parents(server, "api") - old and not parents(server, "api") & old
    await_that(started_anew, "the supervisor started the pool anew")
    assert server.get("/healthz").status_code == 200
