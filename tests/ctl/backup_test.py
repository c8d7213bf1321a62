"""`latchkey backup`, `verify` and `restore`: by hand, in the running server and in the stopped one."""

import contextlib
import fcntl
import hmac
import json
import os
import pty
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from harness import Server, StoppedServer, await_that

FAILED, USAGE, NOT_FOUND, CONFLICT, NOT_NOW = 1, 2, 3, 4, 5
IS_ROOT = os.geteuid() == 0


@pytest.fixture(name="server", scope="module")
def server_fixture():
    with Server() as server:
        yield server


@pytest.fixture(name="made", scope="module")
def made_fixture(server, tmp_path_factory):
    """A backup of the running server, and what the command said of it."""
    path = tmp_path_factory.mktemp("backups") / "made.db"
    return path, json.loads(server.latchkey("--json", "backup", path).stdout)


@pytest.fixture(name="stopped")
def stopped_fixture(server, tmp_path):
    """A folder of the same data as the running server's, without a server. Its database is the first backup."""
    with StoppedServer() as other:
        other.data.mkdir(mode=0o700)
        shutil.copy2(server.data / "master.key", other.data)
        server.latchkey("backup", tmp_path / "first.db")
        other.latchkey("restore", tmp_path / "first.db")
        yield other


def refused(server, code, *arguments):
    done = server.latchkey(*arguments, check=False)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == "" and len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def mac_of(path):
    return Path(f"{path}.mac")


def change(path, sql):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(sql)


def backup_key(data):
    """RFC 5869 by another implementation than the server's."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"latchkey backup v1").derive((data / "master.key").read_bytes())


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def slugs(server):
    return {org["slug"] for org in json.loads(server.latchkey("--json", "org", "list").stdout)}


def query(path, sql):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchone()[0]


# ---- backup ----

def test_a_backup_of_a_running_server_is_complete_and_private(server, made):
    path, said = made
    assert said["organizations"] == 2 and said["bytes"] == path.stat().st_size and said["schema"] >= 1
    assert mode(path) == 0o600
    assert query(path, "PRAGMA integrity_check") == "ok"
    assert query(path, "SELECT count(*) FROM users") == said["users"]
    assert not list(path.parent.glob("*.partial")) and not list(server.data.glob("*.backup-in-progress"))


def test_says_that_the_master_key_is_not_in_it(server, tmp_path):
    said = server.latchkey("backup", tmp_path / "x.db").stdout
    assert "Not in it: the master key, " + str(server.data / "master.key") in said
    key = (server.data / "master.key").read_bytes()
    assert key not in (tmp_path / "x.db").read_bytes()


def test_a_stopped_server_is_backed_up_too_and_left_as_it_is(stopped, tmp_path):
    stopped.start()
    stopped.stop()
    before = {path: path.stat().st_mtime_ns for path in stopped.data.glob("latchkey.db")}
    said = json.loads(stopped.latchkey("--json", "backup", tmp_path / "cold.db").stdout)
    assert said["organizations"] == 2
    assert query(tmp_path / "cold.db", "PRAGMA integrity_check") == "ok"
    assert before == {path: path.stat().st_mtime_ns for path in stopped.data.glob("latchkey.db")}
    assert not stopped.processes()


def test_what_a_killed_server_acknowledged_is_in_its_backup(stopped, tmp_path):
    """It is in the log alone, which nobody has moved into the database."""
    stopped.start()
    stopped.latchkey("org", "create", "newest")
    run, writer = stopped.pid("run"), stopped.pid("writer")
    # The writer first, which a dying supervisor would tell to stop in order; and that one may start no other.
    for pid, number in ((run, signal.SIGSTOP), (writer, signal.SIGKILL), (run, signal.SIGKILL)):
        os.kill(pid, number)
    await_that(lambda: not stopped.processes(), "the end of all processes")
    assert (stopped.data / "latchkey.db-wal").stat().st_size > 0
    stopped.latchkey("backup", tmp_path / "killed.db")
    assert query(tmp_path / "killed.db", "SELECT count(*) FROM organizations WHERE slug = 'newest'") == 1


def test_the_last_backup_is_told(stopped, tmp_path):
    stopped.start()
    assert "none yet" in stopped.latchkey("status").stdout
    began = int(time.time())
    stopped.latchkey("backup", "told.db", cwd=tmp_path)
    stopped.latchkey("backup", tmp_path / "no folder" / "x.db", check=False)  # fails: not the last one
    assert f"0 s ago: {tmp_path}/told.db" in re.sub(r"\d+ s ago", "0 s ago", stopped.latchkey("status").stdout)
    told = json.loads(stopped.latchkey("--json", "status").stdout)["last_backup"]
    assert told["file"] == str(tmp_path / "told.db")
    found = re.search(r"^latchkey_last_backup_timestamp_seconds (\d+)$", stopped.get("/metrics").text, re.M)
    assert began <= int(found.group(1)) <= time.time()
    stopped.stop()
    assert json.loads(stopped.latchkey("--json", "status", check=False).stdout)["last_backup"] == told


def test_a_backup_that_cannot_be_noted_is_good(stopped, tmp_path):
    (stopped.data / "last-backup").mkdir()
    done = stopped.latchkey("backup", tmp_path / "good.db")
    assert "the backup is good" in done.stderr and str(stopped.data / "last-backup") in done.stderr
    assert query(tmp_path / "good.db", "PRAGMA integrity_check") == "ok"


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda path: path.symlink_to("/etc/passwd")],
                         ids=["folder", "pipe", "link"])
def test_only_a_file_is_believed_to_be_of_a_last_backup(stopped, make):
    """The folder is the service user's; root asks."""
    stopped.start()
    make(stopped.data / "last-backup")
    assert "none yet" in stopped.latchkey("status").stdout
    assert re.search(r"^latchkey_last_backup_timestamp_seconds 0$", stopped.get("/metrics").text, re.M)


def test_nothing_is_written_over(server, made):
    path, _ = made
    before = path.read_bytes()
    assert "there already" in refused(server, CONFLICT, "backup", path)
    assert path.read_bytes() == before


def test_a_folder_gets_dated_backups_and_keeps_the_newest(server, tmp_path):
    old = [tmp_path / f"latchkey-2025010{day}T031500Z.db" for day in range(1, 6)]
    others = [tmp_path / name for name in ("latchkey-20250101T031500Z.db.old", "notes.txt", "latchkey-x.db")]
    left = tmp_path / "latchkey-20250106T031500Z.db.partial"  # by a command that was killed
    alone = tmp_path / "latchkey-20250107T031500Z.db.mac"  # of a backup that somebody removed
    for path in (*old, *map(mac_of, old), *others, left, alone):
        path.write_text("x")
    said = json.loads(server.latchkey("--json", "backup", tmp_path, "--keep", "3").stdout)
    made = tmp_path / said["file"].rsplit("/", 1)[1]
    assert re.fullmatch(r"latchkey-\d{8}T\d{6}Z\.db", made.name)
    assert set(tmp_path.iterdir()) == {made, mac_of(made), *old[3:], *map(mac_of, old[3:]), *others}
    assert set(said["removed"]) == {str(path) for path in (*old[:3], left)}


def test_without_keep_a_folder_keeps_all(server, tmp_path):
    (tmp_path / "latchkey-20250101T031500Z.db").write_text("x")
    server.latchkey("backup", tmp_path)
    assert len(list(tmp_path.glob("*.db"))) == 2 and len(list(tmp_path.glob("*.db.mac"))) == 1


def test_what_was_just_made_stays_where_the_clock_was_ahead(server, tmp_path):
    later = [tmp_path / f"latchkey-20990101T00000{i}Z.db" for i in range(2)]
    for path in later:
        path.write_bytes(b"of a clock that was ahead")
    made = Path(json.loads(server.latchkey("--json", "backup", tmp_path, "--keep", 2).stdout)["file"])
    assert made.exists() and all(path.exists() for path in later)


def test_the_name_of_an_unfinished_copy_is_refused(server):
    for name in ("latchkey.db.backup-in-progress", "x.backup-in-progress"):
        refused = server.latchkey("backup", server.data / name, check=False)
        assert refused.returncode == 2 and "unfinished copy" in refused.stderr


def test_a_running_server_is_not_taken_for_a_stopped_one(server, tmp_path):
    """With other settings than it runs with: its log could not empty as long as the copy takes."""
    refused = subprocess.run([server.bin / "latchkey", "--data", server.data, "backup", tmp_path / "x.db"],
                             env={**os.environ, "LATCHKEY_RUN_DIR": str(tmp_path / "elsewhere")}, capture_output=True,
                             text=True, timeout=60, check=False)
    assert refused.returncode == 4 and "a writer runs on" in refused.stderr and "--config" in refused.stderr
    assert not (tmp_path / "x.db").exists()


def test_wrong_words_are_told(server, tmp_path):
    assert "no folder" in refused(server, USAGE, "backup", tmp_path / "file", "--keep", "3")
    assert server.latchkey("backup", tmp_path, "--keep", "0", check=False).returncode == USAGE
    assert "no-such-folder" in refused(server, NOT_FOUND, "backup", tmp_path / "no-such-folder/x.db")


def test_without_a_database_there_is_none(tmp_path):
    with StoppedServer() as server:
        server.data.mkdir()
        assert "latchkey.db" in refused(server, NOT_FOUND, "backup", tmp_path / "x.db")
        assert not list(tmp_path.iterdir())


def test_progress_is_shown_on_a_terminal(server, tmp_path):
    terminal, child = pty.openpty()
    done = subprocess.run([server.bin / "latchkey", "--data", server.data, "backup", tmp_path / "x.db"],
                          env=server.environment, stderr=child, stdout=subprocess.PIPE, timeout=60, check=True)
    os.close(child)
    assert b"100 %, checking" in os.read(terminal, 65536)
    os.close(terminal)
    assert b"%" not in done.stdout


@pytest.mark.skipif(not IS_ROOT, reason="mounts a small disk")
def test_a_full_target_is_told_and_left_clean(server, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        assert "No space left" in refused(server, NOT_NOW, "backup", disk / "x.db")
        assert not list(disk.iterdir())
        await_that(lambda: not list(server.data.glob("*.backup-in-progress")), "the writer to remove its copy")
    finally:
        subprocess.run(["umount", disk], check=True)
    server.latchkey("backup", tmp_path / "x.db")


@pytest.mark.skipif(not IS_ROOT, reason="becomes another user")
def test_another_user_may_not_make_one(server, tmp_path):
    os.chmod(server.folder, 0o755)
    (tmp_path / "bin").mkdir()
    done = subprocess.run(
        ["/usr/bin/env", "LD_BIND_NOW=1", server.bin / "latchkey", "--data", server.data, "backup", "/tmp/not-made.db"],
        env=server.environment, user=65534, group=65534, extra_groups=[], cwd="/", capture_output=True, text=True,
        timeout=60, check=False)
    if "Permission denied" in done.stderr and "latchkey:" not in done.stderr:
        pytest.skip("another user cannot reach the build")
    assert done.returncode == FAILED and "run as that user or as root" in done.stderr
    assert not os.path.exists("/tmp/not-made.db")


# ---- verify ----

def test_verify_says_what_it_holds_and_that_the_key_is_good(server, made):
    path, said = made
    verified = json.loads(server.latchkey("--json", "verify", path).stdout)
    assert verified == {**{key: said[key] for key in verified if key in said}, "master_key": "opens it"}
    assert "every page was checked" in server.latchkey("verify", path).stdout


def test_verify_finds_damage(server, made, tmp_path):
    damaged = tmp_path / "damaged.db"
    content = bytearray(made[0].read_bytes())
    content[4 * 4096:4 * 4096 + 2000] = b"x" * 2000
    damaged.write_bytes(content)
    assert "damaged" in refused(server, FAILED, "verify", damaged)
    damaged.write_bytes(content[:4096])
    assert "cut off" in refused(server, FAILED, "verify", damaged)
    damaged.write_text("hello " * 100)
    assert "not an SQLite file" in refused(server, FAILED, "verify", damaged)
    assert "nothing.db" in refused(server, NOT_FOUND, "verify", tmp_path / "nothing.db")


@pytest.mark.parametrize("command", ["verify", "restore"])
def test_a_pipe_in_a_backups_place_holds_nobody_up(stopped, tmp_path, command):
    os.mkfifo(tmp_path / "pipe.db")
    done = stopped.latchkey(command, tmp_path / "pipe.db", check=False)
    assert done.returncode != 0 and "is no file" in done.stderr


def test_verify_finds_another_master_key(made):
    with StoppedServer() as server:
        server.data.mkdir()
        done = server.latchkey("--json", "verify", made[0], check=False)
        said = json.loads(done.stdout)
        assert said["master_key"].startswith("not checked") and said["authenticated"] is False
        assert done.returncode == CONFLICT and "not authenticated" in done.stderr and "backup.key" in done.stderr
        (server.data / "master.key").write_bytes(os.urandom(32))
        (server.data / "master.key").chmod(0o600)
        done = server.latchkey("verify", made[0], check=False)
        assert done.returncode == CONFLICT and "does not open 2 of the 2 signing keys" in done.stderr


# ---- what is in it that Latchkey did not make ----

OWNER_TRIGGER = """CREATE TRIGGER t AFTER INSERT ON sessions BEGIN INSERT OR IGNORE INTO memberships
    VALUES (new.user_id, x'01000000000070008000000000000001', 0, 0, x''); END"""


@pytest.mark.parametrize("sql, name", [
    (OWNER_TRIGGER, 'trigger "t" on sessions'),
    ("CREATE TRIGGER q BEFORE INSERT ON audit_events BEGIN SELECT RAISE(IGNORE); END", 'trigger "q"'),
    ("CREATE VIEW v AS SELECT 1", 'view "v"'),
    ("CREATE INDEX i ON users (lower(email))", 'index "i" on users'),
    ("ALTER TABLE users ADD COLUMN g TEXT AS (lower(email))", 'table "users"'),
    ("CREATE TABLE x (y)", 'table "x"'),
    ("ANALYZE", "sqlite_stat1"),
], ids=["owner", "audit", "view", "index", "column", "table", "statistics"])
def test_a_foreign_schema_is_refused_everywhere_and_named(stopped, made, tmp_path, sql, name):
    """By whoever reads a backup, and by whoever reads the database itself. Even with a MAC that fits."""
    path = tmp_path / "changed.db"
    shutil.copy2(made[0], path)
    change(path, sql)
    mac_of(path).write_text(hmac.digest(backup_key(stopped.data), path.read_bytes(), "sha256").hex() + "\n")
    for command in (("verify", path), ("restore", path), ("restore", path, "--unauthenticated")):
        assert name in refused(stopped, FAILED, *command)
    change(stopped.data / "latchkey.db", sql)
    for command in (("upgrade", "--check"), ("upgrade",), ("audit", "verify")):
        assert name in refused(stopped, FAILED, *command)
    doctor = json.loads(stopped.latchkey("--json", "doctor", check=False).stdout)
    assert [f for f in doctor if f["name"] == "schema" and f["level"] == "fail" and name in f["what"]], doctor


def test_a_server_does_not_start_on_a_foreign_schema(stopped):
    change(stopped.data / "latchkey.db", OWNER_TRIGGER)
    assert stopped.command("run", "--demo", "--background").returncode != 0
    assert 'trigger \\"t\\" on sessions is not Latchkey' in stopped.log(), stopped.log()


# ---- whether it is what was backed up ----

def test_the_mac_is_what_the_documentation_says(server, made):
    path, said = made
    assert said["mac"] == f"{path}.mac" and said["authenticated"] is True and mode(mac_of(path)) == 0o600
    mac = hmac.digest(backup_key(server.data), path.read_bytes(), "sha256").hex()
    assert mac_of(path).read_text() == mac + "\n"
    assert (server.data / "backup.key").read_bytes() == backup_key(server.data)
    assert mode(server.data / "backup.key") == 0o600


@pytest.mark.parametrize("sql", [
    "CREATE TEMP TABLE copied AS SELECT * FROM users LIMIT 1;"
    "UPDATE copied SET id = zeroblob(16), email = 'evil@x.example'; INSERT INTO users SELECT * FROM copied",
    "UPDATE memberships SET role = role", "PRAGMA user_version=1; DELETE FROM audit_events", "VACUUM"],
    ids=["row", "touched", "deleted", "vacuum"])
def test_a_changed_backup_is_refused(stopped, made, tmp_path, sql):
    path = tmp_path / "changed.db"
    shutil.copy2(made[0], path)
    shutil.copy2(mac_of(made[0]), mac_of(path))
    assert json.loads(stopped.latchkey("--json", "verify", path).stdout)["authenticated"] is True
    change(path, sql)
    if path.read_bytes() == made[0].read_bytes():
        path.write_bytes(path.read_bytes() + b"\0" * 4096)
    for command in (("verify", path), ("restore", path), ("restore", path, "--unauthenticated")):
        assert "does not fit" in refused(stopped, FAILED, *command)


def test_without_its_mac_a_backup_is_not_authenticated(stopped, made, tmp_path):
    path = tmp_path / "alone.db"
    shutil.copy2(made[0], path)
    done = stopped.latchkey("--json", "verify", path, check=False)
    assert done.returncode == CONFLICT and json.loads(done.stdout)["authenticated"] is False
    assert "not authenticated" in done.stderr and "alone.db.mac" in done.stderr
    assert "not authenticated" in stopped.latchkey("verify", path, check=False).stdout
    assert "--unauthenticated" in refused(stopped, CONFLICT, "restore", path)
    assert json.loads(stopped.latchkey("--json", "restore", path, "--unauthenticated").stdout)["authenticated"] is False
    shutil.copy2(mac_of(made[0]), mac_of(path))
    assert json.loads(stopped.latchkey("--json", "restore", path).stdout)["authenticated"] is True


@pytest.mark.parametrize("content", ["", "x", "0" * 63 + "\n", "0" * 65, "z" * 64, "0" * 100_000],
                         ids=["empty", "short", "odd", "long", "letters", "huge"])
def test_what_is_no_mac_is_refused(stopped, made, tmp_path, content):
    path = tmp_path / "strange.db"
    shutil.copy2(made[0], path)
    mac_of(path).write_text(content)
    for command in (("verify", path), ("restore", path, "--unauthenticated")):
        assert "strange.db.mac" in refused(stopped, FAILED, *command)
    mac_of(path).write_text("0" * 64)
    assert "does not fit" in refused(stopped, FAILED, "verify", path)


def test_either_key_verifies(stopped, made):
    master = (stopped.data / "master.key").read_bytes()
    (stopped.data / "master.key").unlink()
    assert json.loads(stopped.latchkey("--json", "verify", made[0]).stdout)["authenticated"] is True
    (stopped.data / "backup.key").unlink()
    (stopped.data / "master.key").write_bytes(master)
    (stopped.data / "master.key").chmod(0o600)
    assert json.loads(stopped.latchkey("--json", "verify", made[0]).stdout)["authenticated"] is True


def test_a_backup_by_who_cannot_read_the_master_key_has_its_mac(stopped, made, tmp_path):
    """As the timer's unit does. The master key verifies it."""
    kept = stopped.data.parent / "kept.key"
    (stopped.data / "master.key").rename(kept)
    stopped.latchkey("backup", tmp_path / "timer.db")
    kept.rename(stopped.data / "master.key")
    (stopped.data / "backup.key").unlink()
    assert json.loads(stopped.latchkey("--json", "verify", tmp_path / "timer.db").stdout)["authenticated"] is True


def test_a_folder_of_before_there_was_a_backup_key_gets_one(stopped, tmp_path):
    key = (stopped.data / "backup.key").read_bytes()
    (stopped.data / "backup.key").unlink()
    master = (stopped.data / "master.key").read_bytes()
    (stopped.data / "master.key").unlink()
    mac_of(tmp_path / "x.db").write_text("0" * 64)  # of a former file of this name
    done = stopped.latchkey("--json", "backup", tmp_path / "x.db", check=False)
    assert done.returncode == CONFLICT and "the backup is good, but not authenticated" in done.stderr
    assert json.loads(done.stdout)["authenticated"] is False and not mac_of(tmp_path / "x.db").exists()
    assert query(tmp_path / "x.db", "PRAGMA integrity_check") == "ok"
    (stopped.data / "master.key").write_bytes(master)
    (stopped.data / "master.key").chmod(0o600)
    for make in (lambda: stopped.latchkey("backup", tmp_path / "y.db"), stopped.start):
        make()
        assert (stopped.data / "backup.key").read_bytes() == key
        (stopped.data / "backup.key").write_bytes(os.urandom(32))  # of another master key


@pytest.fixture(name="planted")
def planted_fixture(made, tmp_path):
    """What somebody who may write where backups go would rather have there."""
    path = tmp_path / "planted.db"
    shutil.copy2(made[0], path)
    change(path, "UPDATE users SET password_hash = 'of the attacker'")
    return path


def backed_up_beside(server, planted, at, target):
    """By the command, while somebody puts `planted` in the place of the backup."""
    preloaded = {"LD_PRELOAD": str(server.bin / "latchkey-poor-folder.so"), "LATCHKEY_SWAP_AT": at,
                 "LATCHKEY_SWAP_FILE": str(planted),
                 "ASAN_OPTIONS": "verify_asan_link_order=0:" + server.environment.get("ASAN_OPTIONS", "")}
    return subprocess.run([server.bin / "latchkey", "--data", server.data, "backup", target],
                          env={**server.environment, **preloaded}, capture_output=True, text=True, timeout=60,
                          check=False)


@pytest.mark.parametrize("at", [".partial", ".db", ".mac"])
@pytest.mark.parametrize("is_served", [True, False], ids=["served", "stopped"])
def test_what_somebody_puts_in_a_backups_place_has_no_mac_that_fits(server, stopped, planted, tmp_path, at, is_served):
    (tmp_path / "shared").mkdir()
    target = tmp_path / "shared/new.db"
    done = backed_up_beside(server if is_served else stopped, planted, at, target)
    assert not planted.exists(), "it was put there"
    if target.exists():
        assert query(target, "SELECT count(*) FROM users WHERE password_hash = 'of the attacker'") > 0
        verified = stopped.latchkey("verify", target, check=False)
        assert verified.returncode == (FAILED if at == ".mac" else CONFLICT), verified
        assert ("does not fit" if at == ".mac" else "is not authenticated") in verified.stderr
    if at != ".mac":
        assert done.returncode == CONFLICT and "is not the copy that was made" in done.stderr, done
        assert not mac_of(target).exists()


@pytest.mark.skipif(os.stat("/dev/shm").st_dev == os.stat("/tmp").st_dev, reason="there is one file system")
def test_into_another_file_system_the_bytes_that_were_checked_are_copied(server, stopped, planted):
    folder = Path("/dev/shm") / f"latchkey-backup-test-{os.getpid()}"
    folder.mkdir()
    try:
        for one in (server, stopped):
            target = folder / f"{one.data.parent.name}.db"
            one.latchkey("backup", target)
            assert json.loads(one.latchkey("--json", "verify", target).stdout)["authenticated"] is True
            assert not list(one.data.glob("*.backup-in-progress")) or one is server  # whose writer removes it
        backed_up_beside(stopped, shutil.copy2(planted, folder / "planted.db"), ".db", folder / "new.db")
        assert not mac_of(folder / "new.db").exists()
    finally:
        shutil.rmtree(folder)


def test_a_copy_of_a_stopped_server_is_made_by_one_command_at_a_time(stopped, tmp_path):
    folder = os.open(stopped.data, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        assert "another backup is being made" in refused(stopped, CONFLICT, "backup", tmp_path / "x.db")
    finally:
        os.close(folder)
    stopped.latchkey("backup", tmp_path / "x.db")
    assert not list(stopped.data.glob("*.backup-in-progress"))


# ---- restore ----

def test_restore_refuses_while_the_server_runs(server, made):
    assert "stop it first" in refused(server, CONFLICT, "restore", made[0])
    assert server.device_code().status_code == 200


def test_a_restored_server_is_what_it_was_and_the_former_one_is_kept(server, stopped, tmp_path):
    server.latchkey("org", "create", "later")
    server.latchkey("backup", tmp_path / "later.db")
    server.latchkey("org", "delete", "later", "--yes")
    assert "later" not in slugs(stopped)
    said = json.loads(stopped.latchkey("--json", "restore", tmp_path / "later.db").stdout)
    assert "later" in slugs(stopped)
    former = said["former"]
    assert re.search(r"latchkey\.db\.before-restore-\d{8}T\d{6}Z$", former)
    assert query(former, "PRAGMA integrity_check") == "ok"
    assert query(former, "SELECT count(*) FROM organizations WHERE slug = 'later'") == 0
    stopped.latchkey("restore", former)  # which is a backup as good as any
    assert "later" not in slugs(stopped)
    assert not list(stopped.data.glob("*.restoring"))


def test_a_restored_server_serves(stopped):
    stopped.start()
    assert stopped.device_code().status_code == 200
    assert stopped.latchkey("status").returncode == 0


def test_restore_refuses_what_is_damaged_and_changes_nothing(stopped, made, tmp_path):
    damaged = tmp_path / "damaged.db"
    content = bytearray(made[0].read_bytes())
    content[4 * 4096:4 * 4096 + 2000] = b"x" * 2000
    damaged.write_bytes(content)
    before = (stopped.data / "latchkey.db").read_bytes()
    assert "damaged" in refused(stopped, FAILED, "restore", damaged)
    assert (stopped.data / "latchkey.db").read_bytes() == before
    assert not list(stopped.data.glob("*.restoring")) and not list(stopped.data.glob("*before-restore*T*-*"))


def test_what_is_put_aside_has_a_mac_only_if_it_is_sound(stopped, made):
    said = json.loads(stopped.latchkey("--json", "restore", made[0]).stdout)
    assert mac_of(said["former"]).exists()
    database = stopped.data / "latchkey.db"
    content = bytearray(database.read_bytes())
    content[4 * 4096:4 * 4096 + 2000] = b"x" * 2000
    database.write_bytes(content)
    done = stopped.latchkey("--json", "restore", made[0])
    former = json.loads(done.stdout)["former"]
    assert "gets no MAC" in done.stderr and "damaged" in done.stderr, done.stderr
    assert Path(former).read_bytes() == content and not mac_of(former).exists()


def test_restore_wants_the_master_key_of_the_backup(stopped, made):
    (stopped.data / "master.key").write_bytes(os.urandom(32))
    before = (stopped.data / "latchkey.db").read_bytes()
    said = refused(stopped, CONFLICT, "restore", made[0])
    assert "does not open" in said and "--without-key" in said
    assert (stopped.data / "latchkey.db").read_bytes() == before
    (stopped.data / "master.key").unlink()
    assert "master.key" in refused(stopped, CONFLICT, "restore", made[0])
    assert json.loads(stopped.latchkey("--json", "restore", made[0], "--without-key").stdout)["authenticated"]
    (stopped.data / "backup.key").unlink()
    assert "--unauthenticated" in refused(stopped, CONFLICT, "restore", made[0], "--without-key")
    stopped.latchkey("restore", made[0], "--without-key", "--unauthenticated")


def test_restore_refuses_while_a_process_has_the_database_open(stopped, made):
    """A pool that was left running would go on reading the former file for ever."""
    reader = sqlite3.connect(stopped.data / "latchkey.db")
    reader.execute("PRAGMA journal_mode=WAL")
    reader.execute("SELECT count(*) FROM users").fetchone()
    assert "open in another process" in refused(stopped, NOT_NOW, "restore", made[0])
    reader.close()
    stopped.latchkey("restore", made[0])


def test_restore_keeps_a_damaged_database_with_its_log(stopped, made):
    database = stopped.data / "latchkey.db"
    database.write_bytes(b"x" * 8192)
    (stopped.data / "latchkey.db-wal").write_bytes(b"log")
    former = json.loads(stopped.latchkey("--json", "restore", made[0]).stdout)["former"]
    with open(former, "rb") as kept, open(former + "-wal", "rb") as log:
        assert kept.read() == b"x" * 8192 and log.read() == b"log"
    assert slugs(stopped) >= {"acme", "platform"}


def test_restore_never_joins_a_backup_with_the_log_of_another_database(stopped, made):
    (stopped.data / "latchkey.db").unlink()
    (stopped.data / "latchkey.db-wal").write_bytes(b"of the file that is gone")
    stopped.latchkey("restore", made[0])
    assert not (stopped.data / "latchkey.db-wal").exists()
    assert [path.read_bytes() for path in stopped.data.glob("*before-restore*-wal")] == [b"of the file that is gone"]


@pytest.mark.skipif(not IS_ROOT, reason="becomes another user")
def test_root_backs_up_and_restores_the_data_of_a_service_user(made, tmp_path):
    """Into and out of a folder that is root's alone; the data stay their owner's."""
    os.chmod(tmp_path, 0o700)
    with StoppedServer() as server:
        os.chmod(server.folder, 0o755)
        server.data.mkdir(mode=0o700)
        shutil.copy2(made[0].parents[0] / "made.db", tmp_path / "first.db")
        (server.data / "master.key").write_bytes(os.urandom(32))
        (server.data / "master.key").chmod(0o600)
        for path in (server.data, server.data / "master.key"):
            os.chown(path, 12345, 12345)
        server.latchkey("restore", tmp_path / "first.db", "--without-key", "--unauthenticated")
        assert {path.stat().st_uid for path in server.data.rglob("*")} == {12345}
        server.latchkey("backup", tmp_path / "cold.db")
        assert mac_of(tmp_path / "cold.db").stat().st_uid == 0
        assert mode(server.data / "backup.key") == 0o600
        assert (tmp_path / "cold.db").stat().st_uid == 0 and mode(tmp_path / "cold.db") == 0o600
        assert {path.stat().st_uid for path in server.data.rglob("*")} == {12345}
