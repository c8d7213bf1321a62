"""A `latchkey run` that does not start says why, in its last line, whatever it was: a low limit of the shell, a program that
ends, one that never answers."""

import os
import resource
import shutil

import pytest
from harness import BIN, StoppedServer

IS_ROOT = os.geteuid() == 0


def low(**limits):
    """For preexec_fn: resource limits by their names."""
    def apply():
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
    return apply


# What is too low, and a word of the reason that must be there beside it.
LIMITS = [({"NOFILE": 256}, "ulimit -n"), ({"NOFILE": 40}, "open files"), ({"FSIZE": 4096}, "File too large")]


@pytest.mark.parametrize("background", [True, False], ids=["background", "foreground"])
@pytest.mark.parametrize("limits, word", LIMITS, ids=lambda value: str(value))
def test_a_low_limit_of_the_shell_is_named(limits, word, background):
    with StoppedServer() as server:
        words = ["run", "--demo", *(["--background"] if background else [])]
        done = server.command(*words, preexec_fn=low(**limits))
        assert done.returncode == 1, done.stdout
        said = done.stderr.strip().splitlines()[-1] if not background else done.stderr
        assert word in said or "Too many open files" in said, done.stderr
        assert "stands above" not in done.stderr
        assert server.processes() == []


def own_programs(server):
    """Where any user may execute them."""
    server.folder.chmod(0o755)
    server.bin = server.folder / "bin"
    server.bin.mkdir(mode=0o755)
    for name in ("latchkey", "latchkey-writer", "latchkey-worker"):
        shutil.copy(BIN / name, server.bin / name)
        (server.bin / name).chmod(0o755)


def broken_program(server, name, text):
    """One of them a script."""
    own_programs(server)
    (server.bin / name).write_text("#!/bin/sh\n" + text)
    (server.bin / name).chmod(0o755)


@pytest.mark.parametrize("program, service", [("latchkey-writer", "writer"), ("latchkey-worker", "api")])
@pytest.mark.parametrize("text, reason", [("echo one >&2; echo the reason of it >&2; exit 3", "(exit code 3): the reason of it"),
                                          ("exit 3", "(exit code 3): it says nothing (a second try: exit code 3)"),
                                          ("kill -SEGV $$", "(Segmentation fault)): it says nothing (a second try: killed by signal 11 (Segmentation fault))")])
def test_what_does_not_start_says_why_in_one_line(program, service, text, reason):
    with StoppedServer() as server:
        broken_program(server, program, text)
        done = server.command("run", "--demo")
        assert done.returncode == 1
        last = done.stderr.strip().splitlines()[-1]
        assert f"{service} did not start" in last or program == "latchkey-worker" and "login did not start" in last, last
        assert reason in last, last
        assert server.processes() == []


def test_an_nginx_that_does_not_start_says_why_in_one_line():
    with StoppedServer() as server:
        tools = server.folder / "tools"
        tools.mkdir()
        (tools / "nginx").write_text("#!/bin/sh\necho 'nginx: [emerg] this is why' >&2\nexit 1\n")
        (tools / "nginx").chmod(0o755)
        server.environment["PATH"] = f"{tools}:{server.environment['PATH']}"
        done = server.command("run", "--demo")
        assert done.returncode == 1
        assert "nginx did not start (exit code 1): nginx: [emerg] this is why" in done.stderr.strip().splitlines()[-1]


def test_a_server_that_never_answers_says_what_it_answered():
    """All run, and each request is 502 or the like: nothing ends that could be named."""
    with StoppedServer() as server:
        broken_program(server, "latchkey-worker", "exec sleep 60")
        done = server.command("run", "--demo")
        assert done.returncode == 1
        last = done.stderr.strip().splitlines()[-1]
        assert "waited 30 s for an answer in vain" in last and "/healthz is" in last, last
        assert server.processes() == []


@pytest.mark.skipif(not IS_ROOT, reason="becomes another user")
def test_a_run_dir_that_may_not_be_written_is_one_line():
    with StoppedServer() as server:
        own_programs(server)
        server.data.mkdir(mode=0o700)
        os.chown(server.data, 12345, 12345)
        roots = server.folder / "roots"
        roots.mkdir(mode=0o755)
        server.environment["LATCHKEY_RUN_DIR"] = str(roots)
        done = server.command("run", "--demo")
        assert done.returncode == 1
        assert str(roots) in done.stderr.strip().splitlines()[-1]
