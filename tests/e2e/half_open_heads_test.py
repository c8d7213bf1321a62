"""Half a request head on each of nginx's places, from one address, in a network of its own: without the nftables table
nobody else is served, with it everybody is (docs/trouble.md)."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from harness import BIN, StoppedServer, await_that

HOLD = Path(__file__).parent / "hold_heads.py"
MISSING = [name for name in ("ip", "nft", "ss") if shutil.which(name, path="/usr/sbin:/sbin:/usr/bin:/bin") is None]
pytestmark = [pytest.mark.skipif(os.geteuid() != 0, reason="makes a network namespace"),
              pytest.mark.skipif(bool(MISSING), reason="nftables or iproute2 is not installed: " + ", ".join(MISSING))]

SERVER = {4: "198.18.0.1", 6: "2001:db8:ffff::1"}
OTHER = {4: "198.18.0.3", 6: "2001:db8:8::1"}
# One address; and one /48 with forty networks.
ATTACKER = {4: ["198.18.0.2"], 6: [f"2001:db8:9:{network:x}::1" for network in range(1, 41)]}
PREFIX = {4: 24, 6: 32}
CLIENTS_PER_ADDRESS = 8
HELD = {4: 4 * CLIENTS_PER_ADDRESS, 6: 16 * CLIENTS_PER_ADDRESS}  # by an IPv4 address; by an IPv6 /48
REQUESTS = 66


def run(*words, check=True, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60, check=False, **options)
    assert not check or done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done


class Network:
    """Two namespaces and a cable: the server's, and that of all clients."""

    def __init__(self):
        self.server = f"latchkey-s{os.getpid()}"
        self.clients = f"latchkey-c{os.getpid()}"

    def __enter__(self):
        for name in (self.server, self.clients):
            if run("ip", "netns", "add", name, check=False).returncode != 0:
                pytest.skip("this machine makes no network namespaces")
            self.inside(name, "ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "wire", "netns", self.server, "type", "veth", "peer", "name", "wire", "netns", self.clients)
        for version in (4, 6):
            self.give(self.server, SERVER[version], version)
            for address in [OTHER[version], *ATTACKER[version]]:
                self.give(self.clients, address, version)
        for name in (self.server, self.clients):
            self.inside(name, "ip", "link", "set", "wire", "up")
        return self

    def __exit__(self, *_):
        for name in (self.server, self.clients):
            run("ip", "netns", "del", name, check=False)

    def give(self, name, address, version):
        nodad = ["nodad"] if version == 6 else []
        self.inside(name, "ip", "address", "add", f"{address}/{PREFIX[version]}", "dev", "wire", *nodad)

    @staticmethod
    def inside(name, *words, **options):
        return run("ip", "netns", "exec", name, *words, **options)

    def established(self, port, *sources):
        """Connections that the server's side holds, of these addresses."""
        lines = self.inside(self.server, "ss", "-Htn", "state", "established", f"sport = :{port}").stdout.splitlines()
        return sum(1 for line in lines if any(f"{source}]:" in line or f" {source}:" in line for source in sources))


@pytest.fixture(scope="module", name="network")
def network_fixture():
    with Network() as network:
        yield network


class WiredServer(StoppedServer):
    """`latchkey run` inside the namespace, with as few places as it can have."""

    def __init__(self, network, version, **settings):
        super().__init__(listen_address=SERVER[version], nginx_workers=2, max_clients=16,
                         max_clients_per_address=CLIENTS_PER_ADDRESS, **settings)
        self.network = network
        self.version = version
        real = self.bin
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        (self.bin / "latchkey").write_text(f'#!/bin/sh\nexec ip netns exec {network.server} "{real}/latchkey" "$@"\n')
        (self.bin / "latchkey").chmod(0o755)

    @property
    def address(self):
        return f"[{SERVER[6]}]" if self.version == 6 else SERVER[4]

    def load_table(self):
        table = self.latchkey("nftables", "--http-port", self.port).stdout
        self.network.inside(self.network.server, "nft", "--file", "-", input=table)

    def unload_table(self):
        self.network.inside(self.network.server, "nft", "delete", "table", "inet", "latchkey", check=False)

    def ask(self, source, count=1):
        """The status of each of `count` requests for /healthz, a connection each; 0: none came."""
        url = f"http://{self.address}:{self.port}/healthz"
        answers = []
        for _ in range(count):
            done = self.network.inside(self.network.clients, "curl", "-s", "-g", "-o", "/dev/null", "-m", "5", "-w",
                                       "%{http_code}", "--noproxy", "*", "--interface", source, url, check=False)
            answers.append(int(done.stdout or 0))
        return answers

    @contextlib.contextmanager
    def attacked(self, count, *sources, namespace=None):
        with subprocess.Popen(["ip", "netns", "exec", namespace or self.network.clients, sys.executable, str(HOLD),
                               SERVER[self.version], str(self.port), str(count), *sources], stdin=subprocess.PIPE) as attack:
            try:
                yield attack
            finally:
                attack.stdin.close()
                attack.wait(30)


@pytest.fixture(scope="module", name="wired", params=[4, 6], ids=["ipv4", "ipv6"])
def wired_fixture(network, request):
    with WiredServer(network, request.param) as server:
        server.start()
        yield server


@pytest.fixture(name="bounded")
def bounded_fixture(wired):
    wired.load_table()
    yield wired
    wired.unload_table()


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


def test_loopback_is_not_counted(network):
    """What runs beside the server, a proxy or a probe, speaks for many."""
    with WiredServer(network, 4, trusted_proxies=OTHER[4]) as server:
        server.start()
        server.load_table()
        try:
            more = 3 * HELD[4]
            with server.attacked(more, SERVER[4], namespace=network.server):
                await_that(lambda: network.established(server.port, SERVER[4]) >= 2 * HELD[4], "more than a share", 60)
            with server.attacked(more, OTHER[4]):  # a trusted proxy
                await_that(lambda: network.established(server.port, OTHER[4]) >= 2 * HELD[4], "more than a share", 60)
        finally:
            server.unload_table()


def test_new_connections_have_a_rate(network):
    with WiredServer(network, 4, requests_per_second_per_address=5) as server:
        server.start()
        server.load_table()
        try:
            began = time.monotonic()
            with server.attacked(HELD[4], ATTACKER[4][0]):
                for least in (5, 8, 11):  # ten together, then five a second
                    await_that(lambda: held_of(server) >= least, "some of them", 60)  # pylint: disable=cell-var-from-loop
                    held = held_of(server)
                    assert held <= 10 + 5 * (time.monotonic() - began)
                assert server.ask(OTHER[4], 3) == [200] * 3
        finally:
            server.unload_table()
