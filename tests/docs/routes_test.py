"""The tables of addresses in docs/ are what the program serves."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("LATCHKEY_BIN", ROOT / "build/release/bin"))


def test_the_tables_of_addresses_are_what_the_program_serves():
    told = subprocess.run([BIN / "latchkey", "--json", "routes"], capture_output=True, timeout=60, check=True).stdout
    page = subprocess.run([ROOT / "tools/routes-page", "--check"], input=told, timeout=60, check=False)
    assert page.returncode == 0, "run: latchkey --json routes | tools/routes-page"
