"""A process that crashes leaves no core, whatever the shell allows: keys and passwords are in its memory."""

import os
import resource
import signal
from pathlib import Path

import pytest
from harness import StoppedServer, await_that
from measure.own_server import children_of

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@pytest.fixture(scope="module", name="server")
def server_fixture():
    """Started by a shell that allows cores, as far as this machine lets it."""
    def allow():
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, UNLIMITED if os.geteuid() == 0 else (hard, hard))
        Path("/proc/self/coredump_filter").write_text("0x7f", encoding="ascii")
    with StoppedServer() as server:
        done = server.command("run", "--demo", "--background", preexec_fn=allow, cwd=server.folder)
        assert done.returncode == 0, done.stderr
        yield server


def all_of(server):
    return sorted(server.processes())


def test_no_process_may_leave_a_core(server):
    assert len(all_of(server)) >= 10
    for pid in all_of(server):
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
        line = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        assert line.split()[4:6] == ["0", "0"], line
        # Where cores go to a program instead of a file the limit does not hold.
        assert int(Path(f"/proc/{pid}/coredump_filter").read_text(encoding="ascii"), 16) == 0


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
def test_a_worker_that_crashes_leaves_none(server, number):
    """Where cores go to files beside the process, that is where it runs."""
    victim = children_of(server.pid("api"))[0]
    assert os.readlink(f"/proc/{victim}/cwd") == str(server.folder)
    os.kill(victim, number)
    await_that(lambda: victim not in children_of(server.pid("api")) and len(children_of(server.pid("api"))) >= 4,
               "another child")
    assert not [path for path in server.folder.rglob("core*") if path.is_file()]


def test_its_memory_still_shows(server):
    """Which PR_SET_DUMPABLE would end."""
    for pid in all_of(server):
        assert "Pss:" in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    assert "MB" in server.latchkey("status").stdout
