"""The size of nginx's logs in an installation, by Debian's logrotate with the file and the unit that are installed."""

import os
import re
import shutil
import signal
import subprocess

import pytest
from harness import await_that
from installation import install, run

MAXSIZE = 1024
KEPT = 15  # the log and 14 former ones
SIGNALLED = "trap 'echo told >>told' USR1; echo $$ >pid; while :; do sleep 0.05; done"


@pytest.fixture(scope="module", name="tree")
def tree_fixture(tmp_path_factory):
    tree = tmp_path_factory.mktemp("tree")
    install("/usr", tree)
    return tree


@pytest.fixture(name="rotate")
def rotate_fixture(tree, tmp_path):
    """What the unit does, in a folder of the test's, with a smaller maxsize; a shell stands for nginx."""
    if shutil.which("logrotate") is None:
        pytest.skip("no logrotate here")
    (tmp_path / "log").mkdir()
    text = (tree / "etc/logrotate.d/latchkey").read_text()
    text = text.replace("/var/log/latchkey", str(tmp_path / "log")).replace("/run/nginx.pid", str(tmp_path / "pid"))
    text = re.sub(r"maxsize 128M\n", f"maxsize {MAXSIZE}\n", text)
    if os.geteuid() != 0:
        text = text.replace("create 0640 www-data adm", "create")
    assert f"maxsize {MAXSIZE}\n" in text
    (tmp_path / "config").write_text(text)
    os.chmod(tmp_path / "config", 0o644)
    unit = (tree / "usr/lib/systemd/system/latchkey-logrotate.service").read_text()
    command = re.search(r"ExecStart=(.*)", unit)[1].replace("/etc/logrotate.d/latchkey", str(tmp_path / "config"))

    def rotate():
        done = run("/bin/sh", "-c", command)
        assert done.returncode == 0 and not done.stderr, done.stderr
        return sorted(path.name for path in (tmp_path / "log").iterdir())

    nginx = subprocess.Popen(["/bin/sh", "-c", SIGNALLED], cwd=tmp_path)
    try:
        await_that((tmp_path / "pid").exists, "a process to signal")
        yield rotate
    finally:
        nginx.send_signal(signal.SIGKILL)
        nginx.wait()


def test_a_log_that_is_long_is_rotated_and_nginx_is_told(rotate, tmp_path):
    (tmp_path / "log/access.log").write_text("x" * (MAXSIZE + 1))
    (tmp_path / "log/error.log").write_text("short")
    assert rotate() == ["access.log", "access.log.1", "error.log"]
    assert (tmp_path / "log/access.log").stat().st_size == 0
    await_that(lambda: (tmp_path / "told").exists(), "the signal")
    assert rotate() == ["access.log", "access.log.1", "error.log"]


def test_days_are_not_its_business(rotate, tmp_path):
    log = tmp_path / "log/access.log"
    log.write_text("short")
    os.utime(log, (0, 0))
    assert rotate() == rotate() == ["access.log"]


def test_however_much_is_written_so_many_files_stay(rotate, tmp_path):
    for number in range(2 * KEPT):
        for name in ("access.log", "error.log"):
            (tmp_path / "log" / name).write_text(f"{number}" * 5 * MAXSIZE)
        files = rotate()
    assert len(files) == 2 * KEPT
    assert {name for name in files if name.endswith(".gz")} == {
        f"{log}.{number}.gz" for log in ("access.log", "error.log") for number in range(2, KEPT)}


def test_the_timer_comes_with_what_serves(tree):
    units = tree / "usr/lib/systemd/system"
    assert "Wants=latchkey-logrotate.timer\n" in (units / "latchkey.target").read_text()
    timer = (units / "latchkey-logrotate.timer").read_text()
    assert "OnCalendar=minutely\n" in timer and "PartOf=latchkey.target\n" in timer
