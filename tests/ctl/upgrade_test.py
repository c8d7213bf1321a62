"""`latchkey upgrade`: from every released schema to this version's, and to one after it, and back."""

import contextlib
import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from harness import BIN, StoppedServer

NOT_FOUND, CONFLICT = 3, 4
SCHEMAS = sorted((Path(__file__).parents[1] / "store/schemas").glob("*.sql"))
NEWEST = max(int(path.name[:4]) for path in (Path(__file__).parents[2] / "sql").glob("*.sql"))
PROGRAMS = {"this": (BIN, NEWEST), "next": (Path(BIN).parent / "next", NEWEST + 1)}  # tests/next
COUNT_USERS = "SELECT count(*) FROM users"


def database_of(server):
    return server.data / "latchkey.db"


def ask(path, sql):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchone()[0]


def change(path, sql):
    database = sqlite3.connect(path)
    database.executescript(sql)
    database.close()


def upgrade(server, *options):
    return json.loads(server.latchkey("--json", "upgrade", *options).stdout)


def refused(server, code, *arguments):
    done = server.latchkey(*arguments, check=False)
    assert done.returncode == code and len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


@pytest.fixture(name="server", params=[(path, program) for path in SCHEMAS for program in PROGRAMS],
                ids=lambda param: f"{param[0].stem}-{param[1]}")
def server_fixture(request):
    """A stopped server whose database an old version made; `newest` is the schema of its programs."""
    schema, program = request.param
    with StoppedServer() as server:
        server.bin, server.newest = PROGRAMS[program]
        server.data.mkdir(mode=0o700)
        change(database_of(server), schema.read_text(encoding="utf-8") + ";PRAGMA journal_mode=WAL;")
        (server.data / "master.key").write_bytes(os.urandom(32))
        (server.data / "master.key").chmod(0o600)
        yield server


def test_check_says_what_would_be_done_and_does_nothing(server):
    schema = ask(database_of(server), "PRAGMA user_version")
    said = upgrade(server, "--check")
    assert said["schema"] == schema and said["newest_schema"] == server.newest
    assert [int(name[:4]) for name in said["pending"]] == list(range(schema + 1, server.newest + 1))
    size = database_of(server).stat().st_size
    assert said["database_bytes"] == size and said["free_bytes"] > 0
    assert (said["needed_bytes"] > 2 * size) == bool(said["pending"])
    assert ask(database_of(server), "PRAGMA user_version") == schema
    assert not list(server.data.glob("*.schema-*"))


def test_upgrade_brings_it_to_this_versions_schema_and_again_does_nothing(server):
    schema = ask(database_of(server), "PRAGMA user_version")
    users = ask(database_of(server), COUNT_USERS)
    said = server.latchkey("upgrade").stdout
    assert ("nothing to do" in said) == (schema == server.newest)
    assert ask(database_of(server), "PRAGMA user_version") == server.newest
    assert ask(database_of(server), COUNT_USERS) == users
    assert ask(database_of(server), "PRAGMA integrity_check") == "ok"
    assert (server.data / f"latchkey.db.schema-{schema}").exists() == (schema < server.newest)
    assert "nothing to do" in server.latchkey("upgrade").stdout


def test_a_newer_schema_is_refused_and_left_alone(server):
    change(database_of(server), "PRAGMA user_version=999")
    for arguments in (("upgrade", "--check"), ("upgrade",)):
        said = refused(server, CONFLICT, *arguments)
        assert "schema 999" in said and f"knows up to {server.newest}" in said
    assert ask(database_of(server), "PRAGMA user_version") == 999


def test_the_snapshot_has_a_mac_and_a_changed_one_is_not_put_back(server):
    schema = ask(database_of(server), "PRAGMA user_version")
    snapshot = server.data / f"latchkey.db.schema-{schema}"
    server.latchkey("upgrade")
    if schema == server.newest:
        server.latchkey("backup", snapshot)
    assert json.loads(server.latchkey("--json", "verify", snapshot, check=False).stdout)["authenticated"] is True
    change(database_of(server), "PRAGMA user_version=999")
    change(snapshot, "DELETE FROM memberships; DELETE FROM users")
    assert "does not fit" in refused(server, 1, "upgrade", "--rollback")
    change(snapshot, "CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END")
    assert 'trigger "t"' in refused(server, 1, "upgrade", "--rollback")
    assert ask(database_of(server), "PRAGMA user_version") == 999


def test_after_a_rollback_each_file_has_its_own_mac_or_none(server):
    schema = ask(database_of(server), "PRAGMA user_version")
    snapshot = server.data / f"latchkey.db.schema-{schema}"
    server.latchkey("backup", snapshot)
    change(database_of(server), "PRAGMA user_version=999")
    said = json.loads(server.latchkey("--json", "upgrade", "--rollback").stdout)
    assert said["authenticated"] is True
    assert not list(server.data.glob("latchkey.db.schema-*.mac"))
    assert (server.data / (said["former"] + ".mac")).exists()


def test_rollback_puts_the_snapshot_back_and_keeps_the_present(server):
    """As after an upgrade to a schema that this version does not even know."""
    schema = ask(database_of(server), "PRAGMA user_version")
    snapshot = server.data / f"latchkey.db.schema-{schema}"
    server.latchkey("backup", snapshot)
    users = ask(snapshot, COUNT_USERS)
    change(database_of(server), "PRAGMA user_version=999; DELETE FROM users;")
    said = json.loads(server.latchkey("--json", "upgrade", "--rollback").stdout)
    assert ask(database_of(server), "PRAGMA user_version") == schema
    assert ask(database_of(server), COUNT_USERS) == users
    assert ask(said["former"], "PRAGMA user_version") == 999 and ask(said["former"], COUNT_USERS) == 0
    assert "no snapshot" in refused(server, NOT_FOUND, "upgrade", "--rollback")


def test_a_damaged_snapshot_is_not_put_back(server):
    schema = ask(database_of(server), "PRAGMA user_version")
    shutil.copy2(database_of(server), server.data / f"latchkey.db.schema-{schema}")  # with its log elsewhere
    change(database_of(server), "PRAGMA user_version=999")
    assert server.latchkey("upgrade", "--rollback", check=False).returncode == 1
    assert ask(database_of(server), "PRAGMA user_version") == 999


def test_nothing_is_upgraded_or_rolled_back_while_it_is_served(server):
    server.start()
    assert "stop it first" in refused(server, CONFLICT, "upgrade", "--rollback")
    assert "nothing to do" in server.latchkey("upgrade").stdout


def test_wrong_words_are_told():
    with StoppedServer() as server:
        server.data.mkdir()
        assert server.latchkey("upgrade", "--check", "--rollback", check=False).returncode == 2
        assert "latchkey.db" in refused(server, NOT_FOUND, "upgrade", "--check")
