"""The proofs of the thin way in their short form (loadtest/proofs; the long form is `make proofs`)."""

import os
import subprocess
from pathlib import Path

import pytest
from harness import BIN

PROOFS = Path(__file__).parents[2] / "loadtest/proofs"


@pytest.mark.parametrize("proof", sorted(path.stem for path in PROOFS.glob("*.py")))
def test_proof(proof):
    if proof == "readers" and os.geteuid() != 0:
        pytest.skip("reads as another user, which needs root")
    done = subprocess.run([PROOFS / f"{proof}.py", "--short", "--bin", BIN], capture_output=True, text=True,
                          timeout=120, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    print(done.stdout, done.stderr)
    assert done.returncode == 0 and "BROKEN" not in done.stdout
    assert "holds" in done.stdout
