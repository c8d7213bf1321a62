"""`latchkey nginx-site`: the site of a production nginx, in an nginx like Debian's, over TLS by a CA of our own."""

import contextlib
import json
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import time

import pytest
from harness import StoppedServer, await_that
from installation import checked, install, make_certificate, run
from measure.ports import free_port
from nginx_flood import REFUSED_EARLY, flooded, paths, pipelined, request, unlimited

HOST = "login.test"
NGINX = "/usr/sbin/nginx"


class Nginx:
    """Debian's nginx.conf in short, with our site; as a process of its own."""

    def __init__(self, folder, site, connections=256):
        (folder / "site.conf").write_text(site)
        temporary = "".join(f"  {kind}_temp_path {folder}/{kind};\n"
                            for kind in ("client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
        user = "user root root;\n" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"{user}pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_processes 1;\n"
            f"events {{ worker_connections {connections}; }}\nhttp {{\n  include /etc/nginx/mime.types;\n"
            "  default_type application/octet-stream;\n  sendfile on;\n  types_hash_max_size 2048;\n  gzip on;\n"
            f"  ssl_prefer_server_ciphers on;\n  access_log {folder}/other.log;\n{temporary}"
            f"  include {folder}/site.conf;\n}}\n")
        self.words = [NGINX, "-e", folder / "error.log", "-p", folder, "-c", folder / "nginx.conf"]
        self.log = folder / "error.log"
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen([*map(str, self.words), "-g", "daemon off;"])
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


class Site:
    """A server behind its site."""

    def __init__(self, server, folder):
        self.server = server
        self.folder = folder
        self.http_port, self.https_port = free_port(), free_port()
        self.prefix = folder / "usr"
        self.access_log, self.error_log = folder / "access.log", folder / "site-error.log"
        (folder / "acme/.well-known/acme-challenge").mkdir(parents=True)
        (folder / "acme/.well-known/acme-challenge/token").write_text("token.thumbprint")

    def print(self, *more, check=True, **settings):
        words = [self.prefix / "bin/latchkey", "--data", self.server.data, "nginx-site", "--acme-root",
                 self.folder / "acme", "--access-log", self.access_log, "--error-log", self.error_log, "--http-port", self.http_port,
                 "--https-port", self.https_port, *more]
        environment = {"LATCHKEY_" + name.upper(): value for name, value in settings.items()}
        done = run(*words, env={**self.server.environment, **environment})
        assert not check or done.returncode == 0, done.stderr
        return done

    def certified(self):
        return ("--certificate", self.folder / "cert.pem", "--key", self.folder / "key.pem")

    def curl(self, url, *more):
        """(status, headers in lower case, body, HTTP version)"""
        out = checked("curl", "-sS", "--cacert", self.folder / "ca.pem", "--max-time", "20", "-D", "-",
                      "-w", "\n%{http_version} %{http_code}", "--resolve", f"{HOST}:{self.https_port}:127.0.0.1",
                      "--resolve", f"{HOST}:{self.http_port}:127.0.0.1", *more, url)
        out, _, last = out.rpartition("\n")
        version, status = last.split()
        head, _, body = out.replace("\r\n", "\n").partition("\n\n")
        headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        return int(status), headers, body, version

    def tls(self, path, *more):
        return self.curl(f"https://{HOST}:{self.https_port}{path}", *more)

    def plain(self, path, *more):
        return self.curl(f"http://{HOST}:{self.http_port}{path}", *more)


def prefix_for(folder):
    destination = folder / "destination"
    install(folder / "usr", destination)
    (destination / folder.relative_to("/") / "usr").rename(folder / "usr")


@pytest.fixture(scope="module", name="behind")
def behind_fixture(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    prefix_for(folder)
    make_certificate(folder, HOST)
    with StoppedServer(public_url=f"https://{HOST}") as server:
        server.start()
        yield Site(server, folder)


@pytest.fixture(scope="module", name="site")
def site_fixture(behind):
    with Nginx(behind.folder, behind.print(*behind.certified()).stdout) as nginx:
        await_that(lambda: run("curl", "-sk", f"https://127.0.0.1:{behind.https_port}/healthz").returncode == 0,
                   "nginx answers: " + (nginx.log.read_text() if nginx.log.exists() else ""))
        yield behind


def test_debians_nginx_takes_it(behind):
    folder = behind.folder / "check"
    folder.mkdir()
    nginx = Nginx(folder, behind.print(*behind.certified()).stdout)
    done = run(*nginx.words, "-t")
    assert done.returncode == 0, done.stderr
    assert all('"listen ... http2" directive is deprecated' in line
               for line in done.stderr.splitlines() if "[warn]" in line), done.stderr


def test_a_device_gets_its_code_over_tls_and_http_2(site):
    status, headers, body, version = site.tls("/oauth/device_authorization", "-d", "client_id=acme-cli")
    assert (status, version) == (200, "2"), body
    assert json.loads(body)["verification_uri"] == f"https://{HOST}/activate"
    assert headers["strict-transport-security"] == "max-age=31536000; includesubdomains"
    assert headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/activate", "/.well-known/jwks.json", "/nothing", "/api/nothing", "/healthz",
                                  "/assets/latchkey.css"])
def test_every_answer_over_tls_asks_to_stay_with_it(site, path):
    _, headers, _, _ = site.tls(path)
    assert headers["strict-transport-security"] == "max-age=31536000; includesubdomains"
    assert "nginx/" not in headers["server"]


@pytest.mark.parametrize("path, more, status", [
    ("/nothing", (), 404), ("/api/nothing", (), 404), ("/oauth/token", ("-d", "x" * 20000), 413),
    ("/oauth/token?x=" + "A" * 9000, ("--http1.1",), 414),
    ("/oauth/token", ("--http1.1", "-X", "TRACE"), 405)], ids=lambda value: str(value)[:20])
def test_what_nginx_itself_answers_is_json(site, path, more, status):
    got, headers, body, _ = site.tls(path, *more)
    assert got == status and headers["content-type"].startswith("application/json"), body
    assert json.loads(body)["error_code"] and len(headers["x-request-id"]) == 32


def test_http_on_the_port_of_tls_is_400_in_json(site):
    status, headers, body, _ = site.curl(f"http://{HOST}:{site.https_port}/api/user")
    assert status == 400 and headers["content-type"].startswith("application/json"), body
    assert json.loads(body)["error_code"] == "INVALID_REQUEST"


def test_http_leads_to_https_but_for_challenges(site):
    status, headers, _, _ = site.plain("/activate?user_code=ABCD")
    assert status == 308
    assert headers["location"] == f"https://{HOST}:{site.https_port}/activate?user_code=abcd"
    assert "strict-transport-security" not in headers
    status, headers, body, _ = site.plain("/.well-known/acme-challenge/token")
    assert (status, body, headers["content-type"]) == (200, "token.thumbprint", "text/plain")
    status, headers, body, _ = site.plain("/.well-known/acme-challenge/none")
    assert status == 404 and json.loads(body)["error_code"] == "NOT_FOUND"


@pytest.mark.parametrize("path", ["/", "/activate", "/Activate/", "/activate/confirm?user_code=ABCD", "/sign-in?org=acme",
                                  "/forgot-password", "/o/acme/activate"])
def test_pages_over_http_lead_to_https(site, path):
    for more in ((), ("-I",)):
        status, headers, _, _ = site.plain(path, *more)
        assert status == 308 and headers["location"] == f"https://{HOST}:{site.https_port}{path}".lower(), path


@pytest.mark.parametrize("path, more", [
    ("/oauth/token", ("-d", "grant_type=refresh_token&refresh_token=secret")), ("/oauth/token", ()),
    ("/oauth/device_authorization", ("-d", "client_id=acme-cli", "-H", "Accept: text/html")),
    ("/api/user", ("-H", "Authorization: Bearer secret")), ("/api/auth/refresh", ("-d", "{}")), ("/auth/token", ("-d", "x")),
    ("/o/acme/oauth/token", ("-d", "x")), ("/.well-known/openid-configuration", ()), ("/healthz", ()), ("/metrics", ()),
    ("/set-password?token=secret", ()), ("/sign-in/password", ("-d", "password=secret")), ("/nothing", ()),
    ("/oauth/token", ("-X", "OPTIONS")), ("/Api/user", ()), ("//api/user", ())], ids=str)
def test_the_api_is_refused_over_http_and_never_redirected(site, path, more):
    status, headers, body, _ = site.plain(path, "--path-as-is", *more)
    assert status == 403 and "location" not in headers, body
    assert headers["content-type"].startswith("application/json") and headers["access-control-allow-origin"] == "*"
    assert json.loads(body)["error_code"] == "FORBIDDEN" and "https" in json.loads(body)["error_description"]
    assert "secret" not in body
    assert "strict-transport-security" not in headers


@pytest.mark.parametrize("path", ["/sign-in", "/activate", "/activate/confirm", "/", "/o/acme/activate"])
def test_a_form_over_http_is_refused(site, path):
    status, headers, _, _ = site.plain(path, "-d", "password=secret")
    assert status == 403 and "location" not in headers


def test_a_request_head_has_five_seconds_on_both_ports(site):
    """Without a bound of its own port 80 had nginx's 60."""
    for port in (site.http_port, site.https_port):
        with socket.create_connection(("127.0.0.1", port)) as client:
            began = time.monotonic()
            client.sendall(b"G")
            client.settimeout(40)
            with contextlib.suppress(ConnectionResetError):  # reset_timedout_connection
                assert client.recv(4096) == b""
            assert time.monotonic() - began < 30


def test_tells_of_an_organizations_domain_that_it_speaks_for_its_host_alone(site):
    _, headers, _, _ = site.tls("/healthz", "-H", "Host: id.acme.example")
    assert headers["strict-transport-security"] == "max-age=31536000"



def test_the_access_log_has_the_client_and_no_query(site):
    site.tls("/activate?user_code=SECRET-CODE")
    lines = await_that(lambda: [line for line in site.access_log.read_text().splitlines() if 'GET "/activate"' in line],
                       "a line in the access log")
    assert re.search(r' 127\.0\.0\.1 GET "/activate" \d{3} host=login\.test .* request_id=[0-9a-f]{32} error=-$', lines[-1])
    assert "SECRET" not in site.access_log.read_text()


def test_pages_are_not_compressed(site):
    assert "content-encoding" not in site.tls("/activate", "-H", "Accept-Encoding: gzip")[1]


def test_without_a_certificate_only_challenges_are_answered(behind, tmp_path):
    other = Site(behind.server, tmp_path)
    other.prefix = behind.prefix
    with Nginx(tmp_path, other.print().stdout):
        (tmp_path / "ca.pem").write_bytes((behind.folder / "ca.pem").read_bytes())
        answer = await_that(lambda: answered(other, "/.well-known/acme-challenge/token"), "nginx answers")
        assert answer[0] == 200
        status, headers, body, _ = other.plain("/api/user")
        assert status == 503 and json.loads(body)["error_code"] == "SERVICE_UNAVAILABLE"
        assert headers["retry-after"] == "1"


def answered(site, path):
    try:
        return site.plain(path)
    except AssertionError:
        return None


def test_a_public_url_without_tls_is_served_without_it(behind):
    environment = behind.server.environment
    behind.server.environment = {**environment, "LATCHKEY_PUBLIC_URL": f"http://{HOST}"}
    try:
        printed = behind.print().stdout
    finally:
        behind.server.environment = environment
    assert "/server.conf" in printed and "ssl" not in printed and "return 308" not in printed


def test_each_name_may_have_its_own_certificate(behind):
    printed = behind.print("--server-name", "a.test", "--server-name", "b.test", "--certificate", "/a.pem",
                           "--key", "/a.key", "--certificate", "/b.pem", "--key", "/b.key").stdout
    assert re.search(r'server_name a\.test;\n  ssl_certificate "/a\.pem";', printed)
    assert re.search(r'server_name b\.test;\n  ssl_certificate "/b\.pem";', printed)
    assert "server_name a.test b.test;" in printed  # challenges and the way to https
    assert printed.count("ssl http2 backlog=4096 reuseport") == 2  # once for IPv4, once for IPv6


@pytest.mark.parametrize("more", [
    ("--certificate", "/a.pem"), ("--server-name", "a.test; return 200"), ("--server-name", "A.test"),
    ("--certificate", "a.pem", "--key", "/a.key"), ("--parts", "/x$y"),
    ("--certificate", "/a", "--key", "/a", "--certificate", "/b", "--key", "/b")])
def test_what_would_be_wrong_is_refused(behind, more):
    done = behind.print(*more, check=False)
    assert done.returncode == 2 and not done.stdout and done.stderr.startswith("latchkey: ")


def test_a_command_that_is_not_installed_says_so(behind):
    done = behind.server.latchkey("nginx-site", check=False)
    assert done.returncode == 3 and "--parts" in done.stderr


# ---- limits ----

def servers_of(site, printed):
    """(port, text of its server block with what it includes)"""
    for block in re.split(r"(?m)^server \{", printed)[1:]:
        port = int(re.search(r"listen (\d+)", block)[1])
        text, names, seen = block, re.findall(r'include "([^"]*)"', block), set()
        while names:
            name = names.pop()
            if name not in seen:
                seen.add(name)
                part = (site.prefix / "share/latchkey/nginx" / os.path.basename(name)).read_text()
                text += "\n" + part
                names += re.findall(r'include "([^"]*)"', part)
        yield port, text


def connector(site, port, protocol="http/1.1"):
    def connect():
        connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        if port != site.https_port:
            return connection
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols([protocol])
        return context.wrap_socket(connection)
    return connect


@pytest.fixture(scope="module", name="limited")
def limited_fixture(behind):
    """With TLS, and the tests for a proxy."""
    folder = behind.folder / "limited"
    folder.mkdir()
    make_certificate(folder, HOST)
    site = Site(behind.server, folder)
    site.prefix = behind.prefix
    site.printed = site.print(*site.certified(), trusted_proxies="127.0.0.1", requests_per_second_per_address="1").stdout
    with Nginx(folder, site.printed):
        await_that(lambda: run("curl", "-sk", f"https://127.0.0.1:{site.https_port}/healthz").returncode == 0, "nginx answers")
        yield site


def test_every_location_of_every_server_is_under_the_limit_of_requests(limited):
    found = {}
    for port, text in servers_of(limited, limited.printed):
        found[port] = paths(text)
        answers = flooded(connector(limited, port), text, HOST, f"198.{50 + len(found)}")
        assert not unlimited(answers)
    assert "/.well-known/acme-challenge/nothing" in found[limited.http_port] and "/activate" in found[limited.http_port]
    assert "/oauth/token" in found[limited.https_port] and len(found) == 2


def test_a_site_without_a_certificate_is_under_it_too(behind, tmp_path):
    for number, settings in enumerate(({}, {"public_url": f"http://{HOST}"})):
        folder = tmp_path / str(number)
        folder.mkdir()
        site = Site(behind.server, folder)
        site.prefix = behind.prefix
        printed = site.print(trusted_proxies="127.0.0.1", requests_per_second_per_address="1", **settings).stdout
        with Nginx(folder, printed):
            await_that(lambda: run("curl", "-s", f"http://127.0.0.1:{site.http_port}/").returncode == 0, "nginx listens")
            [(port, text)] = servers_of(site, printed)
            answers = flooded(connector(site, port), text, HOST)
            assert not unlimited(answers)
            assert (404 if settings else 503) in {status for statuses in answers.values() for status in statuses}


@pytest.mark.parametrize("name", REFUSED_EARLY)
@pytest.mark.parametrize("is_tls", [False, True])
def test_what_nginx_refuses_while_it_reads_it_is_under_it_too(limited, name, is_tls):
    port = limited.https_port if is_tls else limited.http_port
    address = f"198.19.{int(is_tls)}.{list(REFUSED_EARLY).index(name) + 1}"
    one = REFUSED_EARLY[name] % f"X-Forwarded-For: {address}\r\n".encode()
    seen = set()
    for _ in range(40):
        with contextlib.suppress(ConnectionResetError):
            seen |= set(pipelined(connector(limited, port)(), one, 1)[1])
    assert 429 in seen, seen


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def header(name, value):
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def test_one_connection_carries_few_streams_at_a_time(site):
    """Far fewer than a network has places: it is told in the first frame, SETTINGS, and the streams above are reset."""
    with connector(site, site.https_port, "h2")() as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b""))
        answer = b""
        while len(answer) < 9 or len(answer) < 9 + int.from_bytes(answer[:3], "big"):
            chunk = connection.recv(4096)
            assert chunk
            answer += chunk
    length, kind = int.from_bytes(answer[:3], "big"), answer[3]
    assert kind == 4
    assert dict(struct.iter_unpack(">HI", answer[9:9 + length]))[3] == 16  # SETTINGS_MAX_CONCURRENT_STREAMS


# ---- what may be stretched ----

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
PER_ADDRESS = 10  # of 500 places; by default 250 of 12,500
NO_WINDOW = struct.pack(">HI", 4, 0)  # SETTINGS_INITIAL_WINDOW_SIZE
# What the client says of itself, the request, its flags (END_STREAM 1, END_HEADERS 4), and what goes on in each stream.
STRETCHED = {"bodies": (b"", b"POST", b"/oauth/token", 4, (0, b"x")), "bodies of a GET": (b"", b"GET", b"/api/user", 4, (0, b"x")),
             "answers": (NO_WINDOW, b"GET", b"/.well-known/openid-configuration", 5, (8, struct.pack(">I", 1)))}
IN_ONE_PROVIDER = [f"2001:db8:7{i:x}" for i in range(13)]
IN_MANY = [f"2a1{i:x}:1:1" for i in range(13)]


@pytest.fixture(scope="module", name="small")
def small_fixture(behind):
    """With 500 places, and the tests for a proxy."""
    folder = behind.folder / "small"
    folder.mkdir()
    make_certificate(folder, HOST)
    site = Site(behind.server, folder)
    site.prefix = behind.prefix
    printed = site.print(*site.certified(), trusted_proxies="127.0.0.1", requests_per_second_per_address="0", max_clients="400",
                         max_clients_per_address=str(PER_ADDRESS)).stdout
    with Nginx(folder, printed, connections=4096):
        await_that(lambda: run("curl", "-sk", f"https://127.0.0.1:{site.https_port}/healthz").returncode == 0, "nginx answers")
        yield site


@pytest.mark.parametrize("sites", [IN_ONE_PROVIDER, IN_MANY], ids=["one provider", "thirteen"])
@pytest.mark.parametrize("kind", STRETCHED)
def test_thirteen_sites_that_stretch_their_requests_leave_places_to_the_others(small, kind, sites):
    """A site has the places of four networks, each on one connection: thirteen had more than all."""
    settings, method, path, flags, more = STRETCHED[kind]
    streams = [2 * number + 1 for number in range(PER_ADDRESS)]
    with contextlib.ExitStack() as held:
        clients = []
        for address in (f"{site}:{number}::1" for number in range(1, 5) for site in sites):
            head = (header(b":method", method) + b"\x87" + header(b":path", path) + header(b":authority", HOST.encode()) +
                    header(b"x-forwarded-for", address.encode()))
            clients.append(held.enter_context(connector(small, small.https_port, "h2")()))
            clients[-1].sendall(PREFACE + frame(4, 0, 0, settings) + b"".join(frame(1, flags, stream, head) for stream in streams))

        def asked(address, *what):
            for client in clients:
                with contextlib.suppress(OSError):
                    client.sendall(b"".join(frame(more[0], 0, stream, more[1]) for stream in streams))
            return small.tls(*what, "-H", f"X-Forwarded-For: {address}")[0]

        for site in sites[::4]:
            await_that(lambda site=site: asked(f"{site}:ff::1", "/api/user") == 503, "all that it may hold is held")
        for stranger in ("203.0.113.5", "2a20:5:5:5::1"):
            assert asked(stranger, "/oauth/token", "-d", "client_id=acme-cli") == 400
            assert asked(stranger, "/sign-in") == 200
        if sites is IN_MANY:  # who is there goes on by requests that cannot be stretched
            assert asked(f"{sites[0]}:ff::1", "/api/user", "--http1.1") == 401
    await_that(lambda: small.tls("/api/user", "-H", f"X-Forwarded-For: {sites[0]}:1::1")[0] == 401, "room again")


@pytest.mark.parametrize("more", [b"", frame(1, 0, 1, b"\x83\x87\x84")], ids=["idle", "half a head"])
def test_a_connection_without_a_request_is_soon_closed(site, more):
    """Over HTTP/2 no limit of nginx and no time of a head's counts it; it was a minute."""
    with connector(site, site.https_port, "h2")() as connection:
        connection.sendall(PREFACE + frame(4, 0, 0, b"") + more)
        began = time.monotonic()
        connection.settimeout(60)
        with contextlib.suppress(ConnectionResetError):
            while connection.recv(4096):
                pass
        assert time.monotonic() - began < 40


def test_bodies_that_are_announced_too_long_fill_no_log(limited):
    """Over HTTP/2 they cost the client a header each, on one connection."""
    head = (header(b":method", b"POST") + b"\x87" + header(b":path", b"/oauth/token") + header(b":authority", HOST.encode()) +
            header(b"x-forwarded-for", b"198.19.9.9") + header(b"content-length", b"20000"))
    for times in range(20):
        with connector(limited, limited.https_port, "h2")() as connection:
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + b"".join(
                frame(1, 4, 2 * stream + 1, head) + frame(3, 0, 2 * stream + 1, struct.pack(">I", 8)) for stream in range(100)))
            connection.settimeout(20)
            connection.sendall(frame(6, 0, 0, b"12345678"))
            answers = b""
            while b"12345678" not in answers and (chunk := connection.recv(65536)):
                answers += chunk
    log = limited.error_log.read_text() if limited.error_log.exists() else ""
    assert log.count("too large body") == 0, log[-1000:]
