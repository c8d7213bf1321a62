"""The proofs in their short form (tests/faults; the long form is `make proofs`), and each once with a promise broken
on purpose, which it must notice (all of them: `make proofs`). LATCHKEY_PROOF names the only one to run."""

import os
import subprocess
from pathlib import Path

import pytest
from harness import BIN

PROOFS = Path(__file__).parent
ONLY = os.environ.get("LATCHKEY_PROOF")
NAMES = [ONLY] if ONLY else sorted(path.stem for path in PROOFS.glob("*.py") if not path.stem.endswith("_test"))


def run(proof, *options):
    return subprocess.run([PROOFS / f"{proof}.py", "--short", "--bin", BIN, *options], capture_output=True, text=True,
                          timeout=180, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})


@pytest.mark.parametrize("proof", NAMES)
def test_proof(proof):
    if proof == "readers" and os.geteuid() != 0:
        pytest.skip("reads as another user, which needs root")
    done = run(proof)
    print(done.stdout, done.stderr)
    assert done.returncode == 0 and "BROKEN" not in done.stdout
    assert "holds" in done.stdout


def first_breaks():
    """(proof, the first of the ways to break it) of each proof that has one."""
    for proof in NAMES:
        names = run(proof, "--list-breaks").stdout.split()
        if names:
            yield proof, names[0]


BREAKS = list(first_breaks())

if BREAKS:
    @pytest.mark.parametrize("proof,broken", BREAKS)
    def test_proof_fails_where_its_promise_is_broken(proof, broken):
        done = run(proof, "--break", broken)
        print(done.stdout, done.stderr)
        assert done.returncode == 0 and "BROKEN" in done.stdout and done.stdout.splitlines()[-1].startswith("red")
