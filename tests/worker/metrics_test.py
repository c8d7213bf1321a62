"""/metrics on a whole server: what is counted is what was done, who may ask, and that the alarm rules and the
dashboard of monitoring/ use no name that it does not have."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from harness import Browser, Server, await_that
from measure.own_server import processes_on

MONITORING = Path(__file__).parents[2] / "monitoring"
SAMPLE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)$')


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(metrics_from=outward_address() or "", listen_address="0.0.0.0", user_code_attempts_per_session=2) as server:
        yield server


def outward_address():
    """An address of this machine that is not loopback; None where there is none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return probe.getsockname()[0]


class Metrics(dict):
    """{(name, labels): value}; labels as a frozenset of pairs."""

    def __init__(self, text):
        super().__init__()
        self.types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            match = SAMPLE.match(line)
            assert match, line
            labels = frozenset(re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', match.group(2) or ""))
            assert (match.group(1), labels) not in self, f"twice: {line}"
            self[match.group(1), labels] = float(match.group(3))

    def of(self, name, **labels):
        """The sum of all samples that have these labels."""
        found = [value for (sample, has), value in self.items() if sample == name and labels.items() <= dict(has).items()]
        assert found, f"no sample {name} {labels}"
        return sum(found)


def ask(server):
    answer = server.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Metrics(answer.text)


def grown(before, after, name, **labels):
    return after.of(name, **labels) - before.of(name, **labels)


def test_every_sample_has_a_type_and_is_named_by_the_rules(server):
    metrics = ask(server)
    for name, _ in metrics:
        family = re.sub("_(bucket|sum|count)$", "", name) if name not in metrics.types else name
        assert family in metrics.types, name
        assert metrics.types[family] != "counter" or name.endswith("_total"), name


def test_requests_are_counted_by_address_and_status(server):
    token = server.sign_in_device()["access_token"]
    before = ask(server)
    assert server.get("/api/user", token).status_code == 200
    for _ in range(3):
        assert server.get("/api/user", "wrong").status_code == 401
    assert server.device_code().status_code == 200
    assert server.get("/o/acme/nothing").status_code == 404
    after = ask(server)
    user = {"method": "GET", "route": "/api/user"}
    assert grown(before, after, "latchkey_requests_total", status="2xx", **user) == 1
    assert grown(before, after, "latchkey_requests_total", status="4xx", **user) == 3
    assert grown(before, after, "latchkey_requests_total", route="other", status="4xx") == 1
    device = {"method": "POST", "route": "/oauth/device_authorization"}
    assert grown(before, after, "latchkey_requests_total", status="2xx", **device) == 1
    assert grown(before, after, "latchkey_request_duration_seconds_count", **device) == 1
    assert grown(before, after, "latchkey_request_duration_seconds_sum", **device) > 0
    assert grown(before, after, "latchkey_queue_wait_seconds_count") == 7, "and the answer that `before` was itself"
    assert grown(before, after, "latchkey_writes_total") == 1
    assert grown(before, after, "latchkey_writer_records_total") >= 1
    assert grown(before, after, "latchkey_child_requests_total") == 7


def test_buckets_count_all_below(server):
    server.get("/healthz")
    metrics = ask(server)
    health = {"method": "GET", "route": "/healthz"}
    buckets = sorted((float(dict(labels)["le"]), value) for (name, labels), value in metrics.items()
                     if name == "latchkey_request_duration_seconds_bucket" and health.items() <= dict(labels).items())
    assert len(buckets) == 17
    assert [value for _, value in buckets] == sorted(value for _, value in buckets)
    assert buckets[-1] == (float("inf"), metrics.of("latchkey_request_duration_seconds_count", **health))


def test_guesses_and_limits_are_counted(server):
    before = ask(server)
    browser = Browser(server)
    browser.open("/activate")
    for _ in range(3):
        browser.submit("/activate", user_code="BBBB-BBBB")
    browser.open("/sign-in?org=acme")
    browser.sign_in("alice@acme.example", "not her password")
    after = ask(server)
    assert grown(before, after, "latchkey_wrong_guesses_total", secret="user_code") == 2
    assert grown(before, after, "latchkey_limited_total", limit="user_codes") == 1
    assert grown(before, after, "latchkey_wrong_guesses_total", secret="password") == 1
    codes = server.authorize_device()
    for _ in range(2):
        server.poll(codes["device_code"])
    assert grown(after, ask(server), "latchkey_limited_total", limit="polls") == 1


def test_refusals_before_any_handler_are_counted(server):
    before = ask(server)
    got, _, _ = server.raw(b"POST /oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                           b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
                           + b"4001\r\n" + b"x" * 0x4001 + b"\r\n0\r\n\r\n")
    assert got == 413
    child = subprocess.run(["cgi-fcgi", "-bind", "-connect", str(server.data / "run/api-1.sock")],
                           env={"PATH": "/usr/bin:/bin", "REQUEST_METHOD": "POST", "DOCUMENT_URI": "/oauth/token",
                                "HTTP_HOST": "127.0.0.1", "CONTENT_LENGTH": "7"},
                           input="short", capture_output=True, text=True, timeout=20, check=True)
    assert "400" in child.stdout
    assert grown(before, ask(server), "latchkey_requests_refused_total", reason="body_incomplete") == 1


def test_counts_survive_a_restart_of_the_pool(server):
    server.get("/healthz")
    before = ask(server)
    children = before.of("latchkey_child_up", pool="api")
    assert children == 4
    assert before.of("latchkey_child_up", pool="login") >= 1
    server.latchkey("stop")
    server.start()
    after = await_that(lambda: (m := ask(server)).of("latchkey_child_up", pool="api") == 4 and m, "four children")
    health = {"method": "GET", "route": "/healthz"}
    assert after.of("latchkey_requests_total", **health) >= before.of("latchkey_requests_total", **health)
    assert grown(before, after, "latchkey_child_starts_total", child="api-1") == 1
    assert grown(before, after, "latchkey_child_drains_total", child="api-1") == 1


def test_a_child_that_died_is_told_by_its_starts(server):
    before = ask(server)
    victim = next(pid for pid, words in processes_on(server.data).items()
                  if "--child" in words and words[words.index("--child") + 1] == "api-2")
    os.kill(victim, signal.SIGKILL)
    after = await_that(lambda: grown(before, m := ask(server), "latchkey_child_starts_total", child="api-2") == 1 and m,
                       "its successor")
    assert grown(before, after, "latchkey_child_drains_total", child="api-2") == 0


def memory_by_process(server):
    return {dict(labels)["process"]: value for (name, labels), value in ask(server).items()
            if name == "latchkey_process_resident_memory_bytes"}


def test_cpu_and_memory_are_told_by_process(server):
    names = {f"api-{i}" for i in range(1, 5)} | {"login-1", "login-2", "writer"}
    memory = await_that(lambda: len(found := memory_by_process(server)) >= len(names) and found, "all processes", 10)
    assert names == set(memory) and all(2**20 < value < 2**30 for value in memory.values()), memory
    before = ask(server)
    for _ in range(20):
        server.device_code()
    await_that(lambda: grown(before, ask(server), "latchkey_process_cpu_seconds_total", process="writer") > 0,
               "its next second", 10)
    seconds = Path(f"/proc/{server.pid('writer')}/stat").read_text("ascii").rsplit(")", 1)[1].split()[11:13]
    spent = sum(map(int, seconds)) / os.sysconf("SC_CLK_TCK")
    assert ask(server).of("latchkey_process_cpu_seconds_total", process="writer") <= spent + 0.5


def test_a_silent_writer_shows(server):
    writer = server.pid("writer")
    assert ask(server).of("latchkey_writer_up") == 1
    os.kill(writer, signal.SIGSTOP)
    try:
        await_that(lambda: ask(server).of("latchkey_writer_up") == 0, "the old heartbeat", 10)
    finally:
        os.kill(writer, signal.SIGCONT)
    await_that(lambda: ask(server).of("latchkey_writer_up") == 1, "its return", 10)


# ---- who may ask ----

@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_nobody_asks_through_a_proxy(server, header):
    answer = server.get("/metrics", headers={header: "127.0.0.1"})
    assert answer.status_code == 403
    assert "latchkey_" not in answer.text


def test_only_loopback_and_metrics_from_may_ask(server):
    address = outward_address()
    if address is None:
        pytest.skip("this machine has loopback alone")
    assert server.get("/metrics", host=address).status_code == 200
    server.stop()
    server.environment["LATCHKEY_METRICS_FROM"] = "192.0.2.7"
    server.start()
    assert server.get("/metrics", host=address).status_code == 403
    assert server.get("/metrics").status_code == 200


# ---- the files beside it ----

def names_in(text):
    """Names of families used in PromQL; what stands in quotes is no name."""
    return set(re.findall(r"\blatchkey_[a-z_]+", re.sub(r'"[^"]*"', "", text)))


def expressions():
    rules = re.sub(r"^\s*#.*$|summary:.*$", "", (MONITORING / "alerts.yml").read_text(), flags=re.M)
    yield from (("alerts.yml", name) for name in names_in(rules))
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield from ((panel["title"], name) for name in names_in(target["expr"]))


def test_rules_and_dashboard_use_only_names_that_are_there(server):
    server.get("/healthz")
    there = {name for name, _ in ask(server)}
    used = list(expressions())
    assert len(used) > 40
    missing = [(where, name) for where, name in used if name not in there]
    assert not missing
    labels = {(name, key, value) for (name, has) in ask(server) for key, value in has}
    rules = (MONITORING / "alerts.yml").read_text()
    for name, selector in re.findall(r"(latchkey_[a-z_]+)\{([^}]*)\}", rules):
        for key, operator, value in re.findall(r'([a-z]+)(!?=~?)"([^"]*)"', selector):
            assert operator == "!=" or (name, key, value) in labels or value == "5xx", f"{name}{{{key}={value}}} never is"


def test_promtool_takes_the_rules():
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool (Debian: prometheus)")
    done = subprocess.run([promtool, "check", "rules", MONITORING / "alerts.yml"], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
