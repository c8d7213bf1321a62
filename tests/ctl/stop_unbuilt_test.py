"""tools/stop-unbuilt as root on a folder of another user: the number that lies there ends that user's processes alone."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")

STOP = Path(__file__).parents[2] / "tools/stop-unbuilt"
NOBODY = 65534


@pytest.fixture(name="program")
def program_fixture(tmp_path):
    """With a name as ours have it."""
    shutil.copy("/bin/sleep", tmp_path / "latchkey-sleep")
    return tmp_path / "latchkey-sleep"


def folder_with(folder, text):
    """A data folder of nobody's whose run.pid says this."""
    (folder / "data/run").mkdir(parents=True)
    (folder / "data/run/run.pid").write_text(text, encoding="ascii")
    for path in (folder / "data", folder / "data/run", folder / "data/run/run.pid"):
        os.chown(path, NOBODY, NOBODY)
    for path in (folder, *folder.parents):
        if path.stat().st_uid == 0 and str(path).startswith("/tmp/"):
            path.chmod(path.stat().st_mode | 0o055)
    return folder / "data"


def stop(data):
    return subprocess.run([STOP, data], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("text", ["{pid}\n", "-1\n", "{pid} 1\n", "\n"])
def test_it_ends_no_process_of_root(program, tmp_path, text):
    with subprocess.Popen([program, "1000"]) as process:
        try:
            done = stop(folder_with(tmp_path, text.format(pid=process.pid)))
            assert "stopped" not in done.stdout, done.stdout
            assert process.poll() is None
        finally:
            process.kill()


def test_it_ends_the_owners_process(program, tmp_path):
    data = folder_with(tmp_path, "")
    with subprocess.Popen([program, "1000"], user=NOBODY, group=NOBODY, extra_groups=[]) as process:
        try:
            (data / "run/run.pid").write_text(f"{process.pid}\n", encoding="ascii")
            done = subprocess.Popen([STOP, data], stdout=subprocess.PIPE, text=True)
            assert process.wait(60) != 0
            assert done.communicate(timeout=60)[0] == "stopped\n"
        finally:
            process.kill()
