"""slowhttptest(1) against the server: slow headers, bodies and readers by the thousand, and others are served as ever."""

import re
import subprocess
import time

import pytest
from harness import Server

CONNECTIONS = 1000
LASTS_S = 6
LONGEST_S = 1.0  # of what others ask meanwhile
ATTACKS = {
    "headers": ["-H", "-i", "1", "-u", "{url}/api/user"],
    "bodies": ["-B", "-i", "1", "-s", "8192", "-u", "{url}/oauth/token"],
    "readers": ["-X", "-n", "1", "-z", "1", "-w", "1", "-y", "2", "-k", "3", "-u", "{url}/.well-known/openid-configuration"],
}


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(device_codes_per_client_and_address=0) as server:
        yield server


@pytest.mark.parametrize("slow", ATTACKS)
def test_slow_clients_pin_nothing(server, tmp_path, slow):
    words = ["slowhttptest", "-c", CONNECTIONS, "-r", CONNECTIONS, "-l", LASTS_S,
             *(word.format(url=server.url) for word in ATTACKS[slow])]
    answers = []
    with open(tmp_path / "attack", "wb") as out:
        attack = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            while attack.poll() is None:
                began = time.monotonic()
                answers.append((server.get("/healthz").status_code, server.device_code().status_code,
                                time.monotonic() - began))
        finally:
            attack.kill()
            attack.wait()
    said = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", (tmp_path / "attack").read_text("utf-8", "replace"))
    most = max((int(count) for count in re.findall(r"connected:\s+(\d+)", said)), default=0)
    assert most > CONNECTIONS / 2, said[-2000:]
    assert re.search(r"service available:\s+YES", said) and not re.search(r"service available:\s+NO", said), said[-2000:]
    assert len(answers) > 50 and {answer[:2] for answer in answers} == {(200, 200)}
    assert max(answer[2] for answer in answers) < LONGEST_S, sorted(answer[2] for answer in answers)[-5:]
