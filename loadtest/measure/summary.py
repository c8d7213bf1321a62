"""From the runs of the bench to medians, and their tables."""

import statistics

from .terminal import number, print_rows

CEILINGS = ("K", "E")


def _of(runs, what, connections):
    return [run for run in runs if run["what"] == what and run["connections"] == connections]


def _ratio(runs, what, connections, ceiling):
    """Median over the rounds of the ratio to the ceiling of the same round."""
    pairs = zip(_of(runs, what, connections), _of(runs, ceiling, connections))
    ratios = [a["total"]["requests_per_s"] / b["total"]["requests_per_s"]
              for a, b in pairs if b["total"]["requests_per_s"] > 0]
    return statistics.median(ratios) if ratios else None


def _sums(dicts):
    total = {}
    for each in dicts:
        for name, count in each.items():
            total[name] = total.get(name, 0) + count
    return total


def _medians(dicts):
    """Member by member, over those that have a figure."""
    found = {}
    for name in dict.fromkeys(name for each in dicts for name in each):
        values = [each[name] for each in dicts if each.get(name) is not None]
        found[name] = statistics.median(values) if values else None
    return found


def _summary_of(runs, what, connections):
    taken = _of(runs, what, connections)
    totals = [run["total"] for run in taken]
    row = {"what": what, "connections": connections,
           "k": _ratio(runs, what, connections, "K"), "e": _ratio(runs, what, connections, "E"),
           "longest_ms": max(run["longest_ms"] for run in taken),
           "failed": sum(total["failed"] for total in totals),
           "failures": _sums(total["failures"] for total in totals),
           "cpu_us": _medians([run["cpu_us"] for run in taken]),
           "writer": _medians([run["writer"] for run in taken])}
    for name in ("requests_per_s", "p50_ms", "p99_ms"):
        row[name] = statistics.median(total[name] for total in totals)
    if "rows" in taken[0]:
        row["rows"] = sum(run["rows"] for run in taken)
        if taken[0]["acknowledged"] is not None:  # wrk does not tell
            row["acknowledged"] = sum(run["acknowledged"] for run in taken)
    return row


def summarize(runs):
    return [_summary_of(runs, what, connections) for what, connections
            in dict.fromkeys((run["what"], run["connections"]) for run in runs)]


def is_right(row):
    """E may fail: that is what it is measured for. Rows that nobody was told of may be there, none less."""
    return row["what"] == "E" or (row["failed"] == 0 and row["requests_per_s"] > 0
                                  and row.get("rows", 0) >= row.get("acknowledged", 0))


def failures_text(failures):
    return ", ".join(f"{name} {count:,}" for name, count in failures.items())


def what_is_wrong(rows):
    """A sentence for each row that is not right."""
    for row in rows:
        if is_right(row):
            continue
        where = f"{row['what']} at {row['connections']} connections: "
        if row["failed"]:
            yield where + f"{row['failed']:,} requests failed ({failures_text(row['failures'])})"
        elif row["requests_per_s"] == 0:
            yield where + "nothing was measured"
        else:
            yield where + f"{row['rows']:,} rows for {row['acknowledged']:,} right answers"


def _written(row):
    if "rows" not in row:
        return ""
    told = f" for {row['acknowledged']:,} told" if "acknowledged" in row else ""
    return f"{row['rows']:,}{told}"


def _print_by_row(rows, head, words):
    print()
    print_rows(["operation", "conn.", *head],
               [([row["what"], str(row["connections"]), *words(row)], not is_right(row))
                for row in rows])


def print_rates(rows):
    _print_by_row(rows, ["× K", "× E", "req/s", "p50 ms", "p99 ms", "longest", "failed",
                         "rows written"], lambda row: [
        number(row["k"], ".2f"), number(row["e"], ".2f"), f"{row['requests_per_s']:,.0f}",
        f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.1f}", f"{row['longest_ms']:.0f}",
        f"{row['failed']:,}", _written(row)])


def print_cpu(rows):
    kinds = list(dict.fromkeys(kind for row in rows for kind in row["cpu_us"]))
    print("\nCPU by process, µs a request:", end="")
    _print_by_row(rows, [*kinds, "all"], lambda row: [
        *(number(row["cpu_us"].get(kind), ".1f") for kind in kinds),
        f"{sum(value or 0 for value in row['cpu_us'].values()):.1f}"])


def print_writer(rows):
    rows = [row for row in rows if row["writer"]["records"]]
    if not rows:
        return
    print("\nthe writer:", end="")
    _print_by_row(rows, ["records/batch", "commit ms", "longest", "checkpoints", "ms", "longest",
                         "queue", "WAL MB", "file MB"], lambda row: [
        number(row["writer"][name], form) for name, form in (
            ("records_per_batch", ".1f"), ("commit_ms_mean", ".2f"), ("commit_ms_longest", ".1f"),
            ("checkpoints", ".0f"), ("checkpoint_ms_median", ".1f"),
            ("checkpoint_ms_longest", ".1f"), ("queue_depth_most", ".0f"), ("wal_mb_most", ".1f"),
            ("wal_file_mb", ".1f"))])


def print_memory(memory):
    print()
    for when, kinds in memory.items():
        parts = ", ".join(f"{kind} {size:.1f}" for kind, size in kinds.items() if kind != "all")
        print(f"memory (PSS, MB), {when}: {kinds['all']:.1f} without the database's pages ({parts})")
