"""The bench in a short form: what it measures is right, and a slower commit shows."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from harness import BIN
from measure import comparison, generator, summary
from measure.instance import Instance
from measure.operations import OPERATIONS, SETTINGS, seed_once

BENCH = Path(__file__).parents[2] / "loadtest/bench"
SHORT = ["--rounds", "1", "--seconds", "0.5", "--warmup", "0.2", "--connections", "16", "--e", "e-epoll-4",
         "--organizations", "20", "--users", "2", "--tokens", "100", "--pending", "100"]


def run_bench(*arguments):
    return subprocess.run([BENCH, "--bin", BIN, *SHORT, *arguments], capture_output=True, text=True, timeout=120,
                          check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """One run against a made-up former one: redeem was a thousand times faster, refresh slower."""
    folder = tmp_path_factory.mktemp("bench")
    former = folder / "former.json"
    former.write_text(json.dumps({"summary": [{"what": "redeem", "connections": 16, "k": 1000.0},
                                              {"what": "refresh", "connections": 16, "k": 0.00001},
                                              {"what": "refresh", "connections": 64, "k": 1000.0}]}))
    done = run_bench("--only", "redeem", "refresh", "--json", folder / "bench.json", "--compare", former)
    print(done.stdout, done.stderr)
    return done, json.loads((folder / "bench.json").read_text())


@pytest.mark.parametrize("operation", ["redeem", "refresh"])
def test_what_is_good_once_is_measured_without_a_failure(measured, operation):
    row = next(row for row in measured[1]["summary"] if row["what"] == operation)
    assert row["failed"] == 0 and row["failures"] == {}
    assert row["requests_per_s"] > 0 and row["p99_ms"] > 0
    assert row["rows"] >= row["acknowledged"] > 0


def test_every_run_says_what_it_cost(measured):
    assert [run["what"] for run in measured[1]["runs"]] == ["K", "E", "redeem", "refresh"]
    for run in measured[1]["runs"]:
        assert {"nginx", "api", "writer", "generator"} < run["cpu_us"].keys()
    redeem = measured[1]["runs"][2]
    assert sum(redeem["cpu_us"].values()) > 0
    assert redeem["writer"]["records"] >= redeem["acknowledged"]
    assert redeem["writer"]["records_per_batch"] >= 1 and redeem["writer"]["commit_ms_mean"] > 0
    assert redeem["writer"]["wal_mb_most"] > 0
    assert measured[1]["memory"]["mix, 16 connections"]["api"] > 0


def test_what_fell_against_a_former_run_is_slower(measured):
    done, result = measured
    slower = {row["what"]: row["slower"] for row in result["compared"]["rows"]}
    assert slower == {"redeem": True, "refresh": False}
    assert done.returncode == 1
    assert "SLOWER  redeem at 16" in done.stdout and "SLOWER  refresh" not in done.stdout
    assert "FAILED" not in done.stdout


def test_a_fall_within_the_tolerance_is_not_slower():
    def result(k):
        return {"summary": [{"what": what, "connections": 64, "k": k} for what in ("K", "user")]}

    assert [row["slower"] for row in comparison.compare(result(1.0), result(0.86), 0.15)] == [False]
    assert [row["slower"] for row in comparison.compare(result(1.0), result(0.84), 0.15)] == [True]


def test_a_file_that_is_no_former_run_is_refused(tmp_path):
    (tmp_path / "former.json").write_text("{}")
    done = run_bench("--compare", tmp_path / "former.json")
    assert done.returncode == 1 and "is no result of the bench" in done.stderr


def test_a_failure_and_a_missing_row_are_wrong_but_not_of_e():
    right = {"what": "user", "connections": 64, "failed": 0, "failures": {}, "requests_per_s": 1.0}
    assert not list(summary.what_is_wrong([right, {**right, "what": "E", "failed": 3}]))
    failed = {**right, "failed": 3, "failures": {"status": 3, "503": 3}}
    assert list(summary.what_is_wrong([failed])) == [
        "user at 64 connections: 3 requests failed (status 3, 503 3)"]
    missing = {**right, "rows": 4, "acknowledged": 5}
    assert list(summary.what_is_wrong([missing])) == ["user at 64 connections: 4 rows for 5 right answers"]


def test_the_load_ends_when_bodies_that_are_good_once_are_used(tmp_path):
    with Instance(BIN, SETTINGS) as instance:
        seeded = instance.seed(tmp_path, organizations=3, users=2, tokens=6, pending=0)
        organizations = instance.count("organizations")
        for name in ("redeem", "refresh"):
            operation = OPERATIONS[name]
            seed_once(instance, seeded, operation, 100)
            report = generator.run_load(instance, operation.specs(seeded), connections=8, seconds=60, warmup=0)
            assert report["used_up"] is True
            assert (report["total"]["answered"], report["total"]["failed"]) == (100, 0)
        assert instance.count("organizations") == organizations  # fresh bodies come of those that are there
        again = generator.run_load(instance, OPERATIONS["redeem"].specs(seeded), connections=8, seconds=60)
        assert again["total"]["failures"] == {"status": 100, "400": 100}
