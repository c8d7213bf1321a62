"""slowhttptest(1) against the server: slow headers, bodies and readers by the thousand, and others are served as ever.

What the server holds is read from the kernel, not from what the tool says of itself: on a busy machine it has
seconds without a word."""

import contextlib
import socket
import subprocess
import time
from pathlib import Path

import pytest
from harness import Server, StoppedServer, await_that

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


# ---- bodies that drip, of many networks ----

ADDRESSES = [f"198.51.{100 + n // 25}.{n % 25 + 1}" for n in range(50)]
PER_ADDRESS = 10  # fifty times that are all places, which have a quarter more than max_clients; by default it is 250
STRETCHED = {  # the head and the first byte, and each further one
    "bodies": ("POST /oauth/token", "Content-Length: 100", b"x", b"x"),
    "chunks": ("POST /oauth/token", "Transfer-Encoding: chunked", b"1\r\nx\r\n", b"1\r\nx\r\n"),
    "bodies of a GET": ("GET /api/user", "Content-Length: 100", b"x", b"x"),
    "bodies of a password": ("POST /sign-in/password", "Content-Length: 100", b"x", b"x")}


@pytest.fixture(scope="module", name="small")
def small_fixture():
    with StoppedServer(trusted_proxies="127.0.0.1", max_clients=400, max_clients_per_address=PER_ADDRESS,
                       requests_per_second_per_address=0, passwords_per_second_per_address=0) as started:
        yield started.start()


@pytest.mark.parametrize("kind", STRETCHED)
def test_fifty_addresses_whose_bodies_drip_leave_places_to_the_others(small, kind):
    line, length, first, more = STRETCHED[kind]
    with contextlib.ExitStack() as held:
        clients = []
        for address in (address for address in ADDRESSES for _ in range(PER_ADDRESS)):
            clients.append(held.enter_context(socket.create_connection(("127.0.0.1", small.port))))
            clients[-1].sendall(f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {address}\r\n{length}\r\n"
                                "Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + first)

        def asked(address, method="POST", path="/oauth/token"):
            for client in clients:
                with contextlib.suppress(OSError):  # refused ones are closed
                    client.sendall(more)
            return small.request(method, path, headers={"X-Forwarded-For": address},
                                 data={"client_id": "acme-cli"} if method == "POST" else None).status_code

        for address in ADDRESSES[:3]:
            await_that(lambda address=address: asked(address) == 503, "all that it may hold is held")
        for number in range(5):
            assert asked(f"203.0.113.{number + 1}") == 400
            assert asked(f"203.0.113.{number + 1}", "GET", "/sign-in") == 200
        # Who is in their networks is refused what drips, and nothing else.
        assert asked(ADDRESSES[0], "GET", "/api/user") == 401
    await_that(lambda: small.request("POST", "/oauth/token", headers={"X-Forwarded-For": ADDRESSES[0]},
                                     data={"client_id": "acme-cli"}).status_code == 400, "room again")


# ---- answers that are hardly read, of two networks of a provider ----

TAKEN = 150  # answers of some kilobytes: more than the sockets between hold


def test_two_networks_of_a_provider_leave_places_to_its_others(small):
    ask = "GET /assets/latchkey.css HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {}\r\n\r\n"
    with contextlib.ExitStack() as held:
        for network in ("2001:db8:a:1::1", "2001:db8:b:1::1"):
            for _ in range(2 * PER_ADDRESS):
                client = held.enter_context(socket.socket())
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
                client.connect(("127.0.0.1", small.port))
                client.sendall((ask.format(network) * TAKEN).encode())

        def asked(address):
            return small.get("/api/user", headers={"X-Forwarded-For": address}).status_code

        for network in ("2001:db8:a:1::2", "2001:db8:b:1::2"):
            await_that(lambda network=network: asked(network) == 503, "all that it may hold is held")
        for number in range(5):
            assert asked(f"2001:db8:c:{number}::1") == 401  # the same /32
            assert asked(f"2001:db8:a:{number + 2}::1") == 401  # the same /48
            assert asked(f"203.0.113.{number + 1}") == 401
            assert asked("2001:db8:a:1::3") == asked("2001:db8:b:1::3") == 503, "they are held still"
