"""Two network namespaces and a cable, and Latchkey on one of them: for what is counted below nginx. Needs root."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from harness import StoppedServer, await_that

HOLD = Path(__file__).parent / "hold_heads.py"
MISSING = [name for name in ("ip", "nft", "ss") if shutil.which(name, path="/usr/sbin:/sbin:/usr/bin:/bin") is None]
MARKS = [pytest.mark.skipif(os.geteuid() != 0, reason="makes a network namespace"),
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
        # A container's root may not make one, or not configure what it made.
        for name in (self.server, self.clients):
            if (run("ip", "netns", "add", name, check=False).returncode != 0
                    or self.inside(name, "ip", "link", "set", "lo", "up", check=False).returncode != 0):
                self.__exit__()
                pytest.skip("this machine makes no network namespaces")
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


class WiredServer(StoppedServer):
    """`latchkey run` inside the namespace, with as few places as it can have."""

    def __init__(self, network, version, **settings):
        super().__init__(**{"listen_address": SERVER[version], "nginx_workers": 2, "max_clients": 16,
                            "max_clients_per_address": CLIENTS_PER_ADDRESS, **settings})
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

    def table(self):
        """As the kernel has it; empty: not loaded."""
        return self.network.inside(self.network.server, "nft", "list", "table", "inet", "latchkey", check=False).stdout

    def elements(self, *beginnings):
        """What stands in the sets whose names begin so."""
        sets = [part for part in self.table().split("\tset ")[1:] if part.startswith(beginnings)]
        assert len(sets) == 3 * len(beginnings), self.table()
        return " ".join(part.split("elements = {")[1].split("}")[0] for part in sets if "elements = {" in part)

    @contextlib.contextmanager
    def watching(self, *more):
        """`latchkey nftables --watch`, as latchkey-nftables.service runs it."""
        with subprocess.Popen([self.bin / "latchkey", "--data", self.data, "nftables", "--watch", "--http-port",
                               str(self.port), *more], env=self.environment, stderr=subprocess.PIPE, text=True) as watch:
            try:
                await_that(self.table, "the table")
                yield watch
            finally:
                watch.send_signal(signal.SIGTERM)
                watch.wait(30)

    @contextlib.contextmanager
    def bounded(self):
        """The same, without an error to its end; the table goes with it."""
        with self.watching() as watch:
            yield
            assert watch.poll() is None
        assert watch.returncode == 0 and not self.table()

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


