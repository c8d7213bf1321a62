"""A variable LATCHKEY_… that sets nothing is said wherever settings are read; those of ours are not."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from harness import Server, await_that

TYPO = "LATCHKEY_WOKRERS"
MEANT = "LATCHKEY_WORKERS"
REPOSITORY = Path(__file__).parents[2]
# A variable of the environment that is read: by C++, Python, a shell, or for an option.
READ = re.compile(r"""(?:getenv\(|envname\(|Behind\(|environ\[|environ\.get\(|\$\{?)["']?(LATCHKEY_[A-Z_]+)""")


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(wokrers=3) as started:
        yield started


def warnings(done):
    return [line for line in done.stderr.splitlines() if line.startswith("latchkey: warning: ")]


def test_every_daemon_says_it_in_the_log(server):
    for process in ("run", "writer", "api", "login"):
        line = f'WARN {process} unknown_variable name={TYPO} nearest={MEANT}'
        await_that(lambda line=line: line in server.log(), line)


@pytest.mark.parametrize("words", [["status"], ["settings"], ["org", "list"], ["doctor"]])
def test_every_command_says_it_once_and_works(server, words):
    done = server.latchkey("--json", *words, check=words != ["doctor"])
    assert warnings(done) == [f"latchkey: warning: the variable {TYPO} is no setting: did you mean {MEANT}?"]
    json.loads(done.stdout)


def test_doctor_looks_into_the_processes_too(server):
    clean = {name: value for name, value in server.environment.items() if name != TYPO}
    done = subprocess.run([server.bin / "latchkey", "--data", server.data, "--json", "doctor"], env=clean,
                          capture_output=True, text=True, check=False, timeout=60)
    assert not warnings(done)
    found = [row for row in json.loads(done.stdout) if row["name"] == "environment"]
    assert [row["level"] for row in found] == ["warn"] and TYPO in found[0]["what"], found
    assert "writer" in found[0]["what"] and "login" in found[0]["what"] and "this command" not in found[0]["what"]


def test_the_check_of_a_configuration_says_it_and_passes(server):
    done = subprocess.run([server.bin / "latchkey-worker", "--check-config", "--data", server.data],
                          env=server.environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert f"unknown_variable name={TYPO} nearest={MEANT}" in done.stderr


def test_no_value_of_a_variable_is_printed(server):
    environment = server.environment | {"LATCHKEY_SECERT": "hunter2"}
    done = subprocess.run([server.bin / "latchkey", "settings"], env=environment, capture_output=True, text=True,
                          check=True, timeout=60)
    assert "LATCHKEY_SECERT" in done.stderr and "hunter2" not in done.stderr


def test_whatever_this_repository_reads_is_known(server):
    names = set()
    for folder in ("src", "tests", "loadtest", "tools"):
        for path in (REPOSITORY / folder).rglob("*"):
            if path.is_file() and path.suffix in (".cc", ".h", ".py", ".sh", ""):
                names |= set(READ.findall(path.read_text(errors="replace")))
    assert {"LATCHKEY_CONFIG", "LATCHKEY_BIN", "LATCHKEY_MACHINES", "LATCHKEY_POISON"} <= names
    read = {name: "x" for name in names} | {"PATH": "/usr/bin:/bin"}
    done = subprocess.run([server.bin / "latchkey", "settings"], env=read, capture_output=True, text=True, check=True,
                          timeout=60)
    assert not done.stderr
