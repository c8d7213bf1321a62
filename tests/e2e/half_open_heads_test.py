"""Half a request head on each of nginx's places, from one address, in a network of its own: without the nftables table
nobody else is served, with it everybody is (docs/trouble.md)."""

import contextlib
import signal
import subprocess
import sys
import time

import pytest
from harness import await_that
from wired import ATTACKER, HELD, MARKS, OTHER, REQUESTS, SERVER, Network, WiredServer

pytestmark = MARKS


@pytest.fixture(scope="module", name="network")
def network_fixture():
    with Network() as network:
        yield network


@pytest.fixture(scope="module", name="wired", params=[4, 6], ids=["ipv4", "ipv6"])
def wired_fixture(network, request):
    with WiredServer(network, request.param) as server:
        server.start()
        yield server


@pytest.fixture(name="bounded")
def bounded_fixture(wired):
    with wired.bounded():
        yield wired


def places(server):
    text = (server.run / "nginx/latchkey.conf").read_text()
    return 2 * int(text.split("worker_connections ")[1].split(";")[0])


def held_of(server):
    return server.network.established(server.port, *ATTACKER[server.version])


def test_without_the_table_one_address_takes_all_places(wired):
    """What docs/trouble.md says of it; and the proof that the attack is one."""
    with wired.attacked(places(wired) + 300, *ATTACKER[wired.version]):
        await_that(lambda: held_of(wired) > places(wired) * 9 // 10, "the places to be taken", 60)
        await_that(lambda: wired.ask(OTHER[wired.version]) == [0], "somebody who is not served", 60)
    await_that(lambda: wired.ask(OTHER[wired.version]) == [200], "places again", 60)


def test_with_the_table_everybody_else_is_served(bounded):
    with bounded.attacked(places(bounded) + 300, *ATTACKER[bounded.version]):
        await_that(lambda: held_of(bounded) >= HELD[bounded.version] * 3 // 4, "the attacker's share", 60)
        assert bounded.ask(OTHER[bounded.version], REQUESTS) == [200] * REQUESTS
        assert held_of(bounded) <= HELD[bounded.version]
    # Its connections are gone, and so is what was counted of them.
    await_that(lambda: bounded.ask(ATTACKER[bounded.version][0]) == [200], "the attacker's address served again", 60)


def test_a_network_has_no_more_than_its_share_for_all_its_addresses(bounded):
    if bounded.version == 4:
        pytest.skip("an IPv4 address is its own network")
    one = ATTACKER[6][0]
    with bounded.attacked(300, one):
        await_that(lambda: bounded.network.established(bounded.port, one) >= HELD[4] * 3 // 4, "its share", 60)
        assert bounded.network.established(bounded.port, one) <= HELD[4]
        assert bounded.ask(ATTACKER[6][1], 5) == [200] * 5  # another /64 of the same /48


def test_a_reload_loads_the_table_anew_and_one_that_is_gone_ends_the_watch(wired):
    """Which systemd then starts again."""
    gone = ("nft", "delete", "table", "inet", "latchkey")
    with wired.watching() as watch:
        wired.network.inside(wired.network.server, *gone)
        watch.send_signal(signal.SIGHUP)
        await_that(wired.table, "the table again")
        wired.network.inside(wired.network.server, *gone)
        assert watch.wait(60) == 5
        assert "nft did not take the table" in watch.stderr.read()


KEPT = """
import socket, sys, time
host, port, source, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
def is_served(one):
    one.sendall(b"GET /healthz HTTP/1.1\\r\\nHost: here\\r\\n\\r\\n")
    return b" 200 OK" in one.recv(65536)
def open_one():
    while True:
        try:
            one = socket.create_connection((host, port), 60, (source, 0))
            if is_served(one):
                return one
        except OSError:
            time.sleep(0.1)
kept = [open_one() for _ in range(count)]
for line in sys.stdin:
    print(sum(map(is_served, kept)), flush=True)
"""


@contextlib.contextmanager
def kept(server, source, count):
    """Connections that are served and kept, however long it takes; called, how many of them are served again."""
    with subprocess.Popen(["ip", "netns", "exec", server.network.clients, sys.executable, "-c", KEPT, SERVER[server.version],
                           str(server.port), source, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as client:
        def served():
            client.stdin.write("again\n")
            client.stdin.flush()
            return int(client.stdout.readline())

        yield served
        client.stdin.close()


def test_what_stands_counts_however_it_came(bounded):
    """Slowly, and with whole requests: the rate refuses nothing of it."""
    source = ATTACKER[bounded.version][0]
    with kept(bounded, source, HELD[4]) as served:
        assert served() == HELD[4]
        await_that(lambda: bounded.elements("full").split()[:1] in ([source], [source[:-1]]), "the full network to be known")
        assert bounded.ask(source) == [0]
        assert bounded.ask(OTHER[bounded.version]) == [200]
        assert served() == HELD[4]
    await_that(lambda: bounded.ask(source) == [200], "room again", 60)


def test_connections_from_before_the_table_are_not_cut(wired):
    """More than may stand, and more than may begin together: they are served, and nobody else of that address is."""
    count, source = 2 * HELD[4], ATTACKER[wired.version][0]
    with kept(wired, source, count) as served:
        assert served() == count
        with wired.watching() as watch:
            await_that(lambda: wired.ask(source) == [0], "the full network to be known", 60)
            assert served() == count
            watch.send_signal(signal.SIGHUP)
            await_that(lambda: wired.ask(source) == [0], "the full network to be known again", 60)
            assert served() == count


def test_loopback_is_not_counted(network):
    """What runs beside the server, a proxy or a probe, speaks for many."""
    with WiredServer(network, 4, trusted_proxies=OTHER[4]) as server:
        server.start()
        with server.bounded():
            more = 6 * HELD[4]
            with server.attacked(more, SERVER[4], namespace=network.server):
                await_that(lambda: network.established(server.port, SERVER[4]) > 4 * HELD[4], "more than a share", 60)
            with server.attacked(more, OTHER[4]):  # a trusted proxy
                await_that(lambda: network.established(server.port, OTHER[4]) > 4 * HELD[4], "more than a share", 60)


def test_new_connections_have_a_rate(network):
    with WiredServer(network, 4, requests_per_second_per_address=5) as server:
        server.start()
        with server.bounded():
            began = time.monotonic()
            with server.attacked(HELD[4], ATTACKER[4][0]):
                for least in (5, 8, 11):  # ten together, then five a second at most
                    await_that(lambda: held_of(server) >= least, "some of them", 60)  # pylint: disable=cell-var-from-loop
                    held = held_of(server)
                    assert held <= 10 + 5 * (time.monotonic() - began)
                assert server.ask(OTHER[4], 3) == [200] * 3
