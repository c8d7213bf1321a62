"""People who come with the password hashes of another program: they sign in through nginx as they did there, and after
that with a hash of ours."""

import base64
import hashlib
import json
import unicodedata

import pytest
from harness import Browser, Server

PASSWORD = "correct horse battery"

# Of PASSWORD, made by the programs themselves (tests/crypto/foreign_hash_test.cc says by which).
HASHES = {
    "bcrypt-2a": "$2a$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
    "bcrypt-2b": "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
    "bcrypt-2y": "$2y$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
    "django-bcrypt": "bcrypt$$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
    "django-bcrypt-sha256": "bcrypt_sha256$$2b$05$abcdefghijklmnopqrstuuGcuILa2E37uJs3NexF6McyNsliG6nJW",
    "passlib-sha256": "$pbkdf2-sha256$29000$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9a.pU4Luq.gdp.ic",
    "passlib-sha512": "$pbkdf2-sha512$25000$EBESExQVFhcYGRobHB0eHw$"
                      "sQVpJelF2EbgUF2fY/7l9Q1KVzdpBrl20ID0JGORebsb3DdsLWVNV90CwbHT/N.4Hzmrl2Op8DjAwxrAuuRRXg",
    "passlib-sha1": "$pbkdf2$131000$EBESExQVFhcYGRobHB0eHw$IyId6ECHtepmCP50kG0aawQZnkc",
    "phc-sha256": "$pbkdf2-sha256$i=29000,l=32$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9a+pU4Luq+gdp+ic",
    "django-sha256": "pbkdf2_sha256$1000000$Qx3n1nWm5XkU$1yVTcFUZf99NYW/68et+55i0OSX9rCqlII7oTwygq/U=",
    "django-sha1": "pbkdf2_sha1$1000000$Qx3n1nWm5XkU$GdsWWHctoxbhJp93V2kFQoftSxw=",
    "werkzeug-pbkdf2": "pbkdf2:sha256:1000$aB3dE5gH7jK9mN1p$"
                       "0bd383dea5564b7045ef721d54a8fa79b720b66a63c2a5bec837d9b1a3f917a0",
    "passlib-scrypt": "$scrypt$ln=14,r=8,p=1$EBESExQVFhcYGRobHB0eHw$H25zc1jOjX8CcU6mloBEuYcbYX/P9dRAT0qJDNk4ZCI",
    "django-scrypt": "scrypt$16384$Qx3n1nWm5XkU$8$5$9c6f9jFt9jF5E3HKJiIG7K4ZGAPjw6givFfUYta0HOAw1CgyJRsmT6WSNN7mlZgV"
                     "7H6velIPhCUfy3yhlRDGEg==",
    "werkzeug-scrypt": "scrypt:16384:8:1$aB3dE5gH7jK9mN1p$9d27215e79f93da6b7dbeeb675e60f89bbf4bee0ae72b5cdf6297f31034a2a"
                       "8b0cba8e3e9c9822be4f993589110720d0dc5fd260760916b30f1c628906c22a24",
    "argon2i": "$argon2i$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$YJGAvKj5qMsNSKiRbHeobQaeGOmGgkv8kvHffzL9ZpY",
    "argon2d": "$argon2d$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$z7jERwaI61JsPubes4r+RIMCmbiY4J7FKu/S6lXUwM4",
    "argon2id": "$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$avUvXNtnn/GNZVscoS8F6XVDSn5QnlrimsKMNNw4iI8",
    "padded-argon2id": "$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA==$avUvXNtnn/GNZVscoS8F6XVDSn5QnlrimsKMNNw4iI8=",
    "padded-pbkdf2": "$pbkdf2-sha256$i=29000,l=32$EBESExQVFhcYGRobHB0eHw==$52vJlomN6wbiITe538SRFjpo9jL9a+pU4Luq+gdp+ic=",
    "padded-scrypt": "$scrypt$ln=14,r=8,p=1$EBESExQVFhcYGRobHB0eHw==$H25zc1jOjX8CcU6mloBEuYcbYX/P9dRAT0qJDNk4ZCI=",
    "spring-bcrypt": "{bcrypt}$2a$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
    "dovecot-bcrypt": "{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
    "ldap-crypt": "{CRYPT}$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
    "ldap-pbkdf2": "{PBKDF2-SHA256}29000$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9a.pU4Luq.gdp.ic",
    "ldap-pbkdf2-sha1": "{PBKDF2}131000$EBESExQVFhcYGRobHB0eHw$IyId6ECHtepmCP50kG0aawQZnkc",
    "openldap-argon2": "{ARGON2}$argon2i$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$YJGAvKj5qMsNSKiRbHeobQaeGOmGgkv8kvHffzL9ZpY",
    "django-argon2": "argon2$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                     "avUvXNtnn/GNZVscoS8F6XVDSn5QnlrimsKMNNw4iI8",
}


def email_of(name):
    return f"{name}@example.com"


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1, password_attempts_per_address=1000) as server:
        lines = ["email,password_hash"] + [f'{email_of(name)},"{value}"' for name, value in HASHES.items()]
        done = server.latchkey("--json", "user", "import", "-", "--org", "acme", "--weak-hashes", stdin="\n".join(lines))
        assert json.loads(done.stdout)["imported"] == len(HASHES)
        yield server


def stored(server, email):
    """The hash of a user, as the database has it."""
    lines = server.latchkey("org", "export", "acme", "--with-password-hashes").stdout.splitlines()
    users = [json.loads(line) for line in lines if '"type":"user"' in line]
    return next(user["password_hash"] for user in users if user["email"] == email)


def try_to_sign_in(server, email, password):
    """The page that a browser ends on."""
    browser = Browser(server)
    browser.open("/sign-in?org=acme")
    return browser.sign_in(email, password)


@pytest.mark.parametrize("name", sorted(HASHES))
def test_signs_in_as_elsewhere_and_gets_a_hash_of_ours(server, name):
    email = email_of(name)
    imported = stored(server, email)
    assert "not right" in try_to_sign_in(server, email, PASSWORD + "!").text
    assert stored(server, email) == imported, "a wrong password changes nothing"
    tokens = server.sign_in_device(email=email, password=PASSWORD, scope="email")
    assert server.get("/api/user", tokens["access_token"]).json()["email"] == email
    ours = stored(server, email)
    assert ours.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "not right" in try_to_sign_in(server, email, PASSWORD + "!").text
    assert "not right" not in try_to_sign_in(server, email, PASSWORD).text
    assert stored(server, email) == ours
    assert server.get("/api/user", tokens["access_token"]).status_code == 200, "no grant ended"


def test_a_disabled_user_comes_disabled(server):
    line = json.dumps({"email": "gone@example.com", "status": "disabled", "password_hash": HASHES["bcrypt-2b"]})
    server.latchkey("user", "import", "-", "--org", "acme", "--weak-hashes", stdin=line)
    assert "not right" in try_to_sign_in(server, "gone@example.com", PASSWORD).text


def test_a_new_password_by_link_ends_the_foreign_one(server):
    line = json.dumps({"email": "link@example.com", "password_hash": HASHES["bcrypt-2b"]})
    server.latchkey("user", "import", "-", "--org", "acme", "--weak-hashes", stdin=line)
    link = json.loads(server.latchkey("--json", "user", "reset", "--org", "acme", "link@example.com").stdout)["link"]
    browser = Browser(server)
    browser.open(link.replace(server.url, ""))
    browser.submit("/set-password/save", password="another good one", repeated="another good one")
    assert "not right" in try_to_sign_in(server, "link@example.com", PASSWORD).text
    assert "not right" not in try_to_sign_in(server, "link@example.com", "another good one").text


def import_one(server, email, value, *options):
    """What the command said of the one line."""
    done = server.latchkey("user", "import", "-", "--org", "acme", *options, check=False,
                           stdin=json.dumps({"email": email, "password_hash": value}))
    return done.stdout + done.stderr


def test_a_hash_as_good_as_ours_stays_and_is_ours(server):
    server.latchkey("user", "create", "--org", "acme", "--email", "made@example.com", "--password-stdin", stdin=PASSWORD)
    made = stored(server, "made@example.com")
    head, salt, value = made.rsplit("$", 2)
    padded = "$".join([head, salt + "=" * (-len(salt) % 4), value + "=" * (-len(value) % 4)])
    assert padded != made
    import_one(server, "moved@example.com", padded)
    assert "not right" in try_to_sign_in(server, "moved@example.com", PASSWORD + "!").text
    assert "not right" not in try_to_sign_in(server, "moved@example.com", PASSWORD).text
    assert stored(server, "moved@example.com") == made


@pytest.mark.parametrize("value, says", [
    ("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$avUvXNtnn/GNZVscoS8F6XVDSn5QnlrimsKMNNw4iI8", "OWASP's least"),
    (HASHES["bcrypt-2b"], "OWASP's least is 10"),
    (HASHES["werkzeug-pbkdf2"], "600000"),
    (HASHES["passlib-scrypt"], "2^17"),
    ("{SSHA}DkMTwBl+a/3DfY+MZHmnBZ+UMExw2Qdz", "too fast"),
])
def test_what_is_too_weak_is_refused_with_what_to_do(server, value, says):
    said = import_one(server, "weak@example.com", value)
    assert says in said and "invite" in said, said


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_password_is_right_as_it_was_typed_elsewhere_and_on_every_keyboard_after(server, form):
    password = unicodedata.normalize(form, "zwölf große Bücher")
    other = unicodedata.normalize("NFC" if form == "NFD" else "NFD", password)
    assert password != other
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt of another", 600000)
    email = f"{form}@example.com".lower()
    import_one(server, email, "pbkdf2_sha256$600000$salt of another$" + base64.b64encode(digest).decode())
    assert "not right" not in try_to_sign_in(server, email, password).text
    assert stored(server, email).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "not right" not in try_to_sign_in(server, email, password).text
    assert "not right" not in try_to_sign_in(server, email, other).text
    assert "not right" in try_to_sign_in(server, email, password + "!").text
