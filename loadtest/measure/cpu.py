"""CPU time of an instance's processes, from /proc; two readings make a measurement."""

import os
import pathlib
import resource
import time

from .instance import children_of

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
STAT_WORDS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


def _seconds(pid):
    """(of the process, of its children that ended); zeros for a process that is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0, 0.0
    words = text.rpartition(")")[2].split()  # the name before it may hold blanks
    utime, stime, cutime, cstime = (int(word) for word in words[11:15])
    return (utime + stime) / TICKS_PER_S, (cutime + cstime) / TICKS_PER_S


def _machine():
    with open("/proc/stat", encoding="ascii") as file:
        words = file.readline().split()[1:]
    return {name: int(word) / TICKS_PER_S for name, word in zip(STAT_WORDS, words)}


class Reading:
    """All at one moment. `echo`: pids of the ceilings."""

    def __init__(self, instance, echo=()):
        self.at = time.monotonic()
        self.machine = _machine()
        self.processes = {}  # (kind, pid): seconds
        self.kinds = {}
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        # The generator is the only child of ours that ends while we measure.
        self.generator = usage.ru_utime + usage.ru_stime
        kinds = instance.processes()
        kinds["echo"] = [each for pid in echo for each in [pid, *children_of(pid)]]
        for kind, pids in kinds.items():
            self.kinds[kind] = 0.0
            for pid in pids:
                own, ended = _seconds(pid)
                self.processes[kind, pid] = own
                # A child that was replaced meanwhile counts with its parent. The supervisor's are other kinds.
                self.kinds[kind] += own + (ended if kind != "run" else 0.0)


def between(before, after):
    """{"wall_s", "kinds": {kind: s}, "machine": {...}, "busiest": {kind: s of its busiest process}}"""
    kinds = {kind: max(0.0, seconds - before.kinds.get(kind, 0.0))
             for kind, seconds in after.kinds.items()}
    kinds["generator"] = after.generator - before.generator
    busiest = {"generator": kinds["generator"]}
    for (kind, pid), seconds in after.processes.items():
        used = seconds - before.processes.get((kind, pid), 0.0)
        busiest[kind] = max(busiest.get(kind, 0.0), used)
    machine = {name: after.machine[name] - before.machine[name] for name in STAT_WORDS}
    return {"wall_s": after.at - before.at, "kinds": kinds, "busiest": busiest, "machine": machine}
