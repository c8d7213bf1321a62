"""`latchkey top`, `doctor` and `explain` on a server that runs."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest
from harness import Server, StoppedServer, await_that
from measure.ports import free_port

SOURCES = Path(__file__).parents[2] / "src"


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(device_codes_per_client_and_address=0) as server:
        yield server


# ---- top ----

def test_top_shows_what_is_asked_and_who_works(server):
    with subprocess.Popen([server.bin / "latchkey", "--data", server.data, "--json", "top", "--interval", "2"],
                          env=server.environment, stdout=subprocess.PIPE, text=True) as top:
        while top.poll() is None:
            server.get("/api/user", "wrong")
            server.device_code()
        done = top.stdout.read()
    shown = json.loads(done)
    assert shown["seconds"] == 2
    routes = {route["route"]: route for route in shown["routes"]}
    assert routes["GET /api/user"]["per_second"] >= 1
    assert routes["GET /api/user"]["client_errors_per_second"] == routes["GET /api/user"]["per_second"]
    assert routes["POST /oauth/device_authorization"]["p99_us"] >= routes["POST /oauth/device_authorization"]["p50_us"] > 0
    assert shown["writer"]["state"] == "serving"
    assert shown["writer"]["records_per_second"] >= 1
    processes = {process["name"]: process for process in shown["processes"]}
    assert {"run", "writer", "api", "api-1", "api-4", "login", "login-1", "nginx", "nginx worker"} <= set(processes)
    assert all(process["pss_bytes"] > 0 for process in processes.values())
    assert shown["children"] == 4 + sum(name.startswith("login-") for name in processes)


def test_top_without_a_terminal_is_one_look(server):
    text = server.latchkey("top").stdout
    assert "serving, heartbeat" in text and "PROCESS" in text
    assert "\x1b" not in text


def test_top_without_a_server_says_so():
    with StoppedServer() as stopped:
        done = stopped.latchkey("top", check=False)
        assert done.returncode == 5
        assert "does a server run on this data" in done.stderr


class Screen:
    """`latchkey top` on a terminal of the test's."""

    def __init__(self, server, rows=30, columns=100):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen([server.bin / "latchkey", "--data", server.data, "top"], env=server.environment,
                                        stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        self.seen = ""

    def read_until(self, text, limit_s=20):
        deadline = time.monotonic() + limit_s
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 65536).decode(errors="replace")

    def end(self):
        code = self.process.wait(10)
        self.read_until("\x1b[?1049l")
        after = termios.tcgetattr(self.slave)
        os.close(self.slave)
        os.close(self.master)
        return code, after


@pytest.mark.parametrize("how", ["q", "\x03", "SIGTERM"])
def test_top_gives_the_terminal_back(server, how):
    screen = Screen(server)
    screen.read_until("MEMORY (PSS)")
    assert not termios.tcgetattr(screen.slave)[3] & termios.ECHO
    if how == "SIGTERM":
        screen.process.send_signal(signal.SIGTERM)
    else:
        os.write(screen.master, how.encode())
    code, after = screen.end()
    assert code == 0
    assert after == screen.before
    assert screen.seen.count("\x1b[?1049h") == screen.seen.count("\x1b[?1049l") == 1
    assert screen.seen.rindex("\x1b[?25h") > screen.seen.rindex("\x1b[?25l"), "the cursor is back"


def test_top_goes_on_while_the_server_restarts(server):
    screen = Screen(server)
    screen.read_until("serving, heartbeat")
    server.stop()
    screen.read_until("down, heartbeat")
    server.start()
    screen.seen = ""
    screen.read_until("serving, heartbeat")
    os.write(screen.master, b"q")
    assert screen.end()[0] == 0


# ---- doctor ----

def findings(server):
    done = server.latchkey("--json", "doctor", check=False)
    found = {}
    for finding in json.loads(done.stdout):
        found.setdefault(finding["name"], []).append(finding)
    return done.returncode, found


def test_a_server_that_serves_has_nothing_that_fails(server):
    code, found = findings(server)
    assert code == 0, found
    assert set(found) == {"serving", "host", "tls", "forwarded", "nginx", "clock", "files", "master_key", "disk", "backup",
                          "wal", "backlog", "descriptors", "sqlite", "schema", "backup_key"}
    for name in ("serving", "host", "tls", "nginx", "files", "master_key", "wal", "sqlite"):
        assert found[name][0]["level"] == "ok", found[name]
    text = server.latchkey("doctor").stdout
    assert re.search(r"^ok +host ", text, re.M)


def test_doctor_finds_rights_that_are_too_wide(server):
    key = server.data / "master.key"
    key.chmod(0o644)
    server.data.chmod(0o755)
    try:
        code, found = findings(server)
    finally:
        key.chmod(0o600)
        server.data.chmod(0o700)
    assert code == 1
    assert found["master_key"][0]["level"] == "fail" and "chmod 600" in found["master_key"][0]["fix"]
    assert found["files"][0]["level"] == "fail" and "chmod o=" in found["files"][0]["fix"]


def test_doctor_finds_nginxs_files_of_another_version(server):
    path = server.data / "run/nginx/pools.conf"
    text = path.read_text()
    path.write_text(re.sub("# latchkey-version .*", "# latchkey-version 0.0.1", text))
    try:
        code, found = findings(server)
    finally:
        path.write_text(text)
    assert code == 1
    assert "0.0.1" in found["nginx"][0]["what"]


def test_doctor_finds_that_nobody_answers():
    with StoppedServer() as stopped:
        code, found = findings(stopped)
        assert code == 1
        assert found["host"][0]["level"] == "fail"
        assert found["serving"][0]["level"] == "fail"
        assert found["master_key"][0]["level"] == "fail"


def test_doctor_reads_the_certificate_of_the_public_address(server, tmp_path):
    """A certificate that nobody signed and that has ended, behind a TLS server of the test's own."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True, timeout=60)
    port = free_port()
    with subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-www"],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tls:
        try:
            await_that(lambda: answers(port), "the TLS server")
            environment = {**server.environment, "LATCHKEY_PUBLIC_URL": f"https://127.0.0.1:{port}"}

            def look(**more):
                done = subprocess.run([server.bin / "latchkey", "--data", server.data, "--json", "doctor"],
                                      env={**environment, **more}, capture_output=True, text=True, timeout=60, check=False)
                return next(f for f in json.loads(done.stdout) if f["name"] == "tls")

            untrusted = look()
            assert untrusted["level"] == "fail" and "not trusted" in untrusted["what"]
        finally:
            tls.kill()


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# ---- explain ----

def test_explain_tells_that_it_went_well(server):
    request_id = server.get("/healthz").headers["X-Request-Id"]
    text = explained(server, request_id)
    assert "GET /healthz" in text and "It went well." in text


def explained(server, request_id, *files, stdin=None):
    """Once nginx has written its line, where that log is read."""
    def ask():
        done = server.latchkey("explain", request_id, *files, check=False, stdin=stdin)
        return done.returncode == 0 and (files or " after " in done.stdout) and done.stdout
    return await_that(ask, "the line in the buffered access log", 10)


def test_explain_tells_what_a_client_did_wrong(server):
    answer = server.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "acme-cli"})
    assert answer.status_code == 400
    assert "X-Latchkey-Error" not in answer.headers, "that word is for the access log"
    text = explained(server, answer.headers["X-Request-Id"])
    assert "400 INVALID_GRANT" in text and "unknown, used, revoked" in text
    answer = server.get("/nothing-here")
    assert "by nginx alone" in explained(server, answer.headers["X-Request-Id"])


def test_explain_tells_why_the_server_failed(server):
    """The writer stands still: the write is given up at its deadline, and the child says why."""
    writer = server.pid("writer")
    os.kill(writer, signal.SIGSTOP)
    try:
        answer = server.device_code()
    finally:
        os.kill(writer, signal.SIGCONT)
    assert answer.status_code == 503
    request_id = answer.headers["X-Request-Id"]
    await_that(lambda: request_id in server.log(), "the child's line")
    text = explained(server, request_id)
    assert re.search("request_failed (writer_silent|writer_did_not_answer)", text)
    assert "503 SERVICE_UNAVAILABLE" in text
    assert "request_failed" in explained(server, request_id, "-", stdin=server.log())
    both = explained(server, request_id, str(server.data / "log/access.log"), "-", stdin=server.log())
    assert "request_failed" in both and "503 SERVICE_UNAVAILABLE" in both
    shown = json.loads(server.latchkey("--json", "explain", request_id).stdout)
    assert shown["request"]["status"] == 503 and shown["explanations"]


def test_explain_knows_no_request_of_that_name(server):
    done = server.latchkey("explain", "0" * 32, check=False)
    assert done.returncode == 3 and "journalctl" in done.stderr
    assert server.latchkey("explain", "nonsense", check=False).returncode == 2
    assert server.latchkey("explain", check=False).returncode == 2


def sources():
    return "\n".join(path.read_text() for path in sorted(SOURCES.rglob("*.cc")))


def test_whatever_the_server_can_log_is_explained(server):
    """Every event of WARN and above in the sources, every reason of those that have some, every word of an error."""
    rows = json.loads(server.latchkey("--json", "explain", "--list").stdout)
    known = {(row["event"], row["reason"]) for row in rows}
    events = {event for event, _ in known}
    text = sources()
    logged = set(re.findall(r'(?:\.|->)(?:Warn|Error)\(\s*"([a-z_]+)"', text))
    logged |= set(re.findall(r'Severity::k(?:Warn|Error|Fatal),\s*"([a-z_]+)"', text))
    logged |= set(re.findall(r'LogRefusal\("([a-z_]+)"', text))
    assert len(logged) > 30
    assert logged <= events, f"unexplained: {logged - events}"

    def words(file, pattern):
        found = set(re.findall(pattern, (SOURCES / file).read_text()))
        assert found, (file, pattern)
        return found

    server_file = "worker/fcgi/request_server.cc"
    reasons = words(server_file, r'\{Count::k\w+, "([a-z_]+)"\}') | {"database_unavailable", "internal"}
    assert len(reasons) == 7 and all(f'"{word}"' in (SOURCES / server_file).read_text() for word in reasons)
    assert {("request_failed", word) for word in reasons} <= known
    refusals = words("worker/fcgi/answer.cc", r'return "([a-z]+_[a-z_]+)"')
    assert {("request_refused", word) for word in refusals} <= known
    forged = words("worker/handlers/pages/page_request.cc", r'(?:return|\?|:) "([a-z_]+)"(?=[ ;,])')
    assert {("form_refused", word) for word in forged} <= known and len(forged) == 4
    for event, file in (("sign_in_refused", "sign_in.cc"), ("user_code_refused", "activate_code.cc")):
        whys = words("worker/handlers/pages/" + file, r'LogRefusal\("\w+", \w+ \? "(\w+)" : "\w+"')
        whys |= words("worker/handlers/pages/" + file, r'LogRefusal\("\w+", \w+ \? "\w+" : "(\w+)"')
        assert len(whys) == 2 and {(event, why) for why in whys} <= known
    errors = words("http/errors.cc", r'"([A-Z]+(?:_[A-Z]+)*)"')
    assert len(errors) > 20
    errors |= words("worker/handlers/pages/page_reply.cc", r'ErrorPage\(\s*\w+, "([A-Z_]+)"')
    assert {("answer", error) for error in errors} <= known, errors
