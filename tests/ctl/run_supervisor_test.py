"""`latchkey run` and `latchkey stop`: starting, staying up, reloading, stopping, and clear errors."""

import json
import os
import pty
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest
from harness import BIN, StoppedServer, await_that, process_is_there
from measure.own_server import children_of
from measure.ports import free_port

IS_ROOT = os.geteuid() == 0


@pytest.fixture
def server():
    with StoppedServer() as started:
        yield started.start()


def one_line(text):
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    return lines[0]


def test_answers_when_start_returns_and_leaves_nothing_after_stop(server):
    assert server.get("/readyz").status_code == 200
    assert server.device_code().status_code == 200
    pids = server.processes()
    assert len(pids) >= 10  # run, writer, two pools and their children, nginx and its workers

    assert server.command("stop").stdout == "stopped\n"

    assert not any(process_is_there(pid) for pid in pids)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))
    assert not list((server.data / "run").glob("*.pid"))


def test_second_start_finds_its_data_again(server):
    env = (server.data / "demo.env").read_text()
    server.command("stop")
    server.start()
    assert (server.data / "demo.env").read_text() == env
    assert server.device_code().status_code == 200


def test_folder_files_and_sockets_are_the_owners_alone(server):
    for path in [server.data, *server.data.rglob("*")]:
        others = stat.S_IMODE(path.stat().st_mode) & 0o007
        assert others == 0, f"{path} is open to others"
    assert stat.S_IMODE((server.data / "master.key").stat().st_mode) == 0o600


def test_second_instance_names_the_first(server):
    done = server.command("run", "--demo")
    assert done.returncode == 1
    assert f"(pid {server.pid('run')})" in one_line(done.stderr)
    assert server.get("/healthz").status_code == 200


@pytest.mark.parametrize("shared", [False, True])
def test_port_in_use_is_one_line_and_nothing_starts(shared):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, shared)  # as nginx's sockets are
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with StoppedServer(port=taken.getsockname()[1]) as server:
            done = server.command("run", "--demo")
            assert done.returncode == 1
            line = one_line(done.stderr)
            assert f"port {server.port} is in use" in line and "PORT=" in line
            assert server.processes() == []


def test_two_servers_side_by_side():
    with StoppedServer() as one, StoppedServer() as other:
        one.start()
        other.start()
        one.command("stop")
        assert other.device_code().status_code == 200


def test_without_a_master_key_it_says_how_to_get_one():
    with StoppedServer() as server:
        done = server.command("run")
        assert done.returncode == 1
        assert "latchkey init" in one_line(done.stderr)


def test_a_database_without_its_key_is_not_given_another(server):
    server.command("stop")
    (server.data / "master.key").unlink()
    done = server.command("run", "--demo")
    assert done.returncode == 1
    assert "backup" in one_line(done.stderr)
    assert not (server.data / "master.key").exists()


def test_too_long_a_socket_path_is_one_line():
    with StoppedServer() as server:
        server.data = server.folder / ("x" * 120)
        done = server.command("run", "--demo")
        assert done.returncode == 1
        assert "shorter data folder" in one_line(done.stderr)
        assert not server.data.exists(), "nothing half-started"


def test_a_wrong_setting_names_file_and_line():
    with StoppedServer() as server:
        server.data.mkdir()
        (server.data / "latchkey.toml").write_text("[workers]\napi_children = 0\n")
        done = server.command("run", "--demo")
        assert done.returncode == 1
        assert "latchkey.toml:2: api_children" in one_line(done.stderr)


def test_a_database_that_is_none_stops_the_start_at_once():
    with StoppedServer() as server:
        server.start().command("stop")
        (server.data / "latchkey.db").write_bytes(b"no database" * 1000)
        done = server.command("run", "--demo", "--background")
        assert done.returncode == 1
        assert "writer did not start" in done.stderr
        assert server.processes() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_foreground_ends_cleanly(number):
    with StoppedServer() as server:
        process = server.run_in_foreground("--demo", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        await_that((server.data / "demo.env").exists, "the demo")
        assert server.get("/healthz").status_code == 200
        pids = server.processes()
        process.send_signal(number)
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 0, output
        assert "killed" not in output
        assert not any(process_is_there(pid) for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("name", ["writer", "api", "login", "nginx"])
def test_whatever_ends_is_started_again(server, name, number):
    others = {other: server.pid(other) for other in ("writer", "api", "login", "nginx") if other != name}
    former = server.pid(name)
    os.kill(former, number)
    server.new_pid(name, former)
    await_that(lambda: server.device_code().status_code == 200, "a durable write")
    assert {other: server.pid(other) for other in others} == others


def test_sigusr1_restarts_the_writer_alone(server):
    former, api = server.pid("writer"), server.pid("api")
    os.kill(server.pid("run"), signal.SIGUSR1)
    server.new_pid("writer", former)
    assert server.device_code().status_code == 200  # held meanwhile, not refused
    assert server.pid("api") == api


def test_sighup_replaces_the_children_without_a_failed_request(server):
    former = set(children_of(server.pid("api")))
    os.kill(server.pid("run"), signal.SIGHUP)
    await_that(lambda: server.device_code().status_code != 200
               or not former & set(children_of(server.pid("api"))), "new children")
    assert not former & set(children_of(server.pid("api")))
    assert server.device_code().status_code == 200


def test_sighup_takes_up_a_changed_settings_file():
    with StoppedServer() as server:
        server.data.mkdir(mode=0o700)
        settings = server.data / "latchkey.toml"
        settings.write_text("[lifetimes]\ndevice_code_s = 600\n")
        server.start()
        assert server.device_code().json()["expires_in"] == 600
        settings.write_text("[lifetimes]\ndevice_code_s = 777\n")
        os.kill(server.pid("run"), signal.SIGHUP)
        await_that(lambda: server.device_code().json()["expires_in"] == 777, "the new lifetime")


def test_sighup_with_a_wrong_setting_changes_nothing():
    with StoppedServer() as server:
        server.data.mkdir(mode=0o700)
        settings = server.data / "latchkey.toml"
        settings.write_text("[lifetimes]\ndevice_code_s = 600\n")
        server.start()
        children = children_of(server.pid("api"))
        settings.write_text("[lifetimes]\ndevice_code_s = \"soon\"\n")
        os.kill(server.pid("run"), signal.SIGHUP)
        await_that(lambda: "reload_refused" in server.log(), "the refusal")
        assert "latchkey.toml:2" in server.log()
        assert children_of(server.pid("api")) == children
        assert server.device_code().status_code == 200
        # A stop must not need the settings to be right.
        assert server.command("stop").stdout == "stopped\n"


def test_sighup_with_another_number_of_nginx_workers_is_refused():
    """Each has a socket that the supervisor holds; one more or less would leave connections with nobody."""
    with StoppedServer() as server:
        server.data.mkdir(mode=0o700)
        settings = server.data / "latchkey.toml"
        settings.write_text("[nginx]\nworkers = 2\n")
        server.start()
        workers = children_of(server.pid("nginx"))
        settings.write_text("[nginx]\nworkers = 3\n")
        os.kill(server.pid("run"), signal.SIGHUP)
        await_that(lambda: "reload_refused" in server.log(), "the refusal")
        assert "another number of workers" in server.log() and children_of(server.pid("nginx")) == workers
        assert server.get("/healthz").status_code == 200


def test_nothing_outlives_a_supervisor_that_was_killed(server):
    pids = server.processes()
    os.kill(server.pid("run"), signal.SIGKILL)
    await_that(lambda: not any(process_is_there(pid) for pid in pids), "the end of all")


def test_starts_again_right_after_it_was_killed(server):
    killed = server.pid("run")
    os.kill(killed, signal.SIGKILL)
    await_that(lambda: not process_is_there(killed), "its end")  # its nginx may still be ending
    server.start()
    assert server.device_code().status_code == 200


def test_waits_for_the_port_of_one_that_was_killed(server):
    """nginx removes its pid file before it lets go of the port; here somebody holds it a second longer."""
    pids = server.processes()
    os.kill(server.pid("run"), signal.SIGKILL)
    await_that(lambda: not any(process_is_there(pid) for pid in pids), "the end of all")
    with socket.socket() as late:
        late.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        late.bind(("127.0.0.1", server.port))
        late.listen()
        threading.Timer(1, late.close).start()
        server.start()
    assert server.device_code().status_code == 200


def test_stop_where_nothing_runs_is_no_error():
    with StoppedServer() as server:
        done = server.command("stop")
        assert done.returncode == 0
        assert "nothing runs" in done.stdout


def test_access_log_has_paths_and_never_a_query(server):
    server.get("/activate?user_code=ABCD-EFGH")
    server.get("/no/such/page?token=secret")
    log = server.data / "log/access.log"
    text = await_that(lambda: log.exists() and "/no/such/page" in log.read_text() and '"/activate"' in log.read_text()
                      and log.read_text(), "the log lines")
    assert '"/activate"' in text
    assert "ABCD" not in text and "secret" not in text


def programs_for_everybody(folder):
    """The binaries where any user may execute them."""
    folder.chmod(0o755)
    target = folder / "bin"
    target.mkdir(mode=0o755)
    for name in ("latchkey", "latchkey-writer", "latchkey-worker"):
        shutil.copy(BIN / name, target / name)
        (target / name).chmod(0o755)
    return target


@pytest.mark.skipif(not IS_ROOT, reason="changes owners")
def test_root_runs_everything_as_the_owner_of_the_data():
    with StoppedServer() as server:
        server.bin = programs_for_everybody(server.folder)
        private = server.folder / "home"  # a folder only its owner can enter
        private.mkdir(mode=0o700)
        server.data = private / "data"
        server.data.mkdir(mode=0o700)
        for path in (private, server.data):
            os.chown(path, 12345, 12345)
        server.start()
        assert server.device_code().status_code == 200
        for pid in server.processes():
            assert os.stat(f"/proc/{pid}").st_uid == 12345
        assert {path.stat().st_uid for path in server.data.rglob("*")} == {12345}


@pytest.mark.skipif(not IS_ROOT, reason="runs as root")
def test_root_on_a_folder_of_roots_is_warned():
    with StoppedServer() as server:
        done = server.command("run", "--demo", "--background")
        assert done.returncode == 0, done.stderr
        assert "run as root" in done.stderr and f"chown -R USER {server.data}" in done.stderr
        assert "runs_as_root" in server.log()


@pytest.mark.skipif(not IS_ROOT, reason="changes owners")
@pytest.mark.parametrize("background", [True, False])
def test_root_on_a_users_folder_is_not_warned(background):
    with StoppedServer() as server:
        server.bin = programs_for_everybody(server.folder)
        server.data.mkdir(mode=0o700)
        os.chown(server.data, 12345, 12345)
        if background:
            assert "as root" not in server.command("run", "--demo", "--background").stderr
            assert "runs_as_root" not in server.log()
            return
        process = server.run_in_foreground("--demo", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        await_that((server.data / "demo.env").exists, "the demo")
        process.send_signal(signal.SIGTERM)
        assert "as_root" not in process.communicate(timeout=30)[1]


@pytest.mark.skipif(not IS_ROOT, reason="becomes another user")
def test_another_users_folder_is_one_line():
    with StoppedServer() as server:
        server.bin = programs_for_everybody(server.folder)
        server.data.mkdir(mode=0o755)
        done = server.command("run", "--demo", user=12345, group=12345)
        assert done.returncode == 1
        assert "belongs to root" in one_line(done.stderr)


def test_a_start_that_fails_leaves_nothing_that_says_it_runs():
    with StoppedServer() as server:
        run = server.data / "run"
        (run / "public_url").mkdir(parents=True)  # in the way of the last file before the first process
        done = server.command("run", "--demo")
        assert done.returncode == 1
        assert "public_url" in done.stderr.splitlines()[-1]
        assert not (run / "run.pid").exists() and not list(run.glob("*.new"))


@pytest.mark.parametrize("left", ["", "\n"])
def test_an_address_that_a_crash_left_empty_is_none(left):
    with StoppedServer() as server:
        run = server.data / "run"
        run.mkdir(parents=True)
        (run / "public_url").write_text(left)
        del server.environment["LATCHKEY_PUBLIC_URL"]  # which comes before the file
        status = json.loads(server.command("--json", "status").stdout)
        assert status["public_url"] == f"http://127.0.0.1:{server.port}"


@pytest.mark.skipif(not IS_ROOT, reason="mounts a file system")
def test_a_full_disk_is_one_line_and_nothing_starts():
    with StoppedServer() as server:
        server.data.mkdir(mode=0o700)
        mount = ["mount", "-t", "tmpfs", "-o", "size=16k,mode=0700", "tmpfs", str(server.data)]
        if subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode != 0:
            pytest.skip("this machine lets nobody mount")
        try:
            done = server.command("run", "--demo")
            assert done.returncode == 1
            assert "free some room" in one_line(done.stderr)
            assert server.processes() == []
        finally:
            subprocess.run(["umount", str(server.data)], check=True)


@pytest.mark.skipif(not IS_ROOT, reason="becomes another user")
def test_a_port_for_root_says_so_to_others():
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as file:
        if int(file.read()) <= 80:
            pytest.skip("any user may use any port here")
    with StoppedServer(port=free_port()) as server:
        server.bin = programs_for_everybody(server.folder)
        server.data.mkdir(mode=0o700)
        os.chown(server.data, 12345, 12345)
        server.environment["LATCHKEY_PORT"] = "81"
        done = server.command("run", "--demo", user=12345, group=12345)
        assert done.returncode == 1
        assert "port 81 is for root" in one_line(done.stderr)


TOO_MUCH = (b"POST /oauth/token?logged HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            b"5f5e0ff\r\nx")


@pytest.mark.parametrize("name, ask", [("access.log", lambda server: server.get("/oauth/token").status_code),
                                       ("error.log", lambda server: server.raw(TOO_MUCH))], ids=["access", "error"])
def test_a_log_of_nginx_stays_within_its_bound(server, name, ask):
    log = server.data / "log" / name
    await_that(log.exists, "the log")
    os.truncate(log, 65 * 1024 * 1024)  # a hole: takes no room
    await_that(lambda: (server.data / f"log/{name}.1").exists(), "the rotation")
    await_that(lambda: ask(server) and log.exists() and "/oauth/token" in log.read_text(), "nginx to write the new one")
    assert log.stat().st_size < 1024 * 1024


def test_stops_when_its_terminal_is_closed_without_a_hangup_signal():
    """As under su, where the signal ends with su."""
    with StoppedServer() as server:
        pid, terminal = pty.fork()
        if pid == 0:  # the leader of the grant, which takes the signal for itself
            signal.signal(signal.SIGHUP, lambda *_: None)
            started = subprocess.Popen([server.bin / "latchkey", "--data", server.data, "run", "--demo"],
                                       env=server.environment)
            while started.poll() is None:
                time.sleep(0.1)
            os._exit(started.returncode)
        try:
            await_that(lambda: answers(server), "ready")
            os.close(terminal)
            await_that(lambda: not server.processes(), "gone")
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def answers(server):
    try:
        return server.get("/readyz").status_code == 200
    except OSError:
        return False


def test_says_the_address_it_is_served_at_without_its_variables(server):
    """A second terminal knows nothing of the PORT that the first gave."""
    environment = {k: v for k, v in server.environment.items() if not k.startswith("LATCHKEY_")}
    done = subprocess.run([server.bin / "latchkey", "--data", server.data, "user", "reset", "--org", "acme",
                           server.demo["DEMO_EMAIL"], "--json"], env=environment, capture_output=True, text=True,
                          timeout=60, check=False)
    assert f"http://127.0.0.1:{server.port}/set-password?token=" in done.stdout, done.stdout + done.stderr


@pytest.mark.skipif(not IS_ROOT, reason="becomes another user")
def test_programs_that_the_owner_of_the_data_may_not_reach_are_named():
    with StoppedServer() as server:
        os.chmod(server.folder, 0o755)
        server.data.mkdir()
        os.chown(server.data, 65534, 65534)
        private = server.folder / "private"
        shutil.copytree(BIN, private)
        os.chmod(private, 0o700)
        server.bin = private
        done = server.command("run", "--demo")
        assert done.returncode == 1
        assert "may not start" in one_line(done.stderr) and "latchkey" in done.stderr


def test_status_of_a_folder_where_nothing_is_says_so():
    with StoppedServer() as server:
        done = server.command("status")
        assert done.returncode != 0
        assert str(server.data) in one_line(done.stderr)


def test_what_runs_can_be_stopped_when_the_build_is_gone(server):
    stop = Path(__file__).parents[2] / "tools/stop-unbuilt"
    for said in ("stopped", "nothing runs on"):
        done = subprocess.run([stop, server.data], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0 and done.stdout.startswith(said), done.stdout + done.stderr
    assert not server.processes()

