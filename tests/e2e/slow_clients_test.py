"""slowhttptest(1) against the server: slow headers, bodies and readers by the thousand, and others are served as ever.

What the server holds is read from the kernel, not from what the tool says of itself: on a busy machine it has
seconds without a word."""

import subprocess
import time
from pathlib import Path

import pytest
from harness import Server, await_that

CONNECTIONS = 1000
HELD = 300  # at the same time: a busy machine opens them slowly, and nginx ends them meanwhile
LASTS_S = 60  # more than the test needs: it ends the attack
ANSWERS = 50
# Who waits for a slow client waits as long as nginx holds one: client_body_timeout, the shortest of its times.
HOLDS_S = 5.0
ATTACKS = {
    "headers": ["-H", "-i", "1", "-u", "{url}/api/user"],
    "bodies": ["-B", "-i", "1", "-s", "8192", "-u", "{url}/oauth/token"],
    "readers": ["-X", "-n", "1", "-z", "1", "-w", "1", "-y", "2", "-k", "3", "-u", "{url}/.well-known/openid-configuration"],
}


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(device_codes_per_client_and_address=0) as server:
        yield server


def connections_at(port):
    """Those that are established at the server's port, by proc(5), tcp."""
    held = 0
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        local, state = line.split()[1], line.split()[3]
        held += state == "01" and int(local.split(":")[1], 16) == port
    return held


@pytest.mark.parametrize("slow", ATTACKS)
def test_slow_clients_pin_nothing(server, tmp_path, slow):
    words = ["slowhttptest", "-c", CONNECTIONS, "-r", CONNECTIONS, "-l", LASTS_S,
             *(word.format(url=server.url) for word in ATTACKS[slow])]
    answers = []
    with open(tmp_path / "attack", "wb") as out:
        attack = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            await_that(lambda: connections_at(server.port) > HELD, f"{HELD} slow connections")
            while len(answers) < ANSWERS:
                began = time.monotonic()
                answers.append((server.get("/healthz").status_code, server.device_code().status_code,
                                time.monotonic() - began))
        finally:
            attack.kill()
            attack.wait()
    assert {answer[:2] for answer in answers} == {(200, 200)}
    assert max(answer[2] for answer in answers) < HOLDS_S, sorted(answer[2] for answer in answers)[-5:]
    # They are let go of, and nobody else.
    await_that(lambda: connections_at(server.port) < HELD, "the end of the slow connections")
