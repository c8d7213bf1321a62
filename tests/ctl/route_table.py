"""The rows of src/http/routes.h as the program tells them, for tests of what else must know them."""

import functools
import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ("page", "form", "asset")


class Route(NamedTuple):
    method: str
    path: str
    kind: str
    where: str
    pool: str
    shed: str
    cors: bool
    secret_query: bool
    what: str


@functools.cache
def routes():
    binary = Path(os.environ.get("LATCHKEY_BIN", ROOT / "build/release/bin")) / "latchkey"
    told = subprocess.run([binary, "--json", "routes"], capture_output=True, text=True, timeout=60, check=True).stdout
    return [Route(**row) for row in json.loads(told)]


def paths(whom):
    """Each path for "people" or "programs" once; what every issuer serves, below an organization's as well."""
    found = []
    for route in routes():
        if (route.kind in PEOPLE) != (whom == "people"):
            continue
        below = ["/o/acme" + route.path] if route.where in ("every_issuer", "well_known") else []
        found += [path for path in [route.path, *below] if path not in found]
    return found
