"""`latchkey init`: a folder that can serve, made once; the demo beside it."""

import json
import os
import stat
import subprocess

import pytest
from harness import BIN, Browser, Server, StoppedServer, await_that
from measure.own_server import processes_on

URL = "https://login.example.com"


def latchkey(data, *arguments, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LATCHKEY_")}
    return subprocess.run([BIN / "latchkey", "--data", data, *arguments], env={**clean, **environment},
                          capture_output=True, text=True, timeout=60, check=False)


def init(data, *more, url=URL, owner="You@Example.com"):
    return latchkey(data, *more, "init", "--public-url", url, "--owner", owner)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def contents(data):
    """Every file init answers for. (The database's own files are opened by readers.)"""
    return {path: path.read_bytes() for path in data.iterdir() if path.is_file() and ".db" not in path.name}


@pytest.fixture(name="data")
def data_fixture(tmp_path):
    return tmp_path / "data"


def test_init_makes_what_serving_needs(data):
    done = init(data, "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["owner"] == "you@example.com"
    assert made["link"].startswith(URL + "/set-password?token=") and len(made["link"].split("token=")[1]) == 64
    assert mode(data) == 0o700 and mode(data / "master.key") == 0o600 and mode(data / "latchkey.toml") == 0o600
    assert f'public_url = "{URL}"' in (data / "latchkey.toml").read_text()
    keys = json.loads(latchkey(data, "--json", "keys", "list").stdout)
    assert sorted((key["alg"], key["state"]) for key in keys) == [("ES256", "current"), ("RS256", "current")]
    services = json.loads(latchkey(data, "--json", "service", "list", "--org", "platform").stdout)
    assert [(row["slug"], row["client_id"]) for row in services] == [("admin-cli", "platform-admin-cli")]


def test_init_leaves_no_process_and_no_socket(data):
    assert init(data).returncode == 0
    assert processes_on(data) == {}
    assert not list((data / "run").glob("*.sock"))


def test_a_second_init_changes_nothing_and_says_so(data):
    init(data)
    before = contents(data)
    done = init(data, owner="other@example.com", url="https://other.example.com")
    assert done.returncode == 4 and done.stdout == ""
    assert "initialised already" in done.stderr and "you@example.com" in done.stderr
    assert contents(data) == before
    users = json.loads(latchkey(data, "--json", "user", "list", "--org", "platform").stdout)
    assert [user["email"] for user in users] == ["you@example.com"]


def test_init_does_not_overrule_a_settings_file(data):
    data.mkdir()
    (data / "latchkey.toml").write_text('[server]\npublic_url = "https://mine.example.com"\n')
    done = init(data)
    assert done.returncode == 4 and "https://mine.example.com" in done.stderr
    assert not (data / "master.key").exists()
    assert init(data, url="https://mine.example.com").returncode == 0


def test_a_cut_short_init_is_finished_by_the_next(data):
    """As after a kill between the master key and the database."""
    data.mkdir(mode=0o700)
    key = os.urandom(32)
    (data / "master.key").write_bytes(key)
    (data / "master.key").chmod(0o600)
    assert init(data).returncode == 0
    assert (data / "master.key").read_bytes() == key


def test_a_lost_master_key_is_not_replaced(data):
    init(data)
    (data / "master.key").unlink()
    assert latchkey(data, "run").returncode != 0
    done = latchkey(data, "user", "reset", "--org", "platform", "you@example.com")
    assert done.returncode == 3 and "master.key" in done.stderr
    assert not (data / "master.key").exists()


@pytest.mark.parametrize("url, owner", [("login.example.com", "a@b.c"), (URL + "/?x", "a@b.c"), (URL, "nobody")])
def test_wrong_words_make_nothing(data, url, owner):
    assert init(data, url=url, owner=owner).returncode == 2
    assert not data.exists()


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    done = init(tmp_path / "file" / "data")
    assert done.returncode != 0 and len(done.stderr.strip().splitlines()) == 1


def test_a_too_long_folder_is_one_clear_line(tmp_path):
    done = init(tmp_path / ("x" * 100) / "data")
    assert done.returncode != 0 and "107" in done.stderr


def test_the_owners_link_works_once_the_server_runs():
    with Server() as server:
        link = json.loads(server.latchkey("--json", "user", "create", "--org", "platform", "boss@x.example",
                                          "--owner", "--invite").stdout)["link"]
        browser = Browser(server)
        assert browser.open(link.removeprefix(server.url)).status_code == 200


def test_the_demo_is_seeded_once_and_found_again():
    with Server() as server:
        first = (server.data / "demo.env").read_text()
        assert mode(server.data / "demo.env") == 0o600
        server.latchkey("user", "delete", "--org", "acme", server.demo["DEMO_EMAIL"], "--yes")
        server.stop()
        server.start()
        assert (server.data / "demo.env").read_text() == first
        # What an operator deleted does not come back with a password that lies in a file.
        gone = server.latchkey("user", "show", "--org", "acme", server.demo["DEMO_EMAIL"], check=False)
        assert gone.returncode == 3


def test_the_demo_stays_out_of_a_folder_that_init_made():
    with StoppedServer() as server:
        assert latchkey(server.data, "init", "--public-url", server.url, "--owner", "a@b.c").returncode == 0
        server.run_in_foreground(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_writer(server)
        shown = server.latchkey("demo")
        assert server.url in shown.stdout and not (server.data / "demo.env").exists()
        assert [org["slug"] for org in json.loads(server.latchkey("--json", "org", "list").stdout)] == ["platform"]


def wait_for_writer(server):
    await_that(lambda: server.latchkey("status", check=False).returncode == 0, "the server serves")
