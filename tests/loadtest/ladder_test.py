"""The ladder in its short form: a few stages really run, their figures add up, and ours fail nothing."""

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import pytest
from harness import BIN, DEVICE_GRANT
from ladder.figures import is_right
from ladder.place import Place
from ladder.stages import STAGES
from measure.instance import Instance

RUN = Path(__file__).parents[2] / "loadtest/ladder/run"
SECONDS = 2
WANTED = {"direct", "codes-in-writer", "ours", "unkept"}


def run(*words):
    done = subprocess.run([RUN, *map(str, words)], capture_output=True, text=True, timeout=200, check=False,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    return done.stdout


def test_it_explains_itself_with_examples_and_stages():
    said = run("--help")
    assert "loadtest/ladder/run --short" in said
    assert all(f"{stage.number:<3}{stage.name}" in said for stage in STAGES)


@pytest.mark.parametrize("failed, rows, right", [(0, 7, True), (0, 8, True), (1, 7, False), (0, 6, False)])
def test_a_stage_is_right_where_nothing_failed_and_every_code_told_has_its_row(failed, rows, right):
    assert is_right({"failed": failed, "told": 7, "rows": rows}) == right


@pytest.fixture(scope="module", name="out")
def short_run(tmp_path_factory):
    out = tmp_path_factory.mktemp("ladder")
    out.joinpath("told").write_text(
        run("--bin", BIN, "--short", "--seconds", SECONDS, "--connections", 32, "--truncate-every", 0.7, "--only", *WANTED,
            "--out", out), "utf-8")
    return out


def stages_in(out):
    return json.loads((out / "ladder.json").read_text("utf-8"))["stages"]


def test_each_stage_answers_and_tells_its_figures(out):
    stages = stages_in(out)
    assert [stage["number"] for stage in stages] == ["1", "3", "6", "7"]
    for stage in stages:
        assert stage["requests_per_s"] > 0 and 0 < stage["p50_ms"] <= stage["p99_ms"] <= stage["longest_ms"]
        assert stage["told"] > 0 and stage["log_mb_most"] > 0
        assert stage["title"] in (out / "told").read_text("utf-8")
    for stage in stages[:2]:
        assert stage["truncations"] and stage["rows"] >= stage["told"]


def test_rows_written_are_rows_told_and_nothing_fails_where_it_is_ours(out):
    for stage in stages_in(out):
        if stage["must_hold"]:
            assert stage["failed"] == 0 and stage["rows"] == stage["told"]


def test_each_stage_has_a_line_a_second(out):
    for name in WANTED:
        with open(out / f"{name}.csv", encoding="ascii") as file:
            rows = list(csv.DictReader(file))
        assert [row["second"] for row in rows] == [str(second + 1) for second in range(SECONDS)]
        assert {"requests_per_s", "p50_ms", "p99_ms", "longest_ms", "failed", "queue_most", "log_mb",
                "truncate_ms"} <= rows[0].keys()


@pytest.mark.skipif(shutil.which("gnuplot") is None, reason="no gnuplot here")
def test_the_plots_are_drawn(out):
    for name in ("ladder.svg", "seconds.svg"):
        assert "</svg>" in (out / name).read_text("utf-8")


def test_a_code_that_another_way_of_writing_told_is_a_code():
    instance = Instance(BIN, own_binaries=True)
    try:
        place = Place(instance, BIN, tokens=1)
        body = (place.seeded / "code_bodies.txt").read_text("ascii").splitlines()[0]
        for stage in STAGES:
            if not stage.writes:
                continue
            with place.running(stage):
                status, _, answer = instance.post_json("/auth/device/code", body)
                assert status == 200
                told = json.loads(answer)
                poll = urlencode({"grant_type": DEVICE_GRANT, "device_code": told["device_code"],
                                  "client_id": json.loads(body)["client_id"]})
                status, _, answer = instance.request(
                    "POST", "/auth/token", poll, {"Content-Type": "application/x-www-form-urlencoded"})
                assert status == 400 and json.loads(answer)["error"] == "authorization_pending"
                assert instance.query("SELECT count(*) FROM live_user_codes WHERE user_code = ?",
                                      [told["user_code"]]) == [(1,)]
    finally:
        instance.__exit__(None, None, None)
