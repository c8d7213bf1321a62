"""Proportional set size (PSS) of an instance's processes: what they really take together."""

import pathlib
import re

DATABASE = re.compile(r"/latchkey\.db$")
HEADER = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(.*)$")


def _pss_kb(pid):
    """(all, of the database's pages) in KB; zeros for a process that is gone."""
    total = database = 0
    in_database = False
    try:
        lines = pathlib.Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0, 0
    for line in lines:
        header = HEADER.match(line)
        if header:
            in_database = bool(DATABASE.search(header.group(1)))
        elif line.startswith("Pss:"):
            size = int(line.split()[1])
            total += size
            database += size if in_database else 0
    return total, database


def pss_by_kind(instance):
    """{kind: MB} without the database's file pages, which are apart under "database", and "all"."""
    kinds = {"database": 0.0}
    for kind, pids in instance.processes().items():
        sizes = [_pss_kb(pid) for pid in pids]
        kinds[kind] = sum(total - database for total, database in sizes) / 1024
        kinds["database"] += sum(database for _, database in sizes) / 1024
    kinds["all"] = sum(value for kind, value in kinds.items() if kind != "database")
    return kinds
