"""`latchkey nftables --watch` beside an nft that is a script: one that hangs stops nobody."""

import os
import signal
import subprocess

import pytest
from harness import BIN, await_that, process_is_there

# Says that it was called and by whom, and hangs from the call on of which the file tells.
NFT = """#!/bin/sh
echo $$ >> "$CALLS"
[ "$(wc -l < "$CALLS")" -ge "$HANGS_FROM" ] && exec sleep 1000
exec cat > /dev/null
"""


@pytest.fixture(name="watch")
def watch_fixture(tmp_path):
    """Starts it with an nft that hangs from its Nth call on; with the pids of its calls."""
    (tmp_path / "nft").write_text(NFT)
    (tmp_path / "nft").chmod(0o755)
    calls = tmp_path / "calls"
    started = []

    def start(hangs_from):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("LATCHKEY_")}
        environment |= {"PATH": f"{tmp_path}:{environment['PATH']}", "CALLS": str(calls), "HANGS_FROM": str(hangs_from)}
        started.append(subprocess.Popen([BIN / "latchkey", "--data", tmp_path, "nftables", "--watch"], env=environment,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
        return started[-1], lambda: [int(line) for line in calls.read_text().split()] if calls.exists() else []

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_an_nft_that_hangs_ends_and_is_told(watch):
    process, pids = watch(1)
    said = process.communicate(timeout=60)[1]
    assert process.returncode != 0 and "nft hung" in said
    await_that(lambda: not any(process_is_there(pid) for pid in pids()), "the end of nft")


def test_it_is_told_to_end_while_nft_hangs(watch):
    """Each call has its own deadline: that of the table's removal as well."""
    process, pids = watch(2)
    await_that(lambda: len(pids()) > 1, "a call that hangs")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    await_that(lambda: not any(process_is_there(pid) for pid in pids()), "the end of nft")
