"""The rows of src/worker/routes.cc, for tests of what else must know them."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r'^\s*Route\{"(\w+)", "([^"]+)", &\w+(?:, Where::(\w+))?(?:, For::(\w+))?\},$', re.MULTILINE)


class Route(NamedTuple):
    method: str
    path: str
    where: str
    whom: str


def routes():
    text = (ROOT / "src/worker/routes.cc").read_text(encoding="utf-8")
    found = [Route(method, path, where or "kEveryIssuer", whom or "kPrograms")
             for method, path, where, whom in ROW.findall(text)]
    assert len(found) == text.count("    Route{\""), "a row that this does not read"
    return found


def paths(whom):
    """Each path for kPeople or kPrograms once; what every issuer serves, below an organization's as well."""
    found = []
    for route in routes():
        if route.whom != whom:
            continue
        below = ["/o/acme" + route.path] if route.where == "kEveryIssuer" else []
        found += [path for path in [route.path, *below] if path not in found]
    return found
