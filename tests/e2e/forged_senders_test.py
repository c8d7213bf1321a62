"""Packets that bear somebody's address do not shut them out: the nftables table counts a connection when its handshake is
through, which only the real address can bring about. In network namespaces, as root."""

import subprocess
import sys
from pathlib import Path

import pytest
from harness import await_that
from wired import HELD, MARKS, OTHER, SERVER, Network, WiredServer

pytestmark = MARKS

FORGE = Path(__file__).parent / "forge.py"
VICTIM = OTHER
MANY = 4 * HELD[4]  # more than an address may have, or may begin together


@pytest.fixture(scope="module", name="network")
def network_fixture():
    with Network() as network:
        # The victim's own machine would answer with RST to what it never asked for; one behind NAT does not.
        network.inside(network.clients, "nft", "--file", "-", input="table inet quiet { chain out { "
                       "type filter hook output priority -300; policy accept; meta mark != 1 tcp flags & rst == rst drop; }; }")
        yield network


@pytest.fixture(scope="module", name="server", params=[4, 6], ids=["ipv4", "ipv6"])
def server_fixture(network, request):
    with WiredServer(network, request.param) as server:
        yield server.start()


@pytest.fixture(name="wired")
def wired_fixture(server):
    with server.bounded():
        yield server


def forging(server, rate, count, *kind):
    return subprocess.Popen(["ip", "netns", "exec", server.network.clients, sys.executable, str(FORGE),
                             SERVER[server.version], str(server.port), VICTIM[server.version], str(rate), str(count), *kind])


def half_open(server):
    lines = server.network.inside(server.network.server, "ss", "-Htn", "state", "syn-recv", f"sport = :{server.port}").stdout
    return len(lines.splitlines())


@pytest.mark.parametrize("rate", [60, 400])
def test_forged_first_packets_shut_nobody_out(wired, rate):
    with forging(wired, rate, 60 * rate, "syn") as stranger:
        try:
            await_that(lambda: half_open(wired) >= HELD[4], "half-open connections in the victim's name", 60)
            assert wired.elements("new", "full") == ""
            assert wired.ask(VICTIM[wired.version], 10) == [200] * 10
            assert stranger.poll() is None  # it went on all the time
        finally:
            stranger.kill()
    assert wired.elements("new")  # the victim's own connections were counted


@pytest.mark.parametrize("kind", ["again", "ack", "rst", "guess"])
def test_nothing_else_without_a_handshake_counts(wired, kind):
    with forging(wired, 400, MANY, kind) as stranger:
        assert stranger.wait(60) == 0
    # One guess of 65,000 is near enough for the kernel's bookkeeping, and then counts as a new connection.
    assert kind == "guess" or wired.elements("new") == ""
    assert wired.elements("full") == ""
    assert wired.ask(VICTIM[wired.version], 10) == [200] * 10


def tracked(server):
    """Connections to the server that the kernel's table would keep for days."""
    lines = server.network.inside(server.network.server, "cat", "/proc/net/nf_conntrack", check=False).stdout.splitlines()
    return [line for line in lines if f"dport={server.port} " in line and "ESTABLISHED" in line]


def test_what_is_refused_leaves_the_kernels_table_of_connections(wired):
    """Handshakes in number, all finished after the first of them was too many: dropped, each would stay for five days."""
    if wired.network.inside(wired.network.server, "test", "-e", "/proc/net/nf_conntrack", check=False).returncode != 0:
        pytest.skip("this kernel has no /proc/net/nf_conntrack")
    before = len(tracked(wired))
    with forging(wired, 100000, 2 * HELD[4], "whole") as stranger:
        await_that(lambda: wired.elements("new"), "connections that count")
        await_that(lambda: len(tracked(wired)) > before, "one that stands")
        assert stranger.wait(60) == 0
    assert len(tracked(wired)) - before <= HELD[4] * 3 // 4  # half a share together, and what came in that time
