"""The rows of docs/operations.md on an installed machine: the command of each, and what its output must hold."""

import json
import re

from machine import expect

# (what the page says it is for, the command as root, a pattern of its output)
WATCHED = (
    ("what it does now", "latchkey top --once", r"(?s)serving.*api-1"),
    ("the same, once", "latchkey status", r"(?s)writer.*serving"),
    ("what is wrong with the machine", "latchkey doctor", r"(?m)^ok +master_key"),
    ("what may be explained", "latchkey explain --list", r"writer_silent"),
    ("a child answers", "curl -sS {url}/healthz", r"ok"),
    ("a write was committed", "curl -sS -o /dev/null -w '%{{http_code}}' {url}/readyz", r"^200$"),
    ("what Prometheus asks", "curl -sS {url}/metrics", r"(?m)^latchkey_writer_up 1$"),
    ("nobody who comes through a proxy", "curl -sS -o /dev/null -w '%{{http_code}}' -H 'X-Forwarded-For: 127.0.0.1' {url}/metrics",
     r"^403$"),
)
AUDITED = (
    ("sign-ins that fail", "latchkey audit tail --event sign_in.failed", r""),
    ("who changed this service", "latchkey audit export --org acme --event service.created", r"service\.created"),
    ("everything about a person", "latchkey audit export --org acme --user alice@acme.example", r"device\.redeemed"),
    ("for a log system", "latchkey audit export --after 1", r'"sequence"'),
    ("that it was not touched", "latchkey --json audit verify > /root/heads.json; cat /root/heads.json", r"\{"),
    ("the same, later", "latchkey audit verify --against /root/heads.json", r""),
)
KEYS = (
    ("where they are", "latchkey keys list", r"ES256 +current"),
    ("what is due", "latchkey keys rotate --all", r""),
    ("other times", "latchkey keys rotate --all --every 30d --publish-for 2d", r""),
    ("a new key at once", "latchkey keys rotate --now", r""),
    ("the former ones verify", "latchkey keys list", r"retired"),
)
IN_BULK = (
    ("tried dry", "latchkey user import /root/users.csv --org acme --dry-run --report /root/refused.jsonl || test $? = 1",
     r"refused: +1"),
    ("run", "latchkey user import /root/users.csv --org acme --report /root/refused.jsonl || test $? = 1", r"imported: +1"),
    ("the report", "cat /root/refused.jsonl", r'"line"'),
    ("all of an organization", "latchkey org export acme --with-password-hashes | tee /root/acme.jsonl", r"\$argon2id\$"),
    ("read again", "latchkey user import /root/acme.jsonl --org acme --report /root/again.jsonl", r"there already: +2"),
)
BACKUP = "/var/lib/latchkey/backup"


class DayToDay:
    """On the machine of `walk` (tests/install/walk), which serves."""

    def __init__(self, walk, url):
        self.walk = walk
        self.machine = walk.machine
        self.url = url

    def rows(self, rows):
        for what, command, pattern in rows:
            out = self.walk.run(command.format(url=self.url))
            expect(re.search(pattern, out), f"{what}: {command}\n{out}")

    def watch(self):
        self.rows(WATCHED)
        head = self.machine.run(f"curl -sS -D - -o /dev/null -d client_id=nobody {self.url}/oauth/device_authorization")
        request_id = re.search(r"(?i)x-request-id: (\w+)", head.stdout).group(1)
        explain = f"journalctl -u 'latchkey*' -o cat | latchkey explain {request_id} /var/log/latchkey/access.log -"
        self.machine.await_that(lambda: request_id in self.machine.run("cat /var/log/latchkey/access.log").stdout,
                                "nginx's line of the refused request")
        out = self.walk.run(explain)
        expect("client_id" in out, out)

    def audit(self):
        self.rows(AUDITED)

    def keys(self):
        self.rows(KEYS)
        listed = json.loads(self.walk.run("latchkey --json keys list"))
        kid = next(key["kid"] for key in listed if key["state"] == "current")
        self.walk.run(f"latchkey keys retire --kid={kid} --yes")
        published = self.walk.run(f"curl -sS {self.url}/.well-known/jwks.json")
        expect(kid not in published, f"{kid} leaked and is published: {published}")

    def bulk(self):
        self.machine.run("printf 'email,status\\nbob@acme.example,active\\nnot an address,active\\n' > /root/users.csv")
        self.rows(IN_BULK)

    def timers(self):
        """Each fires: what it does daily, now."""
        self.walk.run("systemctl enable --now latchkey-backup.timer latchkey-keys.timer")
        for name in ("backup", "keys"):
            folder = f"/run/systemd/system/latchkey-{name}.timer.d"
            self.machine.run(f"mkdir -p {folder} && printf '[Timer]\\nOnActiveSec=1\\nRandomizedDelaySec=0\\n'"
                             f" > {folder}/now.conf && systemctl daemon-reload")
            self.walk.run(f"systemctl restart latchkey-{name}.timer")
            ended = f"systemctl show --value -p ExecMainExitTimestampMonotonic latchkey-{name}.service"
            self.machine.await_that(lambda ask=ended: self.machine.run(ask).stdout.strip() not in ("", "0"),
                                    f"latchkey-{name}.service ran")
            result = self.machine.run(f"systemctl show --value -p Result latchkey-{name}.service").stdout.strip()
            expect(result == "success", f"latchkey-{name}.service: {result}\n"
                   + self.machine.run(f"journalctl -u latchkey-{name} -o cat").stdout)
            self.machine.run(f"rm -r {folder} && systemctl daemon-reload && systemctl restart latchkey-{name}.timer")

    def backup(self):
        """The newest copy verified, restored, and what came after it gone."""
        newest = self.machine.run(f"ls {BACKUP}/*.db | tail -1").stdout.strip()
        self.walk.run(f"latchkey verify {newest}")
        expect(newest in self.walk.run("latchkey status"), "status tells where the last backup is")
        told = self.walk.run(f"curl -sS {self.url}/metrics")
        expect(re.search(r"(?m)^latchkey_last_backup_timestamp_seconds [1-9]", told), "/metrics tells when it was made")
        self.walk.run("latchkey --data /var/lib/latchkey backup /root/by-name.db")  # through the writer as well
        self.walk.run("latchkey org create after-the-backup")
        refused = self.machine.run("latchkey stop", check=False)
        expect(refused.returncode != 0 and "systemctl stop latchkey.target" in refused.stderr, refused.stdout + refused.stderr)
        self.walk.run("systemctl stop latchkey.target")
        self.walk.run(f"latchkey restore {newest}")
        self.walk.run("systemctl start latchkey.target")
        self.walk.serves()
        orgs = self.walk.run("latchkey org list")
        expect("acme" in orgs and "after-the-backup" not in orgs, orgs)
        self.walk.run("latchkey upgrade --check")

    def go(self):
        for step in (self.watch, self.audit, self.keys, self.bulk, self.timers, self.backup):
            step()
