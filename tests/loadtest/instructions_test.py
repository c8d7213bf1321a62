"""The hot path has a budget of instructions, which holds on any machine (loadtest/instructions)."""

import os
import subprocess
from pathlib import Path

import pytest

BIN = Path(os.environ["LATCHKEY_BIN"])
SCRIPT = Path(__file__).parents[2] / "loadtest/instructions"


def test_no_request_costs_more_instructions_than_its_budget():
    if b"__asan_init" in (BIN / "latchkey-worker").read_bytes():
        pytest.skip("a sanitizer's build has other instructions")
    done = subprocess.run([SCRIPT, "--bin", BIN, "--check"], capture_output=True, text=True, timeout=200, check=False,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    print(done.stdout, done.stderr)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("worker") == 4
