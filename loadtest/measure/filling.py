"""Fills a database with millions of rows: some through latchkey-seed, all others as their copies, made while the
server is down.

Through the writer alone ten million grants take an hour, most of it in the seeder. A copy has an id of its own
beside its original's (the last two bytes differ), so ids stay in order of time, the indexes get as many entries as
real use would give them, and the seeded tokens, which clients send, lie evenly among all rows."""

import shutil
import sqlite3
import time

from .instance import Failed
from .terminal import say

REAL_SESSIONS = 100_000
MOST_COPIES = 1000
# In the file: 900 with its device code, its token and a tenth of a live code, and room to grow; the sorting of indexes
# takes a part of it for a while.
BYTES_PER_SESSION = 1500
CACHE_MB = 2048

COPY_OF = "CAST(substr({0}, 1, 14) || c.tail AS BLOB)"  # both blobs: || keeps every byte

# Different for every copy, and in no order: an odd factor permutes the numbers below 2^32.
USER_CODE = "printf('%04X-%04X', {n} * 2654435761 % 4294967296 / 65536, {n} * 2654435761 % 65536)".format(
    n="(o.rowid * (SELECT count(*) FROM temp.copies) + c.number)")

# Of which rows there are copies, and what these have of their own; all other columns are the original's.
LIVE_CODES = [("device_codes", "state = 0 AND device_name = 'latchkey-seed'",
               {"id": COPY_OF, "secret_hash": "randomblob(32)", "user_code": USER_CODE})]
SESSIONS = [("device_codes", "state = 3", {"id": COPY_OF, "grant_id": COPY_OF, "secret_hash": "randomblob(32)"}),
            ("grants", "true", {"id": COPY_OF}),
            ("access_tokens", "true", {"id": COPY_OF, "grant_id": COPY_OF, "token_hash": "randomblob(32)"})]
# A real code may look like one of these.
NAME_LIVE_CODES = """INSERT OR IGNORE INTO live_user_codes (user_code, organization_id, device_code_id, client_row_id,
                                                             network)
  SELECT user_code, organization_id, id, client_row_id, 0 FROM device_codes WHERE state = 0 AND id NOT IN
    (SELECT device_code_id FROM live_user_codes) ORDER BY user_code"""


def check_room(folder, grants):
    needed = grants * BYTES_PER_SESSION
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise Failed(f"{grants:,} grants take about {needed / 1e9:.0f} GB, and {folder} has "
                     f"{free / 1e9:.0f}: set TMPDIR to a larger one")


class Database:
    """The file of a stopped server, without a WAL: a crash here loses nothing that anybody was told."""

    def __init__(self, path):
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=DELETE", "journal_mode=OFF", "synchronous=OFF",
                       f"cache_size=-{CACHE_MB * 1024}", "temp_store=FILE"):
            self._db.execute("PRAGMA " + pragma).fetchall()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pragma in ("synchronous=FULL", "journal_mode=WAL"):
            self._db.execute("PRAGMA " + pragma).fetchall()
        self._db.close()

    def copy(self, table, where, changed, copies):
        """`copies` of each row of `table`, in order of their ids; its indexes are built when all are there."""
        columns = [row[1] for row in self._db.execute(f"PRAGMA table_info({table})")]
        values = [changed.get(name, "{0}").format("o." + name) for name in columns]
        indexes = self._db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?"
                                   " AND sql IS NOT NULL", (table,)).fetchall()
        for name, _ in indexes:
            self._db.execute(f"DROP INDEX {name}")
        self._db.execute("CREATE TEMP TABLE copies (number INTEGER NOT NULL PRIMARY KEY, tail BLOB NOT NULL)")
        self._db.executemany("INSERT INTO copies VALUES (?, ?)",
                             [(number, number.to_bytes(2, "big")) for number in range(copies)])
        self._db.execute(f"CREATE TEMP TABLE originals AS SELECT * FROM {table} WHERE {where}")
        self._db.execute(f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"
                         " FROM temp.originals o CROSS JOIN temp.copies c ORDER BY o.rowid, c.number")
        self._db.execute("DROP TABLE temp.originals")
        self._db.execute("DROP TABLE temp.copies")
        for _, sql in indexes:
            self._db.execute(sql)

    def name_live_codes(self):
        self._db.execute(NAME_LIVE_CODES)

    def count(self, table):
        return self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def _copy(database, tables, copies, began):
    for table, where, changed in tables:
        database.copy(table, where, changed, copies)
        say(f"{time.monotonic() - began:.0f} s: {database.count(table):,} {table}")


def fill(instance, seeded, grants, live_codes):
    """Into the organizations of `seeded`, a folder of latchkey-seed's, whose tokens.txt then has the tokens that were
    seeded among all grants. The server is stopped and started again."""
    check_room(instance.folder, grants + live_codes)
    copies = -(-grants // REAL_SESSIONS) - 1
    if copies > MOST_COPIES:
        raise Failed(f"{REAL_SESSIONS * MOST_COPIES:,} grants at most")
    began = time.monotonic()
    real = -(-grants // (copies + 1))
    real_codes = -(-live_codes // (copies + 1))
    say(f"{real:,} grants and {real_codes:,} live device codes through the writer")
    former = {"organizations-from": seeded / "organizations.txt"}
    instance.seed(seeded, tokens=real, pending=real_codes, **former)
    if copies > 0:
        say(f"{copies} copies of each while the server is down")
        instance.stop()
        with Database(f"{instance.data}/latchkey.db") as database:
            _copy(database, LIVE_CODES, copies, began)
            database.name_live_codes()
            _copy(database, SESSIONS, copies, began)
        instance.start()
    say(f"filled in {time.monotonic() - began:.0f} s")
