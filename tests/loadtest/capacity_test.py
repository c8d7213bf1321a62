"""The search for the rate that a machine carries: its logic, and a short form of the real thing."""

import json
import os
import subprocess
from pathlib import Path

from harness import BIN
from measure import search

CAPACITY = Path(__file__).parents[2] / "loadtest/capacity"
SHORT = ["--start", "100", "--least", "80", "--most", "200", "--growth", "2", "--seconds", "0.4", "--warmup", "0.2",
         "--confirm-seconds", "0.6", "--connections", "16", "--tries", "1", "--organizations", "20", "--users", "2",
         "--tokens", "100", "--pending", "100"]


def run_capacity(path, *arguments):
    done = subprocess.run([CAPACITY, "--bin", BIN, *SHORT, "--json", path, *arguments], capture_output=True,
                          text=True, timeout=120, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    print(done.stdout, done.stderr)
    return done, json.loads(path.read_text())


def test_it_says_what_the_machine_carries(tmp_path):
    done, result = run_capacity(tmp_path / "capacity.json", "--p99-ms", "15000", "--setting", "api_children=2")
    assert done.returncode == 0
    assert 80 <= result["sustainable"] <= 200
    assert result["users"]["at_once"] == result["sustainable"] * 10
    assert result["users"]["monthly"] == result["users"]["at_once"] * 10
    assert result["used"]["processes"]["api"] == 2 and result["used"]["settings"]["api_children"] == "2"
    assert all(step["cores"].keys() == {"nginx", "api", "writer", "generator"} for step in result["steps"])
    for line in ("sustainable", "knee", "ran out", "users"):
        assert f"\n{line} " in done.stdout


def test_a_promise_that_nothing_keeps_ends_with_1(tmp_path):
    done, result = run_capacity(tmp_path / "capacity.json", "--p99-ms", "0.001")
    assert done.returncode == 1 and result["sustainable"] == 0
    assert "no rate held the promise" in done.stdout
    assert any("p99" in why for why in result["steps"][0]["broke"])


def find(limit, **changed):
    asked = []

    def holds(rate):
        asked.append(rate)
        return rate <= limit

    plan = {"start": 1000, "least": 100, "most": 20000, "growth": 1.5, "precision": 0.05, **changed}
    return search.sustainable_rate(holds, **plan), asked


def test_the_search_closes_in_on_the_limit_from_below_and_from_above():
    for limit in (150, 999, 1000, 3456, 19999):
        (good, bad), _ = find(limit)
        assert good <= limit < bad <= good * 1.05


def test_the_search_stops_at_its_ends():
    assert find(10**9)[0] == (20000, None)
    assert find(50)[0] == (0, 100)
    assert find(50)[1][-1] == 100


def step(rate, p99_ms, held=True):
    return {"rate": rate, "p99_ms": p99_ms, "held": held}


def test_the_knee_is_where_p99_leaves_that_of_the_lowest_rate():
    steps = [step(4000, 40.0), step(1000, 4.0), step(2000, 6.0), step(8000, 300.0, held=False)]
    assert search.knee(steps) == 2000
    assert search.knee([step(1000, 300.0, held=False)]) is None


def out_of(busiest=None, user=1.0, commit_s=0.0, failures=None):
    kinds = dict.fromkeys(("nginx", "api", "writer", "generator"), 0.2)
    machine = dict.fromkeys(("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"), 0.0)
    return search.ran_out({"wall_s": 1.0, "cores": kinds, "busiest": {**kinds, **(busiest or {})},
                           "machine_s": {**machine, "user": user}, "writer": {"commit_s": commit_s},
                           "failures": failures or {}}, cores=2)


def test_what_ran_out_is_named():
    assert out_of() == []
    assert out_of({"generator": 0.97})[0].startswith("the generator")
    assert out_of({"writer": 0.95})[0].startswith("CPU of writer")
    assert [text.split(":")[0] for text in out_of(user=1.95)] == [
        "CPU of the machine", "other programs, the kernel and other machines took 1.15 cores of it"]
    assert out_of(commit_s=0.9)[0].startswith("the disk")
    assert out_of(failures={"status": 7, "503": 7})[0].startswith("a queue")
