"""The measuring tools in a form that takes seconds: that they run, and that nothing fails. Speed is not judged."""

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from harness import BIN
from measure import generator
from measure.instance import Instance

LOADTEST = Path(__file__).parents[2] / "loadtest"
K6_FOLDERS = (os.environ.get("GOBIN"), os.path.expanduser(os.environ.get("GOPATH", "~/go")) + "/bin")
NO_LIMITS = {"device_codes_per_client_and_address": 0, "unknown_device_codes_per_address": 0,
             "live_device_codes_per_client": 0, "live_device_codes": 0, "grants_per_user": 0}


def run(tool, *words):
    done = subprocess.run([LOADTEST / tool, "--bin", BIN, "--tokens", "500", *map(str, words)],
                          capture_output=True, text=True, timeout=120, check=False,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    return done.stdout


def is_sanitized():
    return b"__asan_init" in (Path(BIN) / "latchkey-writer").read_bytes()


@pytest.mark.parametrize("tool", ["timeline", "small", "k6/run"])
def test_each_tool_explains_itself(tool):
    done = subprocess.run([LOADTEST / tool, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "--seconds" in done.stdout


def test_the_lines_of_each_second_add_up_to_the_report(tmp_path):
    lines = tmp_path / "seconds.txt"
    with Instance(BIN, NO_LIMITS) as instance:
        seeded = instance.seed(tmp_path, organizations=2, users=2, tokens=20, pending=0)
        report = generator.run_load(instance, generator.mix(seeded), connections=8, threads=2,
                                    seconds=2, warmup=0.2, second_log=lines)
    seconds = [json.loads(line) for line in lines.read_text("ascii").splitlines()]
    assert [second["second"] for second in seconds] == [1, 2]
    assert sum(second["answered"] for second in seconds) == report["total"]["measured"]
    assert max(second["longest_ms"] for second in seconds) == report["total"]["max_ms"]


def test_the_timeline_has_a_line_a_second_and_expires_codes_meanwhile(tmp_path):
    run("timeline", "--seconds", 2, "--rows", 1000, "--before", 1, "--expiring", 20, "--out", tmp_path)
    with open(tmp_path / "timeline.csv", encoding="ascii") as file:
        rows = list(csv.DictReader(file))
    assert [row["second"] for row in rows] == ["1", "2"]
    assert all(int(row["requests_per_s"]) > 0 and row["failed"] == "0" for row in rows)
    assert all(float(row["pss_mb"]) > 0 and int(row["wal_frames_most"]) > 0 for row in rows)
    result = json.loads((tmp_path / "timeline.json").read_text("utf-8"))
    assert result["run"]["expired_rows"] > 0 and result["ratio"] > 0
    if shutil.which("gnuplot"):
        assert "</svg>" in (tmp_path / "timeline.svg").read_text("utf-8")


def test_nothing_fails_where_the_disk_is_slow(tmp_path):
    run("small", "--only", "slow-fsync", "--quick", "--seconds", 0.5, "--clients", 64,
        "--json", tmp_path / "small.json")
    result = json.loads((tmp_path / "small.json").read_text("utf-8"))["slow-fsync"]
    assert result["failed"] == 0 and result["slowed"]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two processors")
@pytest.mark.skipif(is_sanitized(), reason="sanitizers take more address space than the bound allows")
def test_nothing_fails_on_one_processor_with_little_memory(tmp_path):
    run("small", "--only", "one-cpu", "--quick", "--seconds", 0.5, "--clients", 200,
        "--json", tmp_path / "small.json")
    result = json.loads((tmp_path / "small.json").read_text("utf-8"))["one-cpu"]
    assert result["failed"] == 0 and result["right"]


def test_the_story_in_k6_has_no_wrong_answer(tmp_path):
    k6 = shutil.which("k6", path=os.pathsep.join([os.environ["PATH"], *filter(None, K6_FOLDERS)]))
    if k6 is None:
        pytest.skip("no k6 here")
    run("k6/run", "--k6", k6, "--vus", 5, "--seconds", 2, "--p99-ms", 60000, "--json", tmp_path / "k6.json")
    story = json.loads((tmp_path / "k6.json").read_text("utf-8"))["load_story"][0]
    assert story["failed"] == 0 and story["rows"] >= story["codes_told"] > 0
