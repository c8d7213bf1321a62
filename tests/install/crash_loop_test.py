"""Sockets held as systemd holds them: all of a unit under one name, and living on however often the service that they
are for crashes at its start."""

import os
import socket
import subprocess
import sys

import pytest
from harness import BIN, StoppedServer, await_that

CRASHES = 100
# Sockets become descriptors 3, 4, ... of the program, as sd_listen_fds(3) wants them. Above all of them first: none
# may be overwritten before its turn.
HANDOVER = """
import fcntl, os, sys
count, program = int(sys.argv[1]), sys.argv[3:]
above = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 3 + count + 100) for fd in sys.argv[2].split(",")]
for place, fd in enumerate(above):
    os.dup2(fd, 3 + place)
    os.close(fd)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(program[0], program)
"""


class Unit:
    """The sockets of one unit, and one run of its service after the other."""

    def __init__(self, folder, children):
        self.folder = folder
        self.config = folder / "latchkey.toml"
        self.sockets = []
        for i in range(1, children + 1):
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(folder / f"api-{i}.sock"))
            listener.listen(64)
            self.sockets.append(listener)
        self.configure(children)

    def configure(self, children):
        self.config.write_text(f'[server]\ndata_dir = "{self.folder}"\nrun_dir = "{self.folder}"\n'
                               f"[workers]\napi_children = {children}\n")

    def start(self, **options):
        fds = [listener.fileno() for listener in self.sockets]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LATCHKEY_")}
        environment |= {"LISTEN_FDS": str(len(fds)), "LISTEN_FDNAMES": ":".join(["api"] * len(fds)),
                        "CREDENTIALS_DIRECTORY": str(self.folder / "credentials")}
        return subprocess.Popen([sys.executable, "-c", HANDOVER, str(len(fds)), ",".join(map(str, fds)),
                                 BIN / "latchkey-worker", "--pool", "api", "--config", self.config],
                                pass_fds=fds, env=environment, stdin=subprocess.DEVNULL, **options)

    def ask(self, number):
        """A request as cgi-fcgi sends it; a process, which waits for its answer."""
        environment = {**os.environ, "REQUEST_METHOD": "GET", "DOCUMENT_URI": "/healthz"}
        return subprocess.Popen(["cgi-fcgi", "-bind", "-connect", self.folder / f"api-{number}.sock"], env=environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


@pytest.fixture(name="unit")
def unit_fixture():
    with StoppedServer() as server:  # for its folder: short enough for sockets, and gone afterwards
        folder = server.folder
        (folder / "credentials").mkdir()
        (folder / "credentials/master.key").write_bytes(bytes(32))
        (folder / "credentials/master.key").chmod(0o600)
        unit = Unit(folder, children=3)
        yield unit
        for listener in unit.sockets:
            listener.close()


def test_a_hundred_crashes_at_start_leave_the_sockets_and_what_waits_in_them(unit):
    unit.configure(2)  # one too few for the sockets: refused at start
    waiting = [unit.ask(number) for number in (1, 2, 3)]
    for _ in range(CRASHES):
        crashed = unit.start(stderr=subprocess.PIPE, text=True)
        message = crashed.communicate(timeout=20)[1]
        assert crashed.returncode == 2 and "api_children is 2" in message, message
    assert all(process.poll() is None for process in waiting), "a waiting request was thrown away"
    unit.configure(3)
    service = unit.start()
    try:
        for process in waiting:
            out = process.communicate(timeout=20)[0]
            assert "Status: 200" in out, out
    finally:
        service.terminate()
        service.wait(20)


def test_each_socket_has_a_child_of_its_own_and_is_served_after_a_restart(unit):
    for _ in range(2):
        service = unit.start()
        try:
            for number in (1, 2, 3):
                assert "Status: 200" in unit.ask(number).communicate(timeout=20)[0]
            names = await_that(lambda parent=service.pid: child_names(parent), "children")
            assert sorted(names) == ["api-1", "api-2", "api-3"]
        finally:
            service.terminate()
            assert service.wait(20) == 0


def child_names(parent):
    out = subprocess.run(["ps", "-ww", "--ppid", str(parent), "-o", "args="], capture_output=True, text=True, check=False)
    return [line.split("--child ")[1].split()[0] for line in out.stdout.splitlines() if "--child " in line]


def test_the_master_key_comes_as_a_credential_alone(unit):
    """There is none in the data folder, where nobody but its owner could read it."""
    assert not (unit.folder / "master.key").exists()
    service = unit.start()
    try:
        assert "Status: 200" in unit.ask(1).communicate(timeout=20)[0]
    finally:
        service.terminate()
        service.wait(20)
