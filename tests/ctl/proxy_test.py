"""What the command asks of this machine goes there directly, whatever the environment says of proxies; what it asks of
others goes through them."""

import json
import socket
import threading

import pytest
from harness import Server

# Written as people and other programs write them: no two of them agree.
ENVIRONMENTS = [
    {"http_proxy": "{proxy}"},
    {"all_proxy": "{proxy}", "NO_PROXY": "example.com"},
    {"ALL_PROXY": "socks5h://{address}", "no_proxy": ""},
    {"http_proxy": "{proxy}", "https_proxy": "{proxy}", "HTTPS_PROXY": "{proxy}", "HTTP_PROXY": "{proxy}",
     "NO_PROXY": "127.0.0.1.example.com, ,::1/x"},
]


class Proxy:
    """Takes connections and says what they ask for; answers nothing but 502."""

    def __init__(self):
        self.asked = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(4096).split(b"\r\n")[0])
                connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.fixture(name="proxy")
def proxy_fixture():
    proxy = Proxy()
    yield proxy
    proxy.listener.close()


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(poll_interval_s=1) as started:
        yield started


def with_proxy(server, proxy, variables):
    saved = dict(server.environment)
    for name in list(server.environment):
        if name.lower().endswith("_proxy"):
            del server.environment[name]
    server.environment.update({name: value.format(proxy=f"http://{proxy.address}", address=proxy.address)
                               for name, value in variables.items()})
    return saved


@pytest.mark.parametrize("variables", ENVIRONMENTS, ids=["http", "all", "socks", "everything"])
def test_loopback_is_asked_directly(server, proxy, variables):
    saved = with_proxy(server, proxy, variables)
    try:
        found = json.loads(server.latchkey("--json", "doctor", check=False).stdout)
        host = [finding for finding in found if finding["name"] == "host"]
        assert [finding["level"] for finding in host] == ["ok"], host
        # It asked the server itself: that one knows no such client.
        done = server.latchkey("login", "--client-id", "nobody", check=False)
        assert done.returncode == 3 and "the server says" in done.stderr, done.stderr
        assert proxy.asked == []
    finally:
        server.environment = saved


def test_others_are_asked_through_the_proxy(server, proxy):
    saved = with_proxy(server, proxy, {"http_proxy": "{proxy}"})
    try:
        done = server.latchkey("login", "--url", "http://login.example.com", "--client-id", "x", check=False)
        assert done.returncode != 0
        assert proxy.asked and proxy.asked[0].startswith(b"GET http://login.example.com/"), proxy.asked
    finally:
        server.environment = saved
