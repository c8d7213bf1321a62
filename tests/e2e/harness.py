"""A whole server for end-to-end tests: `latchkey run --demo` on a port and in a folder of its own, behind real
nginx, on a real SQLite file. Nothing in it outlives the `with` block."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import requests
from measure.ports import free_port

BIN = Path(os.environ.get("LATCHKEY_BIN", Path(__file__).parents[2] / "build/check/bin"))
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def await_condition(condition, what, seconds=15):
    """Polls until condition() is true; its value is returned."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain until {what}")


class Server:
    """One instance. `settings` are LATCHKEY_ variables without the prefix."""

    def __init__(self, **settings):
        self.folder = Path(tempfile.mkdtemp(prefix="latchkey-e2e-"))
        self.data = self.folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = self.folder / "log"
        self.environment = {
            **os.environ,
            "LATCHKEY_PORT": str(self.port),
            "LATCHKEY_PUBLIC_URL": self.url,
            **{"LATCHKEY_" + name.upper(): str(value) for name, value in settings.items()},
        }
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [BIN / "latchkey", "--data", self.data, "run", "--demo"],
                env=self.environment, stdout=log, stderr=log, start_new_session=True)
        await_condition(self._is_ready, "the server is ready and seeded: " + self.log())
        self.demo = dict(line.split("=", 1) for line in (self.data / "demo.env").read_text().split())

    def _is_ready(self):
        assert self.process.poll() is None, self.log()
        if not (self.data / "demo.env").exists():
            return False
        try:
            return requests.get(self.url + "/readyz", timeout=1).status_code == 200
        except requests.RequestException:
            return False

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise AssertionError("latchkey run did not stop within 20 s: " + self.log()) from None

    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""

    def latchkey(self, *arguments, check=True, stdin=None):
        """Runs the command on this instance's data; returns the finished process."""
        done = subprocess.run([BIN / "latchkey", "--data", self.data, *map(str, arguments)], input=stdin,
                              env=self.environment, capture_output=True, text=True, timeout=60, check=False)
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done

    def pids(self, name):
        """Processes of this instance by the name of their program, e.g. latchkey-writer."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if entry.name.isdigit() and command[0].decode(errors="replace").endswith(name) and (
                    str(self.data).encode() in b"\0".join(command)):
                found.append(int(entry.name))
        return found

    # ---- the device flow, spoken as a client would ----

    def post(self, path, data=None, **kwargs):
        return requests.post(self.url + path, data=data, timeout=20, **kwargs)

    def get(self, path, token=None, **kwargs):
        headers = kwargs.pop("headers", {})
        if token is not None:
            headers["Authorization"] = "Bearer " + token
        return requests.get(self.url + path, headers=headers, timeout=20, **kwargs)

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
