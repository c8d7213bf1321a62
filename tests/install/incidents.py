"""The incidents of docs/operations.md on an installed machine: each made in earnest, seen where the page says that it
shows, and ended by what the page says to do. And the way back from an upgrade."""

import re
import shutil
from pathlib import Path

from machine import expect

DATA = "/var/lib/latchkey"
SCHEMAS = Path(__file__).parents[1] / "store/schemas"
SQL = Path(__file__).parents[2] / "sql"
SLOW_FDATASYNC_MS = 150


class Incidents:
    """On the machine of `walk` (tests/install/walk), which serves and is left serving. `live`: folder of its certificate."""

    def __init__(self, walk, url, live):
        self.walk = walk
        self.machine = walk.machine
        self.url = url
        self.live = live

    # ---- what an operator looks at ----

    def status_of(self, command):
        out = self.machine.run(f"curl -sS -m 20 -o /root/body -w '%{{http_code}} %{{content_type}} %header{{retry-after}}' {command}",
                               check=False).stdout.split()
        return int(out[0]) if out else 0, out[1:]

    def code(self):
        """The status of asking for a device code."""
        return self.status_of(f"-d client_id=acme-cli {self.url}/oauth/device_authorization")[0]

    def jwks(self):
        return self.status_of(f"{self.url}/.well-known/jwks.json")[0]

    def await_code(self, wanted, what):
        self.machine.await_that(lambda: self.code() == wanted, what)

    def expect_refusal(self):
        status, rest = self.status_of(f"-d client_id=acme-cli {self.url}/oauth/device_authorization")
        expect(status == 503 and len(rest) == 2 and rest[0].startswith("application/json") and int(rest[1]) > 0,
               f"not a 503 in JSON with Retry-After: {status} {rest}")

    def shows(self, command, pattern):
        """What the page says that it shows."""
        self.machine.await_that(lambda: re.search(pattern, self.machine.run(command + " 2>&1", check=False).stdout),
                                f"{pattern} in {command}")
        self.walk.run(command, check=False)

    def stop(self):
        self.walk.run("systemctl stop latchkey.target")
        expect(not self.machine.run("pgrep -x 'latchkey-w.*'", check=False).stdout, "something of it runs on")

    def start(self):
        self.walk.run("systemctl start latchkey.target")
        self.walk.serves()

    def writer(self):
        return self.machine.run("pgrep -o latchkey-writer", check=False).stdout.strip()

    # ---- the incidents, in the order of the page ----

    def full_disk(self):
        """The disk is full"""
        self.stop()
        self.machine.run(f"rm -rf /root/kept && cp -a {DATA} /root/kept && mount -t tmpfs -o size=400m tmpfs {DATA} && "
                         f"cp -a /root/kept/. {DATA}/")
        self.start()
        writer = self.writer()
        self.machine.run(f"head -c 1G /dev/zero > {DATA}/ballast", check=False)
        self.await_code(503, "writes are refused")
        self.expect_refusal()
        expect(self.jwks() == 200, "reads do not go on")
        self.shows("latchkey status", "disk full")
        self.shows("latchkey doctor", r"(?m)^fail +disk")
        self.walk.run(f"rm {DATA}/ballast")
        self.await_code(200, "it works again by itself")
        expect(self.writer() == writer, "the writer was restarted")
        self.stop()
        self.machine.run(f"rm -rf /root/kept && cp -a {DATA} /root/kept && umount {DATA} && find {DATA} -mindepth 1 -delete && "
                         f"cp -a /root/kept/. {DATA}/")
        self.start()

    def writer_down(self):
        """The writer hangs, is stopped, cannot start"""
        self.walk.run("pkill -STOP latchkey-writer")
        self.expect_refusal()
        expect(self.status_of(f"{self.url}/readyz")[0] == 503, "/readyz is not 503")
        expect(self.jwks() == 200, "reads do not go on")
        self.shows("latchkey doctor", "the writer is silent")
        self.shows("latchkey status; echo exit $?", "exit 5")
        self.explained()
        self.walk.run("systemctl kill -s KILL latchkey-writer")
        self.await_code(200, "the next writer serves")
        self.walk.run("systemctl stop latchkey-writer.socket latchkey-writer.service")
        self.await_code(503, "writes are refused")
        self.walk.run("systemctl start latchkey-writer")
        self.await_code(200, "it serves again")
        self.stop()
        self.machine.run(f"cp -a {DATA}/latchkey.db /root/sound.db && head -c 100000 /dev/urandom | "
                         f"dd of={DATA}/latchkey.db conv=notrunc status=none")
        self.walk.run("systemctl start latchkey.target")
        self.shows("journalctl -u latchkey-writer -n 50 -o cat", "(?i)damaged|not a database")
        self.stop()
        self.machine.run(f"rm -f {DATA}/latchkey.db-* && cp -a /root/sound.db {DATA}/latchkey.db")
        self.start()

    def explained(self):
        """What LatchkeyErrors advises: a 503 of the access log, explained."""
        find = r"sed -n 's/.* 503 .* request_id=\([0-9a-f]*\) .*/\1/p' /var/log/latchkey/access.log | tail -1"
        self.machine.await_that(lambda: self.machine.run(find).stdout.strip(), "nginx's line of the 503")
        out = self.walk.run("journalctl -u 'latchkey*' -o cat | latchkey explain $(" + find + ") /var/log/latchkey/access.log -")
        expect("writer" in out, out)

    def unreachable(self):
        """502: the sockets are gone; nginx may not open them"""
        for what, reason in (("rm /run/latchkey/api-*.sock", "No such file or directory"),
                             ("chmod 0600 /run/latchkey/api-*.sock", "Permission denied")):
            self.walk.run(what)
            self.machine.run("systemctl reload nginx")  # kept connections to children would serve on
            self.await_code(503, "nobody is reached")
            self.expect_refusal()
            self.shows("tail -n 5 /var/log/latchkey/error.log", r"api-\d\.sock failed \(\d+: " + reason)
            self.walk.run("systemctl restart latchkey-api.socket latchkey-login.socket")
            self.await_code(200, "they are reached again")

    def slow(self):
        """It is slow: the disk takes its time; then it fails"""
        with self.tracing(f"delay_exit={SLOW_FDATASYNC_MS * 1000}"):
            for _ in range(5):
                expect(self.code() == 200, "a slow disk failed a request")
            asking = self.machine.start("for i in $(seq 30); do curl -sS -o /dev/null -d client_id=acme-cli "
                                        f"{self.url}/oauth/device_authorization; done")
            self.shows("latchkey top --once | grep ^writer", rf"commit ({SLOW_FDATASYNC_MS // 100}|\d)\d\d")
            self.shows("journalctl -u latchkey-writer -o cat | grep slow_commit | tail -1", r"duration_ms=\d{3}")
            asking.communicate(timeout=60)
        writer = self.writer()
        statuses = []
        with self.tracing("error=EIO"):
            self.machine.await_that(lambda: statuses.append(self.code()) or self.writer() not in ("", writer),
                                    "the writer that met an error of fdatasync is gone")
        expect(set(statuses) <= {200, 503}, f"other answers: {statuses}")
        self.await_code(200, "the next one serves")

    def tracing(self, fault):
        return Tracing(self, fault)

    def certificate(self):
        """The certificate expired"""
        self.machine.run("cd /root/ca && openssl x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -days 0 -extfile names -out expired.pem"
                         f" && cp expired.pem {self.live}/fullchain.pem && systemctl reload nginx")
        self.machine.await_that(lambda: self.machine.run(f"curl -sS {self.url}/healthz", check=False).returncode == 60,
                                "clients refuse to connect")
        self.shows("latchkey doctor", r"(?m)^fail +tls")
        self.walk.run(f"cp /root/ca/fullchain.pem {self.live}/fullchain.pem && systemctl reload nginx")  # certbot renew
        self.walk.serves()
        self.shows("latchkey doctor", r"(?m)^ok +tls|^warn +tls.*ends")

    def master_key(self):
        """The master key is lost: the saved copy; then a new one"""
        put = f"install -o latchkey -g latchkey -m 600 %s {DATA}/master.key"
        self.walk.run(f"mv {DATA}/master.key /root/master.key")
        expect(self.code() == 200, "a running server does not go on")
        self.walk.run("latchkey backup /root/now.db")
        self.walk.run("systemctl restart latchkey-api", check=False)
        self.shows("systemctl status latchkey-api", "CREDENTIALS")
        self.shows("latchkey doctor", r"(?m)^fail +master_key")
        self.walk.run(put % "/root/master.key")
        self.await_code(200, "it serves again by itself")
        self.stop()
        self.walk.run("head -c 32 /dev/urandom | " + put % "/dev/stdin")
        self.start()
        expect("acme" not in self.sign_in(check=False), "something was issued with a key that nobody has")
        self.walk.run("latchkey keys rotate --now --all")
        expect("alice@acme.example" in self.sign_in(), "nobody signs in with the new key")

    def sign_in(self, check=True):
        return self.walk.run(f"python3 person.py sign-in {self.url} acme-cli alice@acme.example 'correct horse battery'",
                             check=check)

    def upgraded(self):
        """An upgrade from a database of the first version, and its way back"""
        oldest = sorted(SCHEMAS.glob("*.sql"))[0]
        if len(list(SQL.glob("*.sql"))) == 1:
            self.walk.say("no release has an older schema yet: tests/ctl/upgrade_test.py has programs with a newer one")
            return
        shutil.copy(oldest, self.machine.root / "root/oldest.sql")
        self.stop()
        make = ("import sqlite3; d = sqlite3.connect('latchkey.db'); d.executescript(open('/root/oldest.sql').read()); "
                "d.execute('PRAGMA journal_mode=WAL'); d.close()")
        self.machine.run(f"cd {DATA} && mkdir /root/present && mv latchkey.db* /root/present/ && python3 -c \"{make}\" && "
                         "chown --reference=. latchkey.db && chmod --reference=/root/present/latchkey.db latchkey.db")
        schema = "python3 -c \"import sqlite3; print(*sqlite3.connect('file:%s?mode=ro', uri=True).execute('PRAGMA user_version').fetchone())\""
        old = self.machine.run(schema % f"{DATA}/latchkey.db").stdout.strip()
        self.walk.run("latchkey upgrade --check")
        self.start()
        new = self.machine.run(schema % f"{DATA}/latchkey.db").stdout.strip()
        expect(int(new) > int(old), f"schema {old}, then {new}")
        expect(self.machine.run(f"ls {DATA}/latchkey.db.schema-{old}").stdout, "no snapshot")
        self.stop()
        self.walk.run("latchkey upgrade --rollback")
        expect(self.machine.run(schema % f"{DATA}/latchkey.db").stdout.strip() == old, "not rolled back")
        expect(self.machine.run(f"ls {DATA}/latchkey.db.before-rollback-*").stdout, "the present was not kept")
        self.machine.run(f"cd {DATA} && rm -f latchkey.db* && mv /root/present/latchkey.db* .")
        self.start()

    def go(self):
        for step in (self.full_disk, self.writer_down, self.unreachable, self.slow, self.certificate, self.master_key,
                     self.upgraded):
            self.walk.say(step.__doc__)
            step()
            expect("alice@acme.example" in self.sign_in(), "afterwards nobody signs in")


class Tracing:
    """strace(1) changes what fdatasync does to the writer, as long as the block."""

    def __init__(self, incidents, fault):
        self.machine = incidents.machine
        self.command = ("exec strace -f -qq -o /root/strace.log -e trace=fdatasync,fsync "
                        f"-e inject=fdatasync,fsync:{fault} -p {incidents.writer()}")
        self.writer = incidents.writer()
        self.process = None

    def __enter__(self):
        self.process = self.machine.start(self.command)
        self.machine.await_that(lambda: not self.machine.run(f"grep '^TracerPid:.0$' /proc/{self.writer}/status",
                                                             check=False).stdout or self.process.poll() is not None,
                                "strace is there")
        expect(self.process.poll() is None, "strace ended")

    def __exit__(self, *_):
        self.machine.run("pkill -x strace", check=False)
        self.process.communicate(timeout=20)
