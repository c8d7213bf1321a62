"""What a stage came to: its figures, its seconds, the table and the plots."""

import json
import math
import pathlib
import statistics

from measure.seconds import plot, write_csv
from measure.terminal import number, print_rows, red
from measure.writer_watch import FRAME_BYTES, MB

from .stages import COMPARED

HERE = pathlib.Path(__file__).resolve().parent
BARS, TIMES = HERE / "bars.gnuplot", HERE / "times.gnuplot"
IN_CSV = ("number", "name", "title", "requests_per_s", "p50_ms", "p99_ms", "longest_ms", "failed", "told", "rows",
          "rows_a_batch", "queue_most", "log_mb_most", "stall_ms_longest")


def more_of(stage):
    """What the seconds of a stage tell beside the rest (measure.seconds)."""
    def more(instance, row):
        file_mb = instance.wal_bytes() / MB
        log_mb = row["wal_frames_most"] * FRAME_BYTES / MB if stage.has_queue else file_mb
        return {"log_mb": round(log_mb, 3), "wal_file_mb": round(file_mb, 3),
                "stall_ms": max(row["commit_ms_longest"], row["checkpoint_ms_longest"])}
    return more


def truncations_of(taken, began, seconds):
    """Those of the measured time, in seconds since it began; `taken` has the clock's."""
    found = [{"second": each["began_us"] / 1e6 - began, "ms": each["took_us"] / 1000, "busy": each["busy"],
              "wal_mb": each["wal_bytes"] / MB} for each in taken]
    return [each for each in found if each["second"] < seconds and each["second"] + each["ms"] / 1000 > 0]


def note_truncations(rows, truncations):
    """Time of each second in which a TRUNCATE waited for a lock or had it."""
    for row in rows:
        end = row["second"]
        overlaps = (min(end, each["second"] + each["ms"] / 1000) - max(end - 1, each["second"])
                    for each in truncations)
        row["truncate_ms"] = round(1000 * sum(overlap for overlap in overlaps if overlap > 0), 3)


def figures_of(stage, report, rows, truncations, rows_written):
    total, code = report["total"], report["kinds"]["code"]
    batches = sum(row["batches"] for row in rows)
    return {
        "number": stage.number, "name": stage.name, "title": stage.title, "must_hold": stage.must_hold,
        "requests_per_s": round(total["requests_per_s"], 1),
        "requests_per_s_least": min((row["requests_per_s"] for row in rows), default=0),
        "p50_ms": total["p50_ms"], "p99_ms": total["p99_ms"], "longest_ms": report["longest_ms"],
        "answered": total["answered"], "failed": total["failed"], "failures": total["failures"],
        "told": code["answered"], "rows": rows_written,
        "rows_a_batch": sum(row["records"] for row in rows) / batches if batches else None,
        "queue_most": max((row["queue_most"] for row in rows), default=0) if stage.has_queue else None,
        "log_mb_most": max((row["log_mb"] for row in rows), default=0),
        "stall_ms_longest": max((row["stall_ms"] for row in rows), default=0) if stage.has_queue else None,
        "truncations": truncations,
        "by_second": rows,
    }


def is_right(found):
    """No request failed, and every code that was told is in the database."""
    return found["failed"] == 0 and found["rows"] >= found["told"]


# ---- for people ----

def kinds_of(found):
    """Failures by kind: "503" instead of "status", which counts the same ones."""
    kinds = {kind: count for kind, count in found["failures"].items() if kind != "status"}
    return ", ".join(f"{count:,} × {kind}" for kind, count in kinds.items())


def print_table(stages):
    first = stages[0]["requests_per_s"]
    rows = [([f"{found['number']:<2} {found['title']}", f"{found['requests_per_s']:,.0f}",
              number(found["requests_per_s"] / first if first else None, ".2f"), f"{found['p50_ms']:,.1f}",
              f"{found['p99_ms']:,.0f}", f"{found['longest_ms']:,.0f}", f"{found['failed']:,}",
              f"{found['rows']:,} of {found['told']:,}", number(found["rows_a_batch"], ".1f"),
              number(found["queue_most"], ",.0f"), f"{found['log_mb_most']:,.1f}",
              number(found["stall_ms_longest"], ",.0f")], found["must_hold"] and not is_right(found))
            for found in stages]
    print_rows(["", "req/s", f"× {stages[0]['number']}", "p50 ms", "p99 ms", "longest", "failed", "rows of told",
                "a batch", "queue", "log MB", "stall ms"], rows)
    by_name = {found["name"]: found for found in stages}
    for name, other in COMPARED:
        if name in by_name and other in by_name:
            found, base = by_name[name], by_name[other]
            ratio = found["requests_per_s"] / base["requests_per_s"] if base["requests_per_s"] else math.nan
            print(f"{found['number']}: × {ratio:.2f} of {base['number']}")
    for found in stages:
        if found["failed"]:
            print(f"{found['number']}: failed {kinds_of(found)}")
        if found["truncations"]:
            taken = found["truncations"]
            print(f"{found['number']}: {len(taken)} TRUNCATE, median "
                  f"{statistics.median(each['ms'] for each in taken):,.0f} ms, longest "
                  f"{max(each['ms'] for each in taken):,.0f} ms, {sum(each['busy'] for each in taken)} busy")
        if found["must_hold"] and not is_right(found):
            print(red(f"FAILED  {found['number']} {found['title']}: {found['failed']:,} requests, "
                      f"{found['rows']:,} rows of {found['told']:,} codes told"))


# ---- for programs ----

def write_all(out, result, colours):
    (out / "ladder.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    stages = result["stages"]
    write_csv(out / "ladder.csv", [
        {**{name: found[name] for name in IN_CSV}, "colour": int(colours[found["name"]].lstrip("#"), 16)}
        for found in stages])
    for found in stages:
        write_csv(out / f"{found['name']}.csv", found["by_second"])
        ends = [{"began": each["second"], "ended": each["second"] + each["ms"] / 1000}
                for each in found["truncations"]]
        write_csv(out / f"{found['name']}-truncate.csv", ends or [{"began": -2, "ended": -1}])
    plot_all(out, stages, colours)


def _decade_below(values, least):
    lowest = 0.8 * min((value for value in values if value > 0), default=least)
    return 10 ** math.floor(math.log10(max(lowest, least)))


def _decade_above(values, least):
    return 10 ** math.ceil(math.log10(max(max(values, default=0), least)))


def plot_all(out, stages, colours):
    rows = [row for found in stages for row in found["by_second"]]
    latencies = [row[name] for row in rows for name in ("p50_ms", "longest_ms")]
    logs = [row["log_mb"] for row in rows]
    lists = {"numbers": " ".join(found["number"] for found in stages),
             "titles": " ".join(f'"{found["title"]}"' for found in stages),
             "colours": " ".join(colours[found["name"]] for found in stages)}
    plot(BARS, folder=out, **lists, rate_most=max(found["requests_per_s"] for found in stages),
         failed_most=max(found["failed"] for found in stages), latency_most=max(found["p99_ms"] for found in stages))
    plot(TIMES, folder=out, names=" ".join(found["name"] for found in stages), **lists,
         queued=" ".join("no" if found["queue_most"] is None else "yes" for found in stages),
         seconds=max(len(found["by_second"]) for found in stages),
         latency_least=_decade_below(latencies, 0.1), latency_most=_decade_above(latencies, 10),
         log_least=_decade_below(logs, 0.1), log_most=_decade_above(logs, 10),
         queue_most=1.1 * max(10, *(found["queue_most"] or 0 for found in stages)))
