"""Is this commit slower than that one? Compares the ratios to K of two runs of the bench."""

import json
import pathlib

from .instance import Failed
from .summary import CEILINGS
from .terminal import print_rows


def read_former(path):
    """The JSON of a former run."""
    try:
        former = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        for row in former["summary"]:
            row["what"], row["connections"], row["k"]  # what is compared
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failed(f"{path} is no result of the bench: {error!r}") from error
    return former


def compare(former, now, tolerance):
    """[{what, connections, before, now, change, slower}] of what both runs measured.

    Slower: the ratio to K fell by more than `tolerance` (0.15: 15 %)."""
    before = {(row["what"], row["connections"]): row["k"] for row in former["summary"]}
    rows = []
    for row in now["summary"]:
        then = before.get((row["what"], row["connections"]))
        if row["what"] in CEILINGS or not then or row["k"] is None:
            continue
        change = row["k"] / then - 1
        rows.append({"what": row["what"], "connections": row["connections"], "before": then,
                     "now": row["k"], "change": change, "slower": change < -tolerance})
    return rows


def print_comparison(path, former, now, rows, tolerance):
    print(f"\nagainst {path}, × K; slower: by more than {tolerance:.0%}")
    for name in ("seed", "settings"):
        if former.get(name) != now[name]:
            print(f"not the same {name}: {former.get(name)} then, {now[name]} now")
    if not rows:
        print("nothing was measured both times")
        return
    print_rows(["operation", "conn.", "then", "now", "change", ""],
               [([row["what"], str(row["connections"]), f"{row['before']:.2f}", f"{row['now']:.2f}",
                  f"{row['change']:+.0%}", "slower" if row["slower"] else ""], row["slower"])
                for row in rows])
