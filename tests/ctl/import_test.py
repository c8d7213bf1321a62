"""`latchkey user import` and `latchkey org export`: what they take, refuse and say, and that a run which was cut short
is finished by the next one."""

import gzip
import json
import os
import re
import signal
import stat
import subprocess

import pytest
from harness import BIN, Server, await_that

FAILED, USAGE, NOT_FOUND, UNAVAILABLE = 1, 2, 3, 5
BCRYPT = "$2b$12$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo."


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server() as server:
        yield server


@pytest.fixture(name="org")
def org_fixture(server, request):
    slug = re.sub("[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[-50:].strip("-")
    server.latchkey("org", "create", slug)
    return slug


def run_import(server, org, file, *options, code=0, stdin=None):
    """What it counted, and the finished process."""
    done = server.latchkey("--json", "user", "import", str(file), "--org", org, *options, check=False, stdin=stdin)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout else None, done


def emails(server, org):
    users = json.loads(server.latchkey("--json", "user", "list", "--org", org, "--limit", "10000").stdout)
    return [user["email"] for user in users]


def exported(server, org, *options):
    return [json.loads(line) for line in server.latchkey("org", "export", org, *options).stdout.splitlines()]


def test_good_rows_come_in_and_bad_ones_are_reported(server, org, tmp_path):
    file, report = tmp_path / "users.csv", tmp_path / "refused.jsonl"
    file.write_text("email,password_hash,status\r\n"
                    f"ann@example.com,{BCRYPT},\r\n"
                    "no address,,\r\n"
                    "bob@example.com,$2b$31$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.,\r\n"
                    '"cid@example.com",,disabled\r\n'
                    "ANN@example.com,,\r\n"
                    "\r\n"
                    + "x" * 9000 + "@example.com,,\r\n")
    counted, done = run_import(server, org, file, "--report", report, code=FAILED)
    assert (counted["imported"], counted["refused"], counted["lines"]) == (2, 4, 8)
    assert counted["password_hashes"] == {"bcrypt": 1, "none": 1}
    assert "4 lines were refused" in done.stderr
    refused = [json.loads(line) for line in report.read_text().splitlines()]
    assert sorted(row["line"] for row in refused) == [3, 4, 6, 8]
    reasons = {row["line"]: row["reason"] for row in refused}
    assert "e-mail" in reasons[3] and "cost 31" in reasons[4] and "twice" in reasons[6] and "8192" in reasons[8]
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert BCRYPT not in report.read_text() + done.stdout + done.stderr
    assert emails(server, org) == ["ann@example.com", "cid@example.com"]
    again, _ = run_import(server, org, file, "--report", report, code=FAILED)
    assert (again["imported"], again["there_already"], again["refused"]) == (0, 3, 3)


def test_a_dry_run_finds_the_same_and_writes_nothing(server, org):
    rows = "email\nann@example.com\nnobody\n"
    counted, done = run_import(server, org, "-", "--dry-run", code=FAILED, stdin=rows)
    assert counted["dry_run"] is True
    assert (counted["imported"], counted["refused"]) == (1, 1)
    assert "line 3: " in done.stderr
    assert emails(server, org) == []


ID = "01900000-0000-7000-8000-00000000%04x"


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


# Each is run dry and then in earnest, in an organization where "there@x.example" has the id 1 already; the id 2 is
# of a user of another one.
MATRIX = {
    "good": lines({"email": "a@x.example"}, {"email": "b@x.example", "id": ID % 10}),
    "address_twice": lines({"email": "q@x.example"}, {"email": "q@x.example"}, {"email": "Q@X.example"}),
    "id_twice": lines({"email": "a@x.example", "id": ID % 10}, {"email": "b@x.example", "id": ID % 10}),
    "id_of_a_user": lines({"email": "a@x.example", "id": ID % 1}),
    "id_of_another_organization": lines({"email": "a@x.example", "id": ID % 2}),
    "there": lines({"email": "there@x.example"}, {"email": "there@x.example", "id": ID % 10}),
    "there_with_another_id": lines({"email": "There@X.example", "id": ID % 2}, {"email": "b@x.example", "id": ID % 2}),
    "address_of_a_refused_line": lines({"email": "a@x.example", "id": ID % 1}, {"email": "a@x.example"}),
    "id_of_a_refused_line": lines({"email": "nobody", "id": ID % 10}, {"email": "a@x.example", "id": ID % 10}),
    "id_of_a_line_that_is_there": lines({"email": "there@x.example", "id": ID % 10},
                                        {"email": "a@x.example", "id": ID % 10}),
    "hashes": lines({"email": "a@x.example", "password_hash": BCRYPT},
                    {"email": "b@x.example", "password_hash": BCRYPT.replace("$12$", "$31$")},
                    {"email": "c@x.example", "password_hash": "secret"}),
    "types": lines({"type": "user", "email": "a@x.example"}, {"type": "human", "email": "b@x.example"},
                   {"type": "plan", "name": "pro"}, {"type": 1, "email": "c@x.example"}),
    "broken": lines({"email": "a@x.example"}) + '{"email":\n[]\n7\nnull\n"x"\n',
    "csv": "email;id\r\na@x.example;\r\nA@x.example;\r\nb@x.example;7\r\n;;\r\n",
    "header_alone": "email\n",
    "passed_over_alone": lines({"type": "export", "version": 1}, {"type": "end", "user": 0}),
    "a_file_of_another_kind": "[]",
    "empty": "",
}


@pytest.mark.parametrize("case", MATRIX)
def test_a_dry_run_tells_what_the_real_run_does(server, org, case):
    other = org + "-other"
    server.latchkey("org", "create", other)
    there = [{"email": "there@x.example", "id": ID % 1}, {"email": "other@x.example", "id": ID % 2}]
    for slug, row in zip((org, other), there):
        # Ids are the server's: each case has its own.
        row["id"] = row["id"].replace("7000", f"7{list(MATRIX).index(case):03x}")
        run_import(server, slug, "-", stdin=json.dumps(row))
    text = MATRIX[case].replace("-7000-", f"-7{list(MATRIX).index(case):03x}-")
    said = []
    for options in (["--dry-run"], []):
        done = server.latchkey("--json", "user", "import", "-", "--org", org, *options, check=False, stdin=text)
        counted = json.loads(done.stdout) if done.stdout else {}
        for name in ("dry_run", "rows_per_second"):
            counted.pop(name, None)
        said.append((done.returncode, counted, done.stderr))
    assert said[0] == said[1]


def test_a_type_that_no_export_has_is_refused(server, org):
    """Not passed over in silence."""
    counted, done = run_import(server, org, "-", code=FAILED, stdin=lines({"type": "human", "email": "q@x.example"}))
    assert (counted["refused"], counted["passed_over"], counted["imported"]) == (1, 0, 0)
    assert "line 1: type human" in done.stderr


def test_tables_of_spreadsheets_are_taken(server, org, tmp_path):
    for number, text in enumerate(("\ufeffE-Mail;Status\r\na{0}@x.example;disabled\r\n",
                                   "email\tstatus\na{0}@x.example\tdisabled\n",
                                   " Email , STATUS\na{0}@x.example , disabled\n",
                                   "sep=;\nemail;status\n\"a{0}@x.example\";\"disabled\"\n")):
        file = tmp_path / f"{number}.csv"
        file.write_text(text.format(number), encoding="utf-8", newline="")
        counted, _ = run_import(server, org, file)
        assert counted["imported"] == 1
        user = json.loads(server.latchkey("--json", "user", "show", "--org", org, f"a{number}@x.example").stdout)
        assert user["status"] == "disabled"


KINDS = {
    "utf16": ("email\na@x.example\n".encode("utf-16"), "UTF-16"),
    "utf16_without_a_mark": ("email\na@x.example\n".encode("utf-16-le"), "UTF-16"),
    "array": (b'[{"email":"a@x.example"},\n{"email":"b@x.example"}]\n', "JSON array"),
    "indented": (json.dumps({"email": "a@x.example"}, indent=2).encode(), "over several lines"),
    "keycloak": (json.dumps({"id": "1", "realm": "acme", "users": [{"email": "a@x.example"}]}, indent=2).encode(),
                 "Keycloak"),
    "firebase": (json.dumps({"users": [{"localId": "x", "email": "a@x.example"}] * 500}).encode(), "Firebase"),
    "auth0": (b'{"_id":{"$oid":"6"},"email":"a@x.example","passwordHash":"$2b$10$x"}\n' * 3, "Auth0"),
    "gzip": (gzip.compress(b"email\na@x.example\n"), "compressed"),
    "xlsx": (b"PK\x03\x04" + bytes(100), "spreadsheet"),
    "html": (b"<!doctype html>\n<title>Sign in</title>\n", "HTML page"),
    "sql": (b"-- dump\nINSERT INTO users VALUES (1);\n", "SQL dump"),
    "old_mac": (b"email\ra@x.example\rb@x.example\r", "carriage return"),
    "empty": (b"", "empty"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_another_kind_is_told_in_one_sentence(server, org, tmp_path, kind):
    content, words = KINDS[kind]
    for name in ("users", "users.csv", "users.jsonl"):
        (tmp_path / name).write_bytes(content)
        done = server.latchkey("user", "import", tmp_path / name, "--org", org, check=False)
        assert done.returncode == USAGE and words in done.stderr, (name, done.stderr)
        assert len(done.stderr.splitlines()) == 1 and done.stdout == ""
    assert emails(server, org) == []


def test_a_folder_is_told_to_be_one(server, org, tmp_path):
    done = server.latchkey("user", "import", tmp_path, "--org", org, check=False)
    assert done.returncode == USAGE and "is a folder" in done.stderr


def test_ids_times_and_states_stay_as_they_were(server, org):
    row = {"email": "ann@example.com", "id": "01900000-0000-7000-8000-00000000abcd", "status": "disabled",
           "email_verified": False, "created_at": "2019-05-06T07:08:09Z"}
    run_import(server, org, "-", stdin=json.dumps(row))
    user = json.loads(server.latchkey("--json", "user", "show", "--org", org, "ann@example.com").stdout)
    assert {name: user[name] for name in row} == row
    taken = dict(row, email="bob@example.com")
    _, done = run_import(server, org, "-", code=FAILED, stdin=json.dumps(taken))
    assert "id is somebody's already" in done.stderr


def test_a_file_of_another_kind_is_refused_before_anything_is_written(server, org):
    for text, words in (("", "empty"), ("name,mail\nann,ann@example.com\n", "unknown column name"),
                        ("email,password\na@example.com,secret\n", "as hashes alone")):
        done = server.latchkey("user", "import", "-", "--org", org, check=False, stdin=text)
        assert done.returncode == USAGE and words in done.stderr, done.stderr
    assert server.latchkey("user", "import", "/nonexistent", "--org", org, check=False).returncode != 0
    assert server.latchkey("user", "import", "-", "--org", "nobody", check=False).returncode == NOT_FOUND
    platform = server.latchkey("user", "import", "-", "--org", "platform", check=False, stdin="email\na@example.com\n")
    assert platform.returncode == USAGE and "one by one" in platform.stderr


def test_many_rows_go_in_few_batches_and_a_second_run_finds_them_there(server, org, tmp_path):
    file = tmp_path / "users.jsonl"
    with file.open("w") as out:
        for number in range(20_000):
            out.write(json.dumps({"email": f"user{number:06}@example.com", "password_hash": BCRYPT}) + "\n")
    before = json.loads(server.latchkey("--json", "status").stdout)["writer"]
    counted, _ = run_import(server, org, file)
    after = json.loads(server.latchkey("--json", "status").stdout)["writer"]
    assert counted["imported"] == 20_000
    assert after["records"] - before["records"] >= 20_000
    assert after["batches"] - before["batches"] < 1_000, "many in a batch"
    again, _ = run_import(server, org, file)
    assert (again["imported"], again["there_already"]) == (0, 20_000)
    rest, _ = run_import(server, org, file, "--from-line", "19991")
    assert (rest["passed_over"], rest["there_already"]) == (19_990, 10)


def test_a_writer_that_is_killed_meanwhile_loses_and_doubles_nothing(server, org, tmp_path):
    file = tmp_path / "users.csv"
    file.write_text("email\n" + "".join(f"user{number:06}@example.com\n" for number in range(60_000)))
    with subprocess.Popen([BIN / "latchkey", "--data", server.data, "--json", "user", "import", file, "--org", org],
                          env=server.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        await_that(lambda: len(emails(server, org)) > 100, "some rows")
        os.kill(server.pid("writer"), signal.SIGKILL)
        out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    assert json.loads(out)["imported"] == 60_000
    assert sum(1 for row in exported(server, org) if row["type"] == "user") == 60_000


def test_a_run_that_is_cut_short_is_finished_by_the_next(server, org, tmp_path):
    file = tmp_path / "users.csv"
    file.write_text("email\n" + "".join(f"user{number:06}@example.com\n" for number in range(60_000)))
    with subprocess.Popen([BIN / "latchkey", "--data", server.data, "user", "import", file, "--org", org],
                          env=server.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        await_that(lambda: len(emails(server, org)) > 100, "some rows")
        process.kill()
    there = sum(1 for row in exported(server, org) if row["type"] == "user")
    assert 100 < there < 60_000
    counted, _ = run_import(server, org, file)
    assert counted["imported"] + counted["there_already"] == 60_000
    assert counted["there_already"] >= there


def test_an_export_has_all_of_an_organization_and_ends_with_its_counts(server):
    rows = exported(server, "acme")
    assert rows[0]["type"] == "export" and rows[0]["version"] == 1
    assert [row["slug"] for row in rows if row["type"] == "organization"] == ["acme"]
    assert "acme-cli" in [row["client_id"] for row in rows if row["type"] == "service"]
    assert "pro" in [row["name"] for row in rows if row["type"] == "plan"]
    subscriptions = [row for row in rows if row["type"] == "subscription"]
    assert ("alice@acme.example", "cli", "pro") in [(row["email"], row["service"], row["plan"]) for row in subscriptions]
    counts = {kind: number for kind, number in rows[-1].items() if kind != "type"}
    assert rows[-1]["type"] == "end"
    assert counts == {kind: sum(row["type"] == kind for row in rows) for kind in counts}
    text = server.latchkey("org", "export", "acme").stdout
    assert "password_hash" not in text and "$argon2id$" not in text
    assert all(user["password_hash"].startswith("$argon2id$")
               for user in exported(server, "acme", "--with-password-hashes") if user["type"] == "user")


def test_an_export_of_one_is_the_import_of_another(server, org, tmp_path):
    file = tmp_path / "acme.jsonl"
    server.latchkey("org", "export", "acme", "--with-password-hashes", "--output", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    users = [row for row in map(json.loads, file.read_text().splitlines()) if row["type"] == "user"]
    # On the same server their ids are taken: another server would keep them.
    for row in users:
        del row["id"]
    counted, _ = run_import(server, org, "-", stdin="".join(json.dumps(row) + "\n" for row in users))
    assert counted["imported"] == len(users)
    service = json.loads(server.latchkey("--json", "service", "create", "--org", org, "--slug", "cli").stdout)
    tokens = server.sign_in_device(service["client_id"], email=server.demo["DEMO_EMAIL"],
                                   password=server.demo["DEMO_PASSWORD"])
    assert server.get("/api/user", tokens["access_token"]).json()["org"] == org


def test_an_export_that_does_not_fit_is_no_success(server):
    done = server.latchkey("org", "export", "acme", "--output", "/dev/full", check=False)
    assert done.returncode == UNAVAILABLE and "written whole" in done.stderr
