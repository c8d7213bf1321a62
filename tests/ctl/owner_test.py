"""Root on a data folder of another user: what lies there is that user's word. It reaches no process and no file that the
user could not reach."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from harness import BIN, StoppedServer, await_that

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")

NOBODY = 65534
DAEMON = 1
ROOT = Path(__file__).parents[2]
# Holds the lock of the file it is given, as its user, until its standard input ends.
HOLDER = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"


@pytest.fixture(name="sleep")
def sleep_fixture(tmp_path):
    """A process of root's, with a name as ours have it."""
    program = tmp_path / "latchkey-sleep"
    shutil.copy("/bin/sleep", program)
    with subprocess.Popen([program, "1000"]) as process:
        yield process
        process.kill()


@contextlib.contextmanager
def data_of(user):
    """A data folder of this user's, and the command, which the user may start."""
    with StoppedServer() as server:
        os.chmod(server.folder, 0o755)
        server.bin = server.folder / "bin"
        server.bin.mkdir(mode=0o755)
        for name in ("latchkey", "latchkey-writer", "latchkey-worker"):
            shutil.copy(BIN / name, server.bin / name)
            (server.bin / name).chmod(0o755)
        server.data.mkdir(mode=0o700)
        os.chown(server.data, user, user)
        yield server


@pytest.fixture(name="folder")
def folder_fixture():
    with data_of(NOBODY) as server:
        yield server


@pytest.fixture(name="victim")
def victim_fixture():
    """A server of a third user's."""
    with data_of(DAEMON) as server:
        yield server.start()


def plant(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    os.chown(path.parent, NOBODY, NOBODY)
    os.chown(path, NOBODY, NOBODY)
    return path


def secret_file(tmp_path, content):
    path = tmp_path / "secret"
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def test_stop_ends_no_process_but_the_owners(folder, sleep):
    lock = plant(folder.data / "run.lock", f"{sleep.pid}\n")
    with subprocess.Popen([sys.executable, "-c", HOLDER, lock], user=NOBODY, group=NOBODY, extra_groups=[],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        done = folder.command("stop")
    assert done.returncode == 1 and "stopped" not in done.stdout, done.stdout
    assert f"stop process {sleep.pid}" in done.stderr
    assert sleep.poll() is None


def test_stop_follows_no_link_to_a_lock_of_somebody_else(folder, sleep, tmp_path):
    others = secret_file(tmp_path, b"%d\n" % sleep.pid)
    os.symlink(others, folder.data / "run.lock")
    with open(others, encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = folder.command("stop")
    assert done.returncode == 1
    assert sleep.poll() is None


def test_the_stop_of_an_unbuilt_tree_neither(folder, sleep):
    for text in (f"{sleep.pid}\n", "-1\n", f"{sleep.pid} 1\n"):
        plant(folder.data / "run/run.pid", text)
        done = subprocess.run([ROOT / "tools/stop-unbuilt", folder.data], capture_output=True, text=True, check=False)
        assert "stopped" not in done.stdout, done.stdout
        assert sleep.poll() is None


def test_a_folder_that_anybody_may_write_into_is_nobodys(folder, sleep):
    """/tmp, say: root's, and yet what lies there is everybody's."""
    os.chown(folder.data, 0, 0)
    folder.data.chmod(0o1777)
    lock = folder.data / "run.lock"
    lock.write_text(f"{sleep.pid}\n")
    with open(lock, encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = folder.command("stop")
    assert done.returncode == 1 and "anybody may write" in done.stderr
    assert sleep.poll() is None


@pytest.mark.parametrize("mode, group", [(0o1777, 0), (0o757, 0), (0o770, NOBODY)])
def test_the_stop_of_an_unbuilt_tree_goes_into_no_folder_of_everybody(folder, sleep, mode, group):
    plant(folder.data / "run/run.pid", f"{sleep.pid}\n")
    os.chown(folder.data, 0, group)
    folder.data.chmod(mode)
    done = subprocess.run([ROOT / "tools/stop-unbuilt", folder.data], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "others than root may write" in done.stderr
    assert sleep.poll() is None


# ---- who decides what a name leads to ----

OTHER = 12345


def command_on(folder, data, *arguments):
    return subprocess.run([folder.bin / "latchkey", "--data", data, *arguments], env=folder.environment, timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def roots_folder(folder, name="roots", owner=0):
    path = folder.folder / name
    path.mkdir(mode=0o700)
    os.chown(path, owner, owner)
    return path


def in_a_folder_of_nobody(folder, owner):
    """Nobody may rename it and make another."""
    inner = folder.data / "inner"
    inner.mkdir(mode=0o700)
    os.chown(inner, owner, owner)
    return inner


def by_a_link_of_nobody(folder, owner):
    link = folder.folder / "link"
    link.symlink_to(roots_folder(folder, owner=owner))
    os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
    return link


def by_a_link_in_a_folder_of_nobody(folder, owner):
    link = folder.data / "link"
    link.symlink_to(os.path.relpath(roots_folder(folder, owner=owner), folder.data))
    return link


def by_a_link_on_the_way(folder, owner):
    """What the link of root's leads to is nobody's."""
    (folder.folder / "way").symlink_to(folder.data)
    in_a_folder_of_nobody(folder, owner)
    return folder.folder / "way" / "inner"


def in_a_folder_of_a_group(folder, owner):
    shared = folder.folder / "shared"
    shared.mkdir()
    os.chown(shared, 0, NOBODY)
    shared.chmod(0o775)
    inner = shared / "inner"
    inner.mkdir(mode=0o700)
    os.chown(inner, owner, owner)
    return inner


def in_a_folder_of_everybody(folder, owner):
    shared = in_a_folder_of_a_group(folder, owner)
    os.chown(shared.parent, 0, 0)
    shared.parent.chmod(0o777)
    return shared


OPEN_WAYS = [in_a_folder_of_nobody, by_a_link_of_nobody, by_a_link_in_a_folder_of_nobody, by_a_link_on_the_way,
             in_a_folder_of_a_group, in_a_folder_of_everybody]


@pytest.mark.parametrize("owner", [0, OTHER])
@pytest.mark.parametrize("way", OPEN_WAYS)
def test_a_name_that_a_third_user_may_lead_elsewhere_is_refused(folder, sleep, way, owner):
    """Between the look at the owner and the next step it could lead to that user's own folder."""
    data = way(folder, owner)
    lock = data / "run.lock"
    lock.write_text(f"{sleep.pid}\n")
    os.chown(lock, owner, owner)
    with open(lock, encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for command in (["stop"], ["status"], ["org", "list"], ["backup", folder.folder / "backup.db"],
                        ["upgrade", "--check"], ["run", "--demo", "--background"]):
            done = command_on(folder, data, *command)
            assert done.returncode != 0 and "something else in the place of" in done.stderr, (command, done)
    assert sleep.poll() is None
    assert sorted(path.name for path in data.iterdir()) == ["run.lock"]


def test_a_name_that_only_root_and_the_owner_lead_elsewhere_is_taken(folder):
    """Of root's in a sticky folder; by a link of root's, with .. in it; of nobody's by a link of nobody's."""
    sticky = folder.folder / "sticky"
    sticky.mkdir()
    sticky.chmod(0o1777)
    mine = sticky / "mine"
    mine.mkdir(mode=0o700)
    (sticky / "link").symlink_to("../sticky/mine")
    (sticky / "whole").symlink_to(mine)
    theirs = sticky / "theirs"
    theirs.symlink_to(folder.data)
    os.chown(theirs, NOBODY, NOBODY, follow_symlinks=False)
    for data in (mine, sticky / "link", sticky / "whole", sticky / "." / ".." / "sticky" / "mine", theirs):
        done = command_on(folder, data, "stop")
        assert done.returncode == 0 and "nothing runs" in done.stdout, (data, done)


def test_a_link_that_leads_to_itself_is_an_error(folder):
    link = folder.folder / "link"
    link.symlink_to(link)
    done = command_on(folder, link, "stop")
    assert done.returncode == 1 and "follow the link" in done.stderr


def test_settings_found_by_a_link_of_somebody_are_refused(folder, sleep):
    """They are read by name: nobody could have shown root's file to the look, and an own one to the reading."""
    roots = roots_folder(folder)
    lock = roots / "run.lock"
    lock.write_text(f"{sleep.pid}\n")
    settings = folder.folder / "latchkey.toml"
    settings.write_text(f'[server]\ndata_dir = "{roots}"\n')
    var = folder.data / "var"
    var.mkdir()
    (var / "latchkey.toml").symlink_to(settings)
    for path in (var, var / "latchkey.toml"):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    with open(lock, encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = subprocess.run([folder.bin / "latchkey", "stop"], cwd=folder.data, capture_output=True, text=True,
                              env={k: v for k, v in folder.environment.items() if k != "LATCHKEY_DATA_DIR"},
                              timeout=60, check=False)
    assert sleep.poll() is None
    assert done.returncode == 1 or "nothing runs" in done.stdout  # an installed Latchkey's settings come first


def test_settings_that_were_found_lead_to_no_third_users_data(folder, sleep):
    """Root stands in nobody's folder; the settings there name one of root's."""
    roots = folder.folder / "roots"
    roots.mkdir(mode=0o700)
    lock = roots / "run.lock"
    lock.write_text(f"{sleep.pid}\n")
    plant(folder.data / "var/latchkey.toml", f'[server]\ndata_dir = "{roots}"\n')
    with open(lock, encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = subprocess.run([folder.bin / "latchkey", "stop"], cwd=folder.data, capture_output=True, text=True,
                              env={k: v for k, v in folder.environment.items() if k != "LATCHKEY_DATA_DIR"},
                              timeout=60, check=False)
    assert sleep.poll() is None
    assert done.returncode == 1 or "nothing runs" in done.stdout  # an installed Latchkey's settings come first


@pytest.mark.parametrize("way", ["settings", "folder", "socket"])
def test_no_way_from_the_folder_leads_root_to_another_users_writer(folder, victim, tmp_path, way):
    folder.start().stop()
    run = folder.data / "run"
    if way == "settings":
        plant(folder.data / "latchkey.toml", f'[server]\nrun_dir = "{victim.data}/run"\n')
    elif way == "folder":
        run.rename(folder.data / "former")
        run.symlink_to(victim.data / "run")
    else:
        (run / "writer.sock").unlink(missing_ok=True)
        (run / "writer.sock").symlink_to(victim.data / "run/writer.sock")
    users = tmp_path / "users.csv"
    users.write_text("email\nmallory@acme.example\n")
    for command in (["org", "create", "evil"], ["user", "import", users, "--org", "acme"], ["keys", "rotate", "--now"]):
        done = folder.command(*command)
        assert done.returncode == 4 and f"belongs to uid {DAEMON}, not to uid {NOBODY}" in done.stderr, done
    assert "evil" not in victim.latchkey("org", "list").stdout
    assert "mallory" not in victim.latchkey("user", "list", "--org", "acme").stdout
    victim.latchkey("org", "create", "welcome")  # root on the victim's own folder
    assert "(uid 0)" in victim.latchkey("audit", "tail", "--event", "organization.created").stdout


def test_settings_of_the_folder_are_read_as_its_owner(folder, tmp_path):
    """What is wrong in a file of root's would be quoted."""
    (folder.data / "latchkey.toml").symlink_to(secret_file(tmp_path, b'[server]\nbattery_staple = "x"\n'))
    for command in (["status"], ["org", "list"], ["backup", tmp_path / "x.db"], ["doctor"], ["stop"]):
        done = folder.command(*command)
        assert "battery" not in done.stdout + done.stderr, done
        assert command == ["stop"] or "Permission denied" in done.stdout + done.stderr, done


def test_no_link_in_the_folder_shows_or_changes_a_file_of_root(folder, tmp_path):
    request_id = "0123456789abcdef" * 2
    secret = f"https://secret.example {request_id}"
    file = secret_file(tmp_path, (secret + "\n").encode())
    for name in ("run/public_url", "latchkey.db", "log/access.log", "log/latchkey.log", "run/writer.page",
                 "run/shared.tables", "last_backup", "run/run.pid"):
        path = folder.data / name
        path.parent.mkdir(exist_ok=True)
        os.chown(path.parent, NOBODY, NOBODY)
        os.symlink(file, path)
    backup = tmp_path / "backup.db"
    for command in (["status"], ["top", "--once"], ["doctor"], ["explain", request_id], ["org", "list"],
                    ["audit", "tail"], ["backup", backup], ["upgrade", "--check"], ["keys", "list"], ["stop"]):
        done = folder.command(*command)
        assert "secret" not in done.stdout + done.stderr.replace(str(file), ""), command
        assert file.read_text() == secret + "\n", command
    assert not backup.exists()


def test_a_database_and_a_key_of_root_are_not_opened_through_a_link(folder, tmp_path):
    with StoppedServer() as other:
        other.start().stop()
        roots = tmp_path / "roots"
        roots.mkdir(mode=0o700)
        for name in ("latchkey.db", "master.key"):
            shutil.copy(other.data / name, roots / name)
            os.symlink(roots / name, folder.data / name)
        assert "acme" in other.latchkey("org", "list").stdout
        backup = tmp_path / "backup.db"
        other.latchkey("backup", backup)
    assert "acme" not in folder.command("org", "list").stdout
    assert "not checked" in folder.command("verify", backup).stdout
    taken = tmp_path / "taken.db"
    assert folder.command("backup", taken).returncode != 0
    assert not taken.exists()
    assert folder.command("restore", backup).returncode != 0


def test_files_that_root_names_are_roots(folder, tmp_path):
    """What the caller names is the caller's to read and write, while the data are their owner's."""
    folder.start()
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    users = private / "users.csv"
    users.write_text("email\nann@acme.example\n")
    report = private / "report.jsonl"
    folder.latchkey("user", "import", users, "--org", "acme", "--report", report)
    exported = private / "acme.jsonl"
    folder.latchkey("org", "export", "acme", "--output", exported)
    assert "ann@acme.example" in exported.read_text()
    events = folder.latchkey("audit", "tail", "--event", "user.imported").stdout
    assert "(uid 0)" in events, events
    backup = private / "backup.db"
    folder.latchkey("backup", backup)
    assert "opens it" in folder.latchkey("verify", backup).stdout
    assert {path.stat().st_uid for path in (report, exported, backup)} == {0}
    assert {path.stat().st_uid for path in folder.data.rglob("*")} == {NOBODY}
    folder.stop()
    stopped = private / "stopped.db"
    folder.latchkey("backup", stopped)
    assert stopped.stat().st_uid == 0
    assert {path.stat().st_uid for path in folder.data.rglob("*")} == {NOBODY}
    folder.latchkey("restore", stopped)


def test_root_sees_the_memory_of_a_server_of_another_user(folder):
    folder.start()
    status = await_that(lambda: (text := folder.latchkey("status").stdout) and "MB" in text and text, "the memory")
    assert "serving" in status
