"""A port that was used before is counted again when it is used again, whatever the kernel's table of connections still has
of it: after a RST of the server no SYN of the same ports is "new" to it for a time, after a FIN without an answer neither.
In network namespaces, as root."""

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest
from forged_senders_test import forging
from half_open_heads_test import kept
from harness import await_that
from wired import ATTACKER, MARKS, OTHER, SERVER, Network, WiredServer

pytestmark = MARKS

PROGRAM = Path(__file__).parent / "reuse_ports.py"
PORT = 8443
CLIENTS = 40
STANDING = 4 * CLIENTS  # so many of an address may stand
COUNT = STANDING * 3 // 2
ALL_PORTS = 65536 - 1024
# However slow the machine is, the table has not forgotten the first port when the last one is through; and the server's
# sockets are gone soon after their FIN, or where their SYN-ACK is not answered.
REMEMBERED = ["net.netfilter.nf_conntrack_tcp_timeout_close=300", "net.netfilter.nf_conntrack_tcp_timeout_close_wait=300",
              "net.ipv4.tcp_fin_timeout=1",
              "net.ipv4.tcp_synack_retries=1"]


@pytest.fixture(scope="module", name="network")
def network_fixture():
    with Network() as network:
        # Clients that never tell the server: theirs is what a stranger may do.
        network.inside(network.clients, "nft", "--file", "-", input="table inet quiet { chain out { "
                       "type filter hook output priority -300; policy accept; meta mark != 1 tcp flags & rst == rst drop; }; }")
        yield network


@pytest.fixture(scope="module", name="server", params=[4, 6], ids=["ipv4", "ipv6"])
def server_fixture(network, request):
    with WiredServer(network, request.param, max_clients_per_address=CLIENTS,
                     requests_per_second_per_address=100000) as server:
        yield server.start()


@pytest.fixture(name="wired")
def wired_fixture(server):
    with server.watching("--https-port", str(PORT)) as watch:
        server.network.inside(server.network.server, "sysctl", "-q", "-w", *REMEMBERED)
        yield server
        assert watch.poll() is None


@contextlib.contextmanager
def running(namespace, *words):
    """The program, and a way to tell it to go on; it must answer."""
    with subprocess.Popen(["ip", "netns", "exec", namespace, sys.executable, PROGRAM, *map(str, words)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        def go_on(answer):
            program.stdin.write("\n")
            program.stdin.flush()
            assert program.stdout.readline() == answer + "\n"

        assert program.stdout.readline() in ("listening\n", "ended\n")
        yield go_on
        program.stdin.close()


def reused(wired, count):
    return running(wired.network.clients, "client", SERVER[wired.version], PORT, ATTACKER[wired.version][0], count)


def sockets_of(wired, state):
    lines = wired.network.inside(wired.network.server, "ss", "-Htn", "state", state, f"sport = :{PORT}").stdout
    return len(lines.splitlines())


def is_quiet(wired):
    """The server holds none of the former connections any more, and the network is neither full nor busy."""
    return not sum(sockets_of(wired, state) for state in ("fin-wait-1", "fin-wait-2", "time-wait")) and \
        not wired.elements("full", "busy")


@pytest.mark.parametrize("kind", ["reset", "left"])
def test_ports_that_are_used_again_have_no_more_than_their_share(wired, kind):
    network = wired.network
    with running(network.server, "server", SERVER[wired.version], PORT, kind) as keep, reused(wired, COUNT) as again:
        await_that(lambda: is_quiet(wired), "the former connections to be gone", 60)
        keep("keeping")
        again("open")
        source = ATTACKER[wired.version][0]
        await_that(lambda: sockets_of(wired, "syn-recv") == 0 < network.established(PORT, source), "what stands", 60)
        assert network.established(PORT, source) <= STANDING


def test_who_uses_a_port_again_is_served_at_once(wired):
    """A network that gives its ports out again soon loses nothing by it."""
    network = wired.network
    with running(network.server, "server", SERVER[wired.version], PORT, "reset") as keep, reused(wired, 5) as again:
        keep("keeping")
        again("open")
        await_that(lambda: network.established(PORT, ATTACKER[wired.version][0]) == 5, "all of them", 30)


def test_forged_first_packets_cut_no_connection_of_a_full_network(wired):
    """A SYN on the ports of a connection that stands does not count it again."""
    victim = OTHER[wired.version]
    with kept(wired, victim, STANDING) as served:
        await_that(lambda: wired.elements("full"), "the full network to be known", 60)
        with forging(wired, 10 * ALL_PORTS, ALL_PORTS, "syn", "all-ports") as stranger:  # each port there is
            while stranger.poll() is None:  # or nginx would close what is idle
                assert served() == STANDING
        assert stranger.returncode == 0 and served() == STANDING
