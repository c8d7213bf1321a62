"""A whole server for the tests of every module: `latchkey run` on a port and in a folder of its own, behind real nginx,
on a real SQLite file. Nothing in it outlives the `with` block."""

import os
import re
import signal
import socket
from pathlib import Path

import requests
from measure.own_server import OwnServer, await_that, process_is_there, processes_on

__all__ = ["BIN", "DEVICE_GRANT", "Browser", "Server", "StoppedServer", "assert_json", "await_that", "process_is_there"]

BIN = Path(os.environ.get("LATCHKEY_BIN", Path(__file__).parents[2] / "build/release/bin"))
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def assert_json(answer):
    """The answer's body, which says that it is JSON."""
    assert answer.headers["Content-Type"].startswith("application/json"), answer.headers
    return answer.json()


def is_whole(answer):
    """Whether an answer with a Content-Length is all there."""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)
    return bool(end and length) and len(body) >= int(length[1])


class StoppedServer(OwnServer):
    """Nothing runs until the test starts it. `settings` are LATCHKEY_ variables without the prefix. One account is
    enough for a test's many sign-ins: what bounds them is set for those tests alone that are about it."""

    def __init__(self, port=None, **settings):
        super().__init__(BIN, {"sign_ins_per_account": 1000, "approvals_per_account": 1000, **settings}, port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.command("stop")
        self.end_foreground(0)
        left = self.processes()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        self.remove_folder()
        assert not left, f"processes outlived the stop: {left}"

    def start(self):
        """With the demo, in the background; it answers when this returns."""
        done = self.command("run", "--demo", "--background")
        assert done.returncode == 0, done.stderr + self.log()
        return self

    def stop(self):
        done = self.command("stop")
        assert done.returncode == 0, done.stderr + self.log()

    @property
    def log_path(self):
        return self.data / "log/latchkey.log"

    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""

    def nginx_errors(self):
        """What requests brought about in nginx."""
        path = self.data / "log/error.log"
        return path.read_text() if path.exists() else ""

    @property
    def demo(self):
        """The names and passwords of demo.env."""
        return dict(line.split("=", 1) for line in (self.data / "demo.env").read_text().split())

    def latchkey(self, *arguments, check=True, stdin=None, **options):
        """Runs the command on this server's data; returns the finished process."""
        done = self.command(*arguments, stdin=stdin, **options)
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done

    # ---- processes ----

    def pid(self, name):
        pid = self.pid_of(name)
        assert pid, f"{name} is down"
        return pid

    def new_pid(self, name, former):
        return await_that(lambda: {self.pid_of(name)} - {0, former}, f"another {name}").pop()

    def processes(self):
        """The pids of all that were started on this data."""
        return list(processes_on(self.data))

    def pids(self, program):
        """The pids of those that run this program, e.g. latchkey-writer."""
        return [pid for pid, words in processes_on(self.data).items() if words[0].endswith(program)]

    # ---- HTTP ----

    def request(self, method, path, host="127.0.0.1", **options):
        """Follows no redirects; `host` is where to connect to."""
        options.setdefault("allow_redirects", False)
        return requests.request(method, f"http://{host}:{self.port}{path}", timeout=20, **options)

    def post(self, path, data=None, **options):
        return self.request("POST", path, data=data, allow_redirects=True, **options)

    def get(self, path, token=None, **options):
        headers = options.pop("headers", {})
        if token is not None:
            headers["Authorization"] = "Bearer " + token
        return self.request("GET", path, headers=headers, allow_redirects=True, **options)

    def device_code(self):
        """One write, through all of it."""
        return self.post("/oauth/device_authorization", {"client_id": "acme-cli"})

    def raw(self, request):
        """Sends bytes as they are; returns status, headers (as one text) and body."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(request)
            answer = b""
            try:  # not to its end: nginx waits 5 s there for what was announced and does not come
                while not is_whole(answer) and (chunk := connection.recv(65536)):
                    answer += chunk
            except ConnectionResetError:  # nginx did not get the body that was announced
                if not answer:
                    raise
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), body


class Server(StoppedServer):
    """Runs, with the demo, for as long as the `with` block; speaks as a device and its person would."""

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def authorize_device(self, client_id=None, **more):
        answer = self.post("/oauth/device_authorization",
                           {"client_id": client_id or self.demo["DEMO_CLIENT_ID"], **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def poll(self, device_code, client_id=None, **more):
        return self.post("/oauth/token", {"grant_type": DEVICE_GRANT, "device_code": device_code,
                                          "client_id": client_id or self.demo["DEMO_CLIENT_ID"]}, **more)

    def refresh(self, refresh_token, client_id=None, **more):
        return self.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": refresh_token,
                                          "client_id": client_id or self.demo["DEMO_CLIENT_ID"], **more})

    def decide(self, user_code, decision="approve", email=None, password=None):
        """A person with a browser: types the code, signs in, decides. Returns the last page."""
        browser = Browser(self)
        browser.enter_code(user_code)
        browser.sign_in(email or self.demo["DEMO_EMAIL"], password or self.demo["DEMO_PASSWORD"])
        return browser.decide(decision)

    def sign_in_device(self, client_id=None, email=None, password=None, **more):
        """The whole flow; returns the token response."""
        codes = self.authorize_device(client_id, **more)
        self.decide(codes["user_code"], email=email, password=password)
        answer = self.poll(codes["device_code"], client_id)
        assert answer.status_code == 200, answer.text
        return answer.json()


class Browser:
    """Follows links and forms like a browser without JavaScript."""

    def __init__(self, server):
        self.server = server
        self.session = requests.Session()
        self.page = None

    def open(self, path):
        self.page = self.session.get(self.server.url + path, timeout=20)
        return self.page

    def submit(self, action, **fields):
        """Fills and sends the form with this action on the current page."""
        forms = dict(re.findall(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', self.page.text, re.S))
        assert action in forms, f"no form {action} on the page: {self.page.text}"
        values = {}
        for tag in re.findall(r"<input[^>]*>", forms[action]):
            name = re.search(r'name="([^"]*)"', tag)
            value = re.search(r'value="([^"]*)"', tag)
            if name:
                values[name.group(1)] = value.group(1) if value else ""
        values.update(fields)
        self.page = self.session.post(self.server.url + action, data=values, timeout=20)
        return self.page

    def enter_code(self, user_code):
        self.open("/activate")
        return self.submit("/activate", user_code=user_code)

    def sign_in(self, email, password):
        return self.submit("/sign-in/password", email=email, password=password)

    def decide(self, decision):
        return self.submit("/activate/confirm", decision=decision)
