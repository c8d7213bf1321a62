"""A run of load with a line for each second of it: what the clients saw and what the writer did meanwhile."""

import csv
import json
import pathlib
import shutil
import subprocess
import time

from . import generator
from .instance import Failed
from .terminal import say
from .writer_seconds import WriterSeconds


class Seconds:
    """One run. `rows`: a dict of each second; `began`: when the first of them did, by time.monotonic(). One second
    more is run and left out: in it the slices of the writer fall into step with those of the generator."""

    def __init__(self, instance, specs, seconds, more=None, **load_options):
        """more(instance, row) gives what else belongs into the row of a second that has just ended."""
        self._instance, self._specs, self._seconds = instance, specs, seconds
        self._more = more or (lambda instance, row: {})
        self._load_options = {"warmup": 0.2, **load_options}
        self.rows = []
        self.began = None
        self.report = None

    def run(self, show):
        lines = self._instance.folder / "seconds.txt"
        lines.unlink(missing_ok=True)
        lines.touch()
        with (generator.Load(self._instance, self._specs, second_log=lines, seconds=self._seconds + 1,
                             **self._load_options) as load,
              WriterSeconds(self._instance) as writer, open(lines, encoding="ascii") as file):
            if self._await_line(load, file):
                self.began = time.monotonic()
                writer.slice()
            while len(self.rows) < self._seconds and self._await_line(load, file):
                self.rows.append(self._second(json.loads(self._line), writer))
                show(self.rows[-1])
            self.report = load.report()

    def _await_line(self, load, file):
        """Whole lines alone: the generator may be in the middle of one."""
        self._line = ""
        while not self._line.endswith("\n"):
            if not self._line and not load.running():
                self._line = file.readline()
                return self._line.endswith("\n")
            self._line += file.readline()
            if not self._line.endswith("\n"):
                time.sleep(0.01)
        return True

    def _second(self, line, writer):
        row = {"second": line["second"] - 1, "requests_per_s": line["answered"],
               "failed": line["failed"], "p50_ms": line["p50_ms"], "p99_ms": line["p99_ms"],
               "longest_ms": line["longest_ms"], **writer.slice()}
        return {**row, **self._more(self._instance, row)}


def write_csv(path, rows):
    with open(path, "w", newline="", encoding="ascii") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def plot(script, **variables):
    """Runs gnuplot, where there is one, with the variables as strings."""
    if shutil.which("gnuplot") is None:
        say("no gnuplot (Debian: gnuplot-nox): the plots are left out")
        return
    words = [f"{name}='{value}'" for name, value in variables.items()]
    done = subprocess.run(["gnuplot", "-e", "; ".join(words), pathlib.Path(script)], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise Failed("gnuplot: " + done.stderr)
